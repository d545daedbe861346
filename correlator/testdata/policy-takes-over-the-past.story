# 90 s over, with a grace of 5 min: no finding. A stricter policy, hours later, takes over open findings only.
# No OV-001: it was closed and judged under the old policy.

policy {"Grace": {"Session": 300000000000, "Lease": 300000000000, "Membership": 300000000000}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
10:01:30 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
tick 10:10
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@10:01:30/observed
policy {"Grace": {"Session": 60000000000, "Lease": 60000000000, "Membership": 60000000000}}
tick 12:00
tick 12:00:01
tick 12:00:04
tick 12:00:07
tick 12:00:10
tick 12:00:14
tick 12:01:15
