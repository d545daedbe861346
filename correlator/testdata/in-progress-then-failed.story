# The grant was in progress and then failed: no access.
# Quiet but for the seal.
# quiet: nothing is said.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "effect": "in-progress", "operationId": "op1"}
09:06 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "effect": "failed", "operationId": "op1"}
tick 09:25
tick 10:00:58
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed
tick 10:01:02
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
