# A Teleport session runs as root on a host, which no scope of the request names; but
# Teleport itself says that it was opened under the request. That grants.

tick 08:59
09:00 teleport://t approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "teleport/t", "role": "dba"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "teleport/t", "resource": "node/db1", "role": "root"}, "approvals": [{"id": "REQ-1", "assertedBy": "issuer"}]}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds session S1 on teleport/t node/db1 as root past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: teleport://t does not promise that its record is complete.
10:05 teleport://t session.ended alice {"sessionId": "S1"}
> resolved OV-001 r2 high facets=0/1: Over (observed at 2026-03-02T10:05:00.000Z): alice held session S1 on teleport/t node/db1 as root for 5m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:05:01
tick 10:06:30
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed session=1@10:05:00/observed
tick 10:06:36
tick 10:07:41
