# The chain is over and sealed. A policy that comes into force later says nothing new
# about it, and there is no second seal.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:50 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
tick 10:00
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@09:50:00/observed
tick 10:01
tick 10:01:10
policy {"UnprovenAfter": 600000000000}
tick 10:02
tick 10:02:01
tick 10:02:04
tick 10:02:07
tick 10:02:10
tick 10:02:14
tick 10:03:15
