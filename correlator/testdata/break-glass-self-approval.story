# Break-glass is no excuse unless the policy says so.

policy {"Rules": {"OV-015": {"Enabled": true}}}
tick 08:59
09:10 pam://x approval.granted dora {"approvalId": "REQ-2", "requester": "dora", "decidedBy": "dora", "kind": "break-glass", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:10", "end": "@10:00", "endKind": "at"}}
tick 09:10
> raised OV-015 r1 high facets=1/1: dora approved REQ-2, which dora asked for, at 2026-03-02T09:10:00.000Z: db as reader until 2026-03-02T10:00:00.000Z.
