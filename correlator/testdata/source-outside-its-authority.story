# The policy binds a ticket system to approvals of the database. It is taken over, and
# speaks for Vault: that alice's lease has ended, that bob is alice, that mallory may use
# the payroll. None of it has any effect. Each kind is told, once however often it is
# said, and what the ticket system may say it still says.

policy {"Sources": {"pam://x": {"Authority": {"Types": ["approval"], "Systems": ["db"], "Realms": ["", "pam/*"]}}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:10 pam://x access.probed - {"access": {"kind": "lease", "id": "L1", "source": "vault://prod"}, "result": "refused"}
> raised OV-025 r1 critical facets=1/1: pam://x speaks outside its authority (source-unauthorised): access.probed is not among its types, first at 2026-03-02T09:10:00.000Z.
09:10 pam://x access.probed - {"access": {"kind": "lease", "id": "L1", "source": "vault://prod"}, "result": "refused"}
09:11 pam://x directory.identity-linked bob {"other": "alice"}
> updated OV-025 r2 critical facets=2/2: pam://x speaks outside its authority (source-unauthorised): access.probed is not among its types, first at 2026-03-02T09:10:00.000Z.
09:12 pam://x approval.granted pam/u:mallory {"approvalId": "REQ-2", "requester": "pam/u:mallory", "scopes": [{"system": "payroll", "role": "admin"}], "window": {"start": "@09:00", "end": "@19:00", "endKind": "at"}}
09:13 pam://x approval.granted vault/e:1 {"approvalId": "REQ-3", "requester": "vault/e:1", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@19:00", "endKind": "at"}}
> updated OV-025 r3 critical facets=4/4: pam://x speaks outside its authority (source-unauthorised): access.probed is not among its types, first at 2026-03-02T09:10:00.000Z.
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:05 overstay://cli operator.confirmed - {"selector": {"rule": "OV-025"}, "by": "dora", "why": "taken off the net"}
> resolved OV-025 r4 critical facets=0/4: Confirmed by an operator: pam://x spoke outside its authority (source-unauthorised): access.probed is not among its types, first at 2026-03-02T09:10:00.000Z.
tick 10:06
10:07 pam://x access.probed - {"access": {"kind": "lease", "id": "L1", "source": "vault://prod"}, "result": "refused"}
> raised OV-025 r5 critical facets=1/4: pam://x speaks outside its authority (source-unauthorised): access.probed is not among its types, first at 2026-03-02T10:07:00.000Z.
tick 10:08
