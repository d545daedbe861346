# The alteration reaches us before the grant that it alters: then it is of a request, and
# said once the grant is known. A third that says the same earlier takes its place.

policy {"Rules": {"OV-021": {"Enabled": true}}}
tick 09:30
09:20 pam://x approval.altered alice {"approvalId": "REQ-1", "actor": "mallory", "scopes": [{"system": "db", "role": "admin"}]}
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "decidedBy": "bob", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@18:00", "endKind": "at"}}
> raised OV-021 r1 high facets=1/1: Approval REQ-1 was altered by mallory at 2026-03-02T09:20:00.000Z: its scopes changed.
tick 09:31
09:10 pam://x approval.altered alice {"approvalId": "REQ-1", "actor": "bob", "decidedBy": "bob", "scopes": [{"system": "db", "role": "admin"}]}
tick 09:32
