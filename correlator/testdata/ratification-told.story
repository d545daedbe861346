# A lease outlives its window by half an hour; then somebody extends the approval as of its
# former end. OV-001 resolves as ratified, and the ratification is told itself.

policy {"Rules": {"OV-021": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "decidedBy": "bob", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
tick 10:30
10:30 pam://x approval.extended alice {"approvalId": "REQ-1", "decidedBy": "carol", "window": {"start": "@10:00", "end": "@11:00", "endKind": "at"}}
> resolved OV-001 r2 high facets=0/1: Ratified after the fact: alice held credential lease L1 on db as reader for 30m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by carol.
> raised OV-021 r1 high facets=1/1: alice held credential lease L1 on db as reader without cover from 2026-03-02T10:00:00.000Z to 2026-03-02T10:30:00.000Z, and approval REQ-1 by carol ratified it after the fact.
> resolved OV-021 r2 high facets=0/1: Ratified after the fact: alice held credential lease L1 on db as reader without cover from 2026-03-02T10:00:00.000Z to 2026-03-02T10:30:00.000Z, and approval REQ-1 by carol ratified it after the fact.
tick 10:31
