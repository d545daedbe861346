# A group is rewritten: alice is removed and added in one second. She is a member.
# Acts of one time fold in (source, id) order: she is in; OV-001 at 10:02:02.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
09:30 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
09:30 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
tick 10:01:58
tick 10:02:02
> raised OV-001 r1 high facets=1/1: alice still holds membership of reader in db past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: ldap://c does not promise that its record is complete.
tick 10:10
tick 10:10:01
tick 10:10:04
tick 10:10:07
tick 10:10:10
tick 10:10:14
tick 10:11:15
