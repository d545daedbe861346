# A group is rewritten: alice is removed and added in one second. She is a member.
# DESIGN wants: acts of one time fold in (source, id) order: she is in; OV-001 at 10:02:02.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
09:30 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
09:30 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
tick 10:01:58
tick 10:02:02
tick 10:10
tick 10:10:01
tick 10:10:04
tick 10:10:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed directory=1@09:30:00/observed
tick 10:10:10
tick 10:10:14
tick 10:11:15
