# A granted window is cut short and loses a scope, without a revocation. That is told, low:
# nobody gains by it. What is dated back is not low.

policy {"Rules": {"OV-021": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "decidedBy": "bob", "scopes": [{"system": "db", "role": "reader"}, {"system": "db", "role": "writer"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
tick 09:30
09:30 pam://x approval.altered alice {"approvalId": "REQ-1", "actor": "bob", "scopes": [{"system": "db", "role": "reader"}], "window": {"end": "@09:45", "endKind": "at"}}
> raised OV-021 r1 low facets=1/1: Approval REQ-1 was altered by bob at 2026-03-02T09:30:00.000Z: its end moved from 2026-03-02T10:00:00.000Z to 2026-03-02T09:45:00.000Z; its scopes changed.
tick 09:40
09:40 pam://x approval.altered alice {"approvalId": "REQ-1", "actor": "bob", "decidedAt": "@09:00", "consumers": ["mallory"]}
> updated OV-021 r2 high facets=2/2: Approval REQ-1 was altered by bob at 2026-03-02T09:30:00.000Z: its end moved from 2026-03-02T10:00:00.000Z to 2026-03-02T09:45:00.000Z; its scopes changed.
