# A credential is rotated: L2 is a reissue of L1, then L1 is revoked as it should be. L2 lives on.
# DESIGN wants: OV-001 at 10:01:02 for L2, and no seal.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 vault://prod lease.issued alice {"leaseId": "L2", "scope": {"system": "db", "role": "reader"}, "parents": [{"kind": "lease", "id": "L1", "edge": "reissue"}]}
09:31 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
tick 10:00:58
tick 10:01:02
tick 10:05
tick 10:05:01
tick 10:05:04
tick 10:05:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@09:31:00/observed
tick 10:05:10
tick 10:05:14
tick 10:06:15
