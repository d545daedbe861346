# OV-001 was told. A directory joins that reports ten minutes late and has not got
# as far as the deadline. That takes nothing back.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:01:30 entra://t source.resumed - {"coverage": "@09:00", "capabilities": {"progress": true, "settle": "10m"}}
10:01:31 entra://t source.progress - {"through": "@09:30", "basis": "position"}
10:01:32 entra://t directory.identity-linked carol {"other": "vault:carol"}
10:01:40 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
> updated OV-001 r2 critical facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:01:42
tick 10:11:05
tick 10:11:06
tick 10:11:09
tick 10:11:12
tick 10:11:15
tick 10:11:19
tick 10:12:20
