# Teleport says S1 was opened under its own request 7. Alice also has number 7, for something else, in another tool, till noon.
# DESIGN wants: OV-001 at 10:01:02 under teleport 7.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 teleport://t approval.granted alice {"approvalId": "7", "requester": "alice", "scopes": [{"system": "teleport/t", "role": "dba"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:00 pam://x approval.granted alice {"approvalId": "7", "requester": "alice", "scopes": [{"system": "payroll", "role": "viewer"}], "window": {"start": "@09:00", "end": "@12:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "teleport/t", "resource": "node/db1", "role": "root"}, "approvals": [{"id": "7", "assertedBy": "issuer"}]}
tick 10:00:58
tick 10:01:02
tick 10:05
tick 10:05:01
tick 10:05:04
tick 10:05:07
tick 10:05:10
tick 10:05:14
tick 10:06:15
