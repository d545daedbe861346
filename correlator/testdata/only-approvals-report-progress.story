# The approvals tool promises progress, Vault does not: that the lease did not end in
# time rests on nobody's word, and the alert says so.

08:50 pam://x source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "1h"}}
tick 08:59
08:59 pam://x source.progress - {"through": "@08:59", "basis": "position"}
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
10:01:02 pam://x source.progress - {"through": "@10:01:01", "basis": "position"}
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
