# Down from 09:30 to 10:30; the second tick after the start is 6 s late, as on a busy machine. Catch-up is forgotten.
# DESIGN wants: quiet but for the seal: no absence before 10:31:00.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 09:29:58
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "db", "role": "reader"}}
tick 09:30
tick 10:30
tick 10:30:06
09:40 teleport://t access.used - {"access": {"kind": "session", "id": "S1"}}
> raised OV-001 r1 high facets=1/1: alice still holds session S1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: no source promises that its record is complete.
09:55 teleport://t session.ended alice {"sessionId": "S1"}
> retracted OV-001 r2 high facets=0/0: Withdrawn: alice still holds session S1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. A fact that reached us late (session.ended at 2026-03-02T09:55:00.000Z) shows that it was not so.
tick 10:30:07
tick 10:30:10
tick 10:30:13
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed session=1@09:55:00/observed
tick 10:30:16
tick 10:30:20
tick 10:31:21
