# Vault's connector claims once to have read up to tonight. Nobody has read what has
# not happened: the deadline waits for its true word, and a revocation comes with it.
# quiet: nothing but the seal.

08:50 vault://prod source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "1h"}}
tick 08:59
08:59 vault://prod source.progress - {"through": "@23:00", "basis": "position"}
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:06 vault://prod source.progress - {"through": "@09:06", "basis": "position"}
tick 10:00:58
tick 10:01:01
10:00:20 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
10:01:03 vault://prod source.progress - {"through": "@10:01:03", "basis": "position"}
tick 10:01:04
tick 10:01:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@10:00:20/observed
tick 10:01:10
tick 10:01:13
tick 10:01:17
tick 10:02:18
