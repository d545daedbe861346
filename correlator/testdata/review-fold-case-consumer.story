# A realm that folds case: the approval says Alice, the lease alice.
# DESIGN wants: OV-001 at 10:01:02.
# What the code gives today is recorded below ("# quiet" where that is nothing).

policy {"Realms": {"ad": {"Name": "ad", "FoldCase": true}}}
tick 08:59
09:00 pam://x approval.granted ad:Alice {"approvalId": "REQ-1", "requester": "ad:Alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued ad:alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
tick 10:03
tick 10:03:01
tick 10:03:04
tick 10:03:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed
tick 10:03:10
tick 10:03:14
tick 10:04:15
