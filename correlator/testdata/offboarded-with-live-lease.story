# The directory disables an account, and the policy calls that directory the word on
# who works here. A lease of the same person lives on; disabling ends nothing.

policy {"Offboarding": {"Realms": ["ldap/corp/uid"], "After": 900000000000}, "Rules": {"OV-012": {"Enabled": true}}, "Joins": [{"Realms": ["ldap/corp/uid", "vault/user"]}]}
tick 08:59
09:00 vault://prod lease.issued vault/user:dora {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 ldap://corp directory.account-disabled ldap/corp/uid:dora {}
tick 09:44:58
tick 09:45:02
> raised OV-012 r1 critical facets=1/1: vault/user:dora still holds credential lease L1 on db as reader although ldap/corp/uid:dora was closed at 2026-03-02T09:30:00.000Z. Unattested: vault://prod does not promise that its record is complete.
tick 09:46:10
10:00 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
> resolved OV-012 r2 critical facets=0/1: Over (observed at 2026-03-02T10:00:00.000Z): vault/user:dora held credential lease L1 on db as reader although ldap/corp/uid:dora was closed at 2026-03-02T09:30:00.000Z.
tick 10:00:01
