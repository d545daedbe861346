# A revoke was reported, but the credential is used afterwards: the claim is void,
# the alert stays open and becomes critical.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
10:10 vault://prod lease.revoked - {"leaseId": "L1"}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. An end was claimed at 2026-03-02T10:10:00.000Z and is not proven yet.
10:12 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
> updated OV-001 r3 critical facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
tick 10:26:03
> raised OV-008 r1 critical facets=1/1: alice still holds credential lease L1 on db as reader although its end was claimed at 2026-03-02T10:10:00.000Z: it was used at 2026-03-02T10:12:00.000Z. Unattested: vault://prod does not promise that its record is complete.
