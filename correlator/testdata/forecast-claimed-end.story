# The lease will outlive its window, and somebody says that it was revoked. The forecast is marked, and resolves
# as unproven when no sign of life came for 15 min.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
tick 09:04:58
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "expiry": {"kind": "exact", "at": "@12:00"}}
tick 09:05:02
> raised OV-003 r1 medium facets=1/1: alice holds credential lease L1 on db as reader until 2026-03-02T12:00:00.000Z, 2h beyond the end of the window of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
09:30 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "claimed"}}
> updated OV-003 r2 medium facets=1/1: alice holds credential lease L1 on db as reader until 2026-03-02T12:00:00.000Z, 2h beyond the end of the window of approval REQ-1. An end was claimed at 2026-03-02T09:30:00.000Z and is not proven yet.
tick 09:30:02
tick 09:30:03
tick 09:30:06
tick 09:30:09
tick 09:30:12
tick 09:30:16
tick 09:31:17
tick 09:44:58
tick 09:45:02
> resolved OV-003 r3 medium facets=0/0: Over, as claimed and not proven: alice was to hold credential lease L1 on db as reader until 2026-03-02T12:00:00.000Z, 2h beyond the end of the window of approval REQ-1.
