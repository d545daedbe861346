# OV-001 was right; half an hour later the lease is renewed. OV-019 takes over.
# OV-001 resolves (it passes into OV-019); it was true, so it is not withdrawn.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:30 vault://prod lease.renewed - {"leaseId": "L1", "expiry": {"kind": "exact", "at": "@12:00"}}
> resolved OV-001 r2 high facets=0/0: Told by another alert from here on: alice still held credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
> raised OV-019 r1 high facets=1/1: alice still holds credential lease L1 on db as reader, extended past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:30:05
tick 10:30:06
tick 10:30:09
tick 10:30:12
tick 10:30:15
tick 10:30:19
tick 10:31:20
