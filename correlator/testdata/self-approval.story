# alice approves what she asked for herself. That is told at once, and is over when the
# window is.

policy {"Rules": {"OV-015": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.requested alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}]}
09:01 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "decidedBy": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:01", "end": "@10:00", "endKind": "at"}}
tick 09:01
> raised OV-015 r1 high facets=1/1: alice approved REQ-1, which alice asked for, at 2026-03-02T09:01:00.000Z: db as reader until 2026-03-02T10:00:00.000Z.
09:01 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "decidedBy": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:01", "end": "@10:00", "endKind": "at"}}
tick 09:59
tick 10:00
> resolved OV-015 r2 high facets=0/1: Over: alice approved REQ-1, which alice asked for, at 2026-03-02T09:01:00.000Z: db as reader until 2026-03-02T10:00:00.000Z.
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed unseen=db
