# Two events of Vault's connector are lost on the way; one of them may be the end of
# the lease. What comes after them confirms nothing: the alert stays provisional until
# they arrive, and that the source has a hole is told by itself.

tick 08:50
08:50 vault://prod#1 source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "1h"}}
08:59 vault://prod#2 source.progress - {"through": "@08:59", "sequence": 2, "basis": "position"}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:00 pam://x approval.granted bob {"approvalId": "REQ-2", "requester": "bob", "scopes": [{"system": "db", "role": "writer"}], "window": {"start": "@09:00", "end": "@12:00", "endKind": "at"}}
09:05 vault://prod#3 lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:01:02
10:01:02 vault://prod#6 source.progress - {"through": "@10:01:01", "sequence": 6, "basis": "position"}
tick 10:01:10
> raised OV-001 r1 medium provisional facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Provisional: vault://prod has not reported everything up to the deadline.
> raised OV-022 r1 high facets=1/1: vault://prod is blind since 2026-03-02T10:01:02.000Z (a hole in its sequence) while open windows or accesses need it.
tick 10:02
09:30 vault://prod#4 access.used - {"access": {"kind": "lease", "id": "L1"}}
09:40 vault://prod#5 access.used - {"access": {"kind": "lease", "id": "L1"}}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
> resolved OV-022 r2 high facets=0/0: Heard again: vault://prod was blind since 2026-03-02T10:01:02.000Z (a hole in its sequence) while open windows or accesses needed it.
tick 10:02:10
