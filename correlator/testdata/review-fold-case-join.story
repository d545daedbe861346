# A join that folds case works in one direction only.
# DESIGN wants: OV-001 at 10:01:02, as in the reverse.
# What the code gives today is recorded below ("# quiet" where that is nothing).

policy {"Joins": [{"Realms": ["ad", "vault"], "FoldCase": true}]}
tick 08:59
09:00 pam://x approval.granted vault:Dora {"approvalId": "REQ-1", "requester": "vault:Dora", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued ad:dora {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
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
