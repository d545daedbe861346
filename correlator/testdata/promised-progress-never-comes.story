# A connector promises progress, never sends any, and goes on talking. It holds up
# what awaits it no longer than its settle time: the alert names it, and it is told
# that it is blind.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:00 pam://x approval.granted bob {"approvalId": "REQ-2", "requester": "bob", "scopes": [{"system": "db", "role": "writer"}], "window": {"start": "@09:00", "end": "@12:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 09:30
09:30 http://other source.resumed - {"capabilities": {"progress": true, "every": "1m"}}
09:30 http://other directory.identity-linked carol {"other": "vault:carol"}
tick 09:32
09:32 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:34
09:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:36
09:36 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:38
09:38 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:40
> raised OV-022 r1 high facets=1/1: http://other is blind since 2026-03-02T09:30:00.000Z (no progress from it) while open windows or accesses need it.
09:40 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:42
09:42 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:44
09:44 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:46
09:46 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:48
09:48 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:50
09:50 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:52
09:52 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:54
09:54 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:56
09:56 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 09:58
09:58 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:00
10:00 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:01:02
10:01:02 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:01:06
> raised OV-001 r1 medium provisional facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Provisional: http://other has not reported everything up to the deadline.
