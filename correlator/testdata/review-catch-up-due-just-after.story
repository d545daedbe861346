# Down from 09:30 to 10:00:30. The window ended at 10:00; due 10:01, within catch-up. The end of 09:55 arrives at 10:01:10.
# DESIGN wants: quiet but for the seal: no absence before 10:01:30.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 09:00
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "db", "role": "reader"}}
tick 09:00:04
tick 10:00:30
tick 10:00:34
tick 10:00:38
tick 10:00:42
tick 10:00:46
tick 10:00:50
tick 10:00:54
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds session S1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: no source promises that its record is complete.
09:55 teleport://t session.ended alice {"sessionId": "S1"}
> retracted OV-001 r2 high facets=0/0: Withdrawn: alice still holds session S1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. A fact that reached us late (session.ended at 2026-03-02T09:55:00.000Z) shows that it was not so.
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
