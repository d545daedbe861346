# The tool does not say when the window ends. The access is not judged, and it is
# not covered for ever either: when the request expires, that is the end.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "endKind": "unknown"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:01:02
11:00 pam://x approval.expired - {"approvalId": "REQ-1"}
tick 11:00:58
tick 11:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T11:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
