# Two groups whose resource and role read alike when they are put side by side. Alice leaves the one, and still
# holds the other.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "resource": "a", "role": "b"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.membership-added alice {"scope": {"system": "db", "resource": "a", "role": "b"}}
09:02 ldap://c directory.membership-added alice {"scope": {"system": "db", "resource": "a b"}}
09:30 ldap://c directory.membership-removed alice {"scope": {"system": "db", "resource": "a b"}}
tick 10:01:58
tick 10:02:02
> raised OV-001 r1 high facets=1/1: alice still holds membership of a b in db past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: ldap://c does not promise that its record is complete.
tick 10:10
tick 10:10:01
tick 10:10:04
tick 10:10:07
tick 10:10:10
tick 10:10:14
tick 10:11:15
