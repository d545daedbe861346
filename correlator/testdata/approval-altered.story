# Somebody moves the end of a granted window, and then adds a scope, past the approver.
# Each alteration is told. An extension that goes its way is none of them.

policy {"Rules": {"OV-021": {"Enabled": true}, "OV-001": {"Enabled": false}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "decidedBy": "bob", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:20 pam://x approval.extended alice {"approvalId": "REQ-1", "decidedBy": "bob", "window": {"end": "@11:00", "endKind": "at"}}
tick 09:30
09:30 pam://x approval.altered alice {"approvalId": "REQ-1", "decidedBy": "mallory", "window": {"end": "@18:00", "endKind": "at"}}
> raised OV-021 r1 high facets=1/1: Approval REQ-1 was altered by mallory at 2026-03-02T09:30:00.000Z: its end moved from 2026-03-02T11:00:00.000Z to 2026-03-02T18:00:00.000Z; its approver changed from bob to mallory.
tick 09:40
09:40 pam://x approval.altered alice {"approvalId": "REQ-1", "actor": "mallory", "scopes": [{"system": "db", "role": "reader"}, {"system": "db", "role": "admin"}]}
> updated OV-021 r2 high facets=2/2: Approval REQ-1 was altered by mallory at 2026-03-02T09:30:00.000Z: its end moved from 2026-03-02T11:00:00.000Z to 2026-03-02T18:00:00.000Z; its approver changed from bob to mallory.
tick 18:00
> resolved OV-021 r3 high facets=0/2: Over: approval REQ-1 was altered by mallory at 2026-03-02T09:30:00.000Z: its end moved from 2026-03-02T11:00:00.000Z to 2026-03-02T18:00:00.000Z; its approver changed from bob to mallory.
> sealed REQ-1 r1 assurance=observed approval=1@18:00:00/observed unseen=db
