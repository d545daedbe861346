# The lease would have ended with its window. A renewal carries it an hour past the
# end: told at the renewal as a forecast, and at the end as an extension that nobody
# approved.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
tick 09:04:58
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "expiry": {"kind": "exact", "at": "@09:55"}, "renewable": true}
tick 09:05:01
tick 09:49:58
09:50 vault://prod lease.renewed - {"leaseId": "L1", "expiry": {"kind": "exact", "at": "@11:00"}}
tick 09:50:02
> raised OV-003 r1 medium facets=1/1: alice holds credential lease L1 on db as reader until 2026-03-02T11:00:00.000Z, 1h beyond the end of the window of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
tick 10:00:58
tick 10:01:02
> resolved OV-003 r2 medium facets=0/0: No longer a forecast: it has outlived its window: alice was to hold credential lease L1 on db as reader until 2026-03-02T11:00:00.000Z, 1h beyond the end of the window of approval REQ-1 by bob.
> raised OV-019 r1 high facets=1/1: alice still holds credential lease L1 on db as reader, extended past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
10:30 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
> updated OV-019 r2 critical facets=1/1: alice still holds credential lease L1 on db as reader, extended past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
tick 11:00
> resolved OV-019 r3 critical facets=0/1: Over (scheduled at 2026-03-02T11:00:00.000Z): alice held credential lease L1 on db as reader, extended for 1h past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob.
> sealed REQ-1 r1 assurance=scheduled approval=1@10:00:00/observed credential=1@11:00:00/scheduled
tick 11:00:04
