# Two groups whose names give one id: leaving the one ends the other.
# DESIGN wants: OV-001 at 10:02:02 for a / b.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "resource": "a", "role": "b"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.membership-added alice {"scope": {"system": "db", "resource": "a", "role": "b"}}
09:02 ldap://c directory.membership-added alice {"scope": {"system": "db", "resource": "a b"}}
09:30 ldap://c directory.membership-removed alice {"scope": {"system": "db", "resource": "a b"}}
tick 10:01:58
tick 10:02:02
tick 10:10
tick 10:10:01
tick 10:10:04
tick 10:10:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed
tick 10:10:10
tick 10:10:14
tick 10:11:15
