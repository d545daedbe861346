# Removed in time, and added again five minutes after the window by somebody else. The
# chain of the window is over, and sealed while the second membership is still held.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
09:59 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
tick 10:02:02
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed directory=1@09:59:00/observed
10:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
tick 11:30
12:30 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
tick 12:31
tick 12:40
tick 12:40:01
tick 12:40:04
tick 12:40:07
tick 12:40:10
tick 12:40:14
tick 12:41:15
