# A file of yesterday's events is pushed in one go: a lease, its window long over,
# and only then its end, which was in time. Late facts come in company: nothing is
# said before the company has arrived.
# quiet: nothing but the seal.

tick 12:00
tick 12:00:02
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 12:00:04
09:58 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
tick 12:00:09
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@09:58:00/observed
tick 12:00:15
tick 12:01:20
