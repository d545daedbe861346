# A bulk revocation is read before the lease that it is about. The claim is kept, and
# counts for whatever it names, in whichever order the two arrive.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:30 vault://prod access.ended-before - {"before": "@09:30", "kind": "lease"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
> closed-unproven REQ-1 r1 assurance=claimed approval=1@10:00:00/observed credential=1@09:30:00/claimed
tick 10:01:02
tick 10:20
tick 10:20:01
tick 10:20:04
tick 10:20:07
tick 10:20:10
tick 10:20:14
tick 10:21:15
