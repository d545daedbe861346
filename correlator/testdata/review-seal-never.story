# Removed in time, added again five minutes after the window by somebody else. The chain of the window is over.
# DESIGN wants: sealed at 10:02:02 or so with directory=1@09:59:00, and not again.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
09:59 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
tick 10:02:02
10:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
tick 11:30
12:30 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
tick 12:31
tick 12:40
tick 12:40:01
tick 12:40:04
tick 12:40:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed directory=2@12:30:00/observed
tick 12:40:10
tick 12:40:14
tick 12:41:15
