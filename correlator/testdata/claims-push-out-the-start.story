# A lease outlives its window; somebody asks 130 times for its revocation and keeps using it.
# OV-001 stays; the use denies the claims and makes it critical; no seal.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:02:00 vault://prod lease.revoked - {"leaseId": "L1"}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. An end was claimed at 2026-03-02T10:02:00.000Z and is not proven yet.
10:02:02 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:04 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:06 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:08 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:10 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:12 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:14 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:16 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:18 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:20 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:22 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:24 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:26 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:28 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:30 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:32 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:34 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:36 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:38 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:40 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:42 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:44 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:46 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:48 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:50 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:52 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:54 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:56 vault://prod lease.revoked - {"leaseId": "L1"}
10:02:58 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:00 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:02 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:04 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:06 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:08 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:10 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:12 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:14 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:16 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:18 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:20 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:22 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:24 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:26 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:28 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:30 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:32 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:34 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:36 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:38 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:40 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:42 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:44 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:46 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:48 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:50 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:52 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:54 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:56 vault://prod lease.revoked - {"leaseId": "L1"}
10:03:58 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:00 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:02 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:04 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:06 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:08 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:10 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:12 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:14 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:16 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:18 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:20 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:22 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:24 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:26 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:28 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:30 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:32 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:34 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:36 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:38 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:40 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:42 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:44 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:46 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:48 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:50 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:52 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:54 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:56 vault://prod lease.revoked - {"leaseId": "L1"}
10:04:58 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:00 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:02 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:04 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:06 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:08 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:10 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:12 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:14 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:16 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:18 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:20 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:22 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:24 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:26 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:28 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:30 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:32 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:34 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:36 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:38 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:40 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:42 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:44 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:46 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:48 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:50 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:52 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:54 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:56 vault://prod lease.revoked - {"leaseId": "L1"}
10:05:58 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:00 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:02 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:04 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:06 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:08 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:10 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:12 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:14 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:16 vault://prod lease.revoked - {"leaseId": "L1"}
10:06:18 vault://prod lease.revoked - {"leaseId": "L1"}
10:20 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
> updated OV-001 r3 critical facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:40
> raised OV-008 r1 critical facets=1/1: alice still holds credential lease L1 on db as reader although its end was claimed at 2026-03-02T10:02:00.000Z: it was used at 2026-03-02T10:20:00.000Z. Unattested: vault://prod does not promise that its record is complete.
tick 10:40:01
tick 10:40:04
tick 10:40:07
tick 10:40:10
tick 10:40:14
tick 10:41:15
