# The statement read last wins, not the later one: the story with the first two lines exchanged gives medium.
# Medium: the later statement (09:05) says revocable.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.renewed alice {"leaseId": "L1", "revocable": true}
09:04 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "expiry": {"kind": "exact", "at": "@12:00"}, "revocable": false}
tick 09:05:02
> raised OV-003 r1 medium facets=1/1: alice holds credential lease L1 on db as reader until 2026-03-02T12:00:00.000Z, 2h beyond the end of the window of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 09:06:10
tick 09:07:15
tick 09:07:16
tick 09:07:19
tick 09:07:22
tick 09:07:25
tick 09:07:29
tick 09:08:30
