# The same probe, by a prober that nobody trusts yet: a claim. The policy that trusts it
# comes after it, and what it said is the proof from then on.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:05 probe://db access.probed - {"access": {"kind": "lease", "id": "L1", "source": "vault://prod"}, "result": "refused"}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. An end was claimed at 2026-03-02T10:05:00.000Z and is not proven yet.
tick 10:05:02
policy {"Sources": {"probe://db": {"TrustProbes": true}}}
tick 10:05:03
> resolved OV-001 r3 high facets=0/1: Over (verified at 2026-03-02T10:05:00.000Z): alice held credential lease L1 on db as reader for 5m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
