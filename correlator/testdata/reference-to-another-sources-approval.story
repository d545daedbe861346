# Teleport says that S1 was opened under its own request 7. Alice also has number 7 in another tool, for something
# else, till noon. The reference means the first, and its window is over.

tick 08:59
09:00 teleport://t approval.granted alice {"approvalId": "7", "requester": "alice", "scopes": [{"system": "teleport/t", "role": "dba"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:00 pam://x approval.granted alice {"approvalId": "7", "requester": "alice", "scopes": [{"system": "payroll", "role": "viewer"}], "window": {"start": "@09:00", "end": "@12:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "teleport/t", "resource": "node/db1", "role": "root"}, "approvals": [{"id": "7", "assertedBy": "issuer"}]}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds session S1 on teleport/t node/db1 as root past the end of the window at 2026-03-02T10:00:00.000Z of approval 7. Unattested: teleport://t does not promise that its record is complete.
tick 10:05
tick 10:05:01
tick 10:05:04
tick 10:05:07
tick 10:05:10
tick 10:05:14
tick 10:06:15
