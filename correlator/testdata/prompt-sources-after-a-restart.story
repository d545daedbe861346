# The correlator was down while alice's window ended. Both sources report past the
# restart after ten seconds: there is nothing left to wait for, and the overrun is
# told, confirmed, before the minute is over.

tick 08:50
08:50 pam://x source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "1h"}}
08:50 vault://prod source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "1h"}}
08:51 pam://x source.progress - {"through": "@08:51", "basis": "position"}
08:51 vault://prod source.progress - {"through": "@08:51", "basis": "position"}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 09:30
down 10:30
tick 10:30:10
10:30:10 pam://x source.progress - {"through": "@10:30:10", "basis": "position"}
10:30:10 vault://prod source.progress - {"through": "@10:30:10", "basis": "position"}
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:30:20
