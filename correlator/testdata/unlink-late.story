# Each record names the person as well. That the link was taken back at 09:15 is read last; the record of 09:20
# linked the two again, so that the lease of 09:25 is alice's, as it is when all comes in order.

tick 08:59
09:00 pam://x approval.granted p:alice {"approvalId": "REQ-1", "requester": "p:alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:00 vault://prod lease.issued v:1 {"leaseId": "K0", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:10 vault://prod lease.issued v:1 {"leaseId": "K1", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:20 vault://prod lease.issued v:1 {"leaseId": "K2", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:30 vault://prod lease.issued v:1 {"leaseId": "K3", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:40 vault://prod lease.issued v:1 {"leaseId": "K4", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:25 vault://prod lease.issued v:1 {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:15 vault://prod directory.identity-unlinked v:1 {"other": "p:alice"}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: p:alice (as v:1) still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
