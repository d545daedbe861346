# The record of a granted request is turned into a denied one.

policy {"Rules": {"OV-021": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "decidedBy": "bob", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
tick 09:30
09:30 pam://x approval.denied alice {"approvalId": "REQ-1", "decidedBy": "bob"}
> raised OV-021 r1 high facets=1/1: Approval REQ-1 was altered by bob at 2026-03-02T09:30:00.000Z: it was denied after it had been granted.
> resolved OV-021 r2 high facets=0/1: Over: approval REQ-1 was altered by bob at 2026-03-02T09:30:00.000Z: it was denied after it had been granted.
> sealed REQ-1 r1 assurance=observed approval=1@09:30:00/observed unseen=db
