# Disabled (told), enabled again (resolved), disabled again: the first alert was right and must not be called false.
# R2 resolved stands; r3 is raised at 09:55:02. Nothing is withdrawn.

policy {"Offboarding": {"Realms": ["ldap"], "After": 900000000000}, "Rules": {"OV-012": {"Enabled": true}}, "Links": [{"A": "ldap:dora", "B": "ldap:dora-adm"}, {"A": "ldap:dora", "B": "vault:dora"}]}
tick 08:00
08:05 vault://prod lease.issued vault:dora {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:00 ldap://c directory.account-disabled ldap:dora {}
tick 09:14:58
tick 09:15:02
> raised OV-012 r1 critical facets=1/1: vault:dora still holds credential lease L1 on db as reader although ldap:dora was closed at 2026-03-02T09:00:00.000Z. Unattested: vault://prod does not promise that its record is complete.
09:30 ldap://c directory.account-enabled ldap:dora {}
> resolved OV-012 r2 critical facets=0/1: The account was enabled again: vault:dora held credential lease L1 on db as reader although ldap:dora was closed at 2026-03-02T09:00:00.000Z.
tick 09:35
09:40 ldap://c directory.account-disabled ldap:dora {}
tick 09:40:05
tick 09:54:58
tick 09:55:02
> raised OV-012 r3 critical facets=1/2: vault:dora still holds credential lease L1 on db as reader and 1 more although ldap:dora was closed at 2026-03-02T09:40:00.000Z. Unattested: vault://prod does not promise that its record is complete.
tick 09:55:03
tick 09:55:06
tick 09:55:09
tick 09:55:12
tick 09:55:16
tick 09:56:17
