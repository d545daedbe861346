# A connector declares that it reports progress, never does, and goes on talking. Nothing that awaits it is ever told, here for ten minutes.
# DESIGN wants: OV-001 at 10:01:06 at the latest, provisional, naming http://other; OV-022 for it.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 http://other source.resumed - {"capabilities": {"progress": true, "every": "10s"}}
09:30 http://other directory.identity-linked carol {"other": "vault:carol"}
tick 10:00:03
10:00:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:00:33
10:00:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:01:03
10:01:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:01:33
10:01:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:02:03
10:02:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:02:33
10:02:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:03:03
10:03:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:03:33
10:03:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:04:03
10:04:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:04:33
10:04:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:05:03
10:05:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:05:33
10:05:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:06:03
10:06:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:06:33
10:06:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:07:03
10:07:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:07:33
10:07:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:08:03
10:08:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:08:33
10:08:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:09:03
10:09:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:09:33
10:09:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:10:03
10:10:04 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:10:33
10:10:34 http://other access.used - {"access": {"kind": "session", "id": "S9"}}
tick 10:10:35
tick 10:10:38
tick 10:10:41
tick 10:10:44
tick 10:10:48
tick 10:11:49
> raised OV-001 r1 medium provisional facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Provisional: http://other has not reported up to the deadline.
