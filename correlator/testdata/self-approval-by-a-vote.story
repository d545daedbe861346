# bob asks for two colleagues. One of them votes for it while it is pending, and the
# deciding vote is somebody else's: carol has approved what she may use herself.

policy {"Rules": {"OV-015": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.requested bob {"approvalId": "REQ-1", "requester": "bob", "consumers": ["alice", "carol"], "scopes": [{"system": "db", "role": "reader"}]}
09:01 pam://x approval.altered bob {"approvalId": "REQ-1", "approvers": [{"by": "carol", "decision": "approved"}]}
tick 09:01
09:02 pam://x approval.granted bob {"approvalId": "REQ-1", "approvers": [{"by": "dave", "decision": "approved"}], "window": {"start": "@09:02", "end": "@10:00", "endKind": "at"}}
tick 09:02
> raised OV-015 r1 high facets=1/1: carol approved REQ-1, which carol may use, at 2026-03-02T09:02:00.000Z: db as reader until 2026-03-02T10:00:00.000Z.
