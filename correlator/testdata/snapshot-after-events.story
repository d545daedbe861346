# A directory is known by its events, and something unapproved is told. Its nightly
# scan, which sees the same member, does not make that older than its record.

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:00
08:00 pam://x approval.granted erin {"approvalId": "REQ-0", "requester": "erin", "scopes": [{"system": "elsewhere"}], "window": {"start": "@08:00", "end": "@12:00", "endKind": "at"}}
08:50 ldap://c directory.membership-added bob {"scope": {"system": "other", "role": "u"}}
09:00 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "r"}}
tick 09:01:58
tick 09:02:02
> raised OV-005 r1 high facets=1/1: alice still holds membership of r in db without any approval since 2026-03-02T09:00:00.000Z. Unattested: ldap://c does not promise that its record is complete.
10:10 ldap://c source.snapshot-begin - {"snapshotId": "s1", "kind": "membership", "scope": {"system": "db"}, "startedAt": "@10:10"}
10:10 ldap://c source.snapshot-part - {"snapshotId": "s1", "index": 0, "items": [{"id": "", "subject": "alice", "scope": {"system": "db", "role": "r"}}]}
10:10 ldap://c source.snapshot-end - {"snapshotId": "s1", "parts": 1, "count": 1, "hash": "2f9ad8df155a665cd31e2e68d783d101c8e8a6ba666e39a4c2a30bfb0733109c", "endedAt": "@10:10"}
tick 10:10:02
tick 10:10:03
tick 10:10:06
tick 10:10:09
tick 10:10:12
tick 10:10:16
tick 10:11:17
