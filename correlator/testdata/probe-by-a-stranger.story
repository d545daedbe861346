# Any source may say of any access that a probe was refused: the alert resolves as verified.
# No effect, or quarantine: a source speaks for its own accesses unless policy lets it.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:05 http://mallory access.probed - {"access": {"kind": "lease", "id": "L1", "source": "vault://prod"}, "result": "refused"}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. An end was claimed at 2026-03-02T10:05:00.000Z and is not proven yet.
tick 10:05:02
tick 10:05:03
tick 10:05:06
tick 10:05:09
tick 10:05:12
tick 10:05:16
tick 10:06:17
