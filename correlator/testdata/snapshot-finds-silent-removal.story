# The directory's referential integrity rewrites a group without telling. The next
# full scan shows that the membership is gone; the alert resolves as observed, in
# the time between the two scans.

08:50 ldap://corp source.resumed - {"coverage": "@08:50", "capabilities": {}}
08:50 ldap://corp source.snapshot-begin - {"snapshotId": "s1", "kind": "membership", "scope": {"system": "ldap/corp"}, "startedAt": "@08:50"}
08:50 ldap://corp source.snapshot-end - {"snapshotId": "s1", "parts": 0, "count": 0, "hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "endedAt": "@08:50"}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "ldap/corp", "role": "cn=dba"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://corp directory.membership-added alice {"scope": {"system": "ldap/corp", "role": "cn=dba"}}
tick 10:01:58
tick 10:02:02
> raised OV-001 r1 high facets=1/1: alice still holds membership of cn=dba in ldap/corp past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: ldap://corp does not promise that its record is complete.
10:10 ldap://corp source.snapshot-begin - {"snapshotId": "s2", "kind": "membership", "scope": {"system": "ldap/corp"}, "startedAt": "@10:10"}
10:10 ldap://corp source.snapshot-end - {"snapshotId": "s2", "parts": 0, "count": 0, "hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "endedAt": "@10:10"}
> resolved OV-001 r2 high facets=0/1: Over (observed: gone between 2026-03-02T09:01:00.000Z and 2026-03-02T10:10:00.000Z): alice held membership of cn=dba in ldap/corp for 10m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:10:01
tick 10:20
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed directory=1@10:10:00/observed
tick 10:20:06
tick 10:21:11
