# At issue the expiry lay within the window. The approval is revoked early, and the lease ends within the grace:
# nothing was foreseeable, and nothing outlived.
# quiet

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
tick 09:04:58
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "expiry": {"kind": "exact", "at": "@09:55"}}
tick 09:05:02
09:30 pam://x approval.revoked - {"approvalId": "REQ-1"}
tick 09:30:02
09:30:20 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
tick 09:32
> sealed REQ-1 r1 assurance=observed approval=1@09:30:00/observed credential=1@09:30:20/observed
tick 09:32:01
tick 09:32:04
tick 09:32:07
tick 09:32:10
tick 09:32:14
tick 09:33:15
