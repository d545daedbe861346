# A prober that the policy trusts tries leases at the database itself. Its refusal is the
# proof of an end, as if Vault had been refused itself.

policy {"Sources": {"probe://db": {"TrustProbes": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:05 probe://db access.probed - {"access": {"kind": "lease", "id": "L1", "source": "vault://prod"}, "result": "refused"}
> resolved OV-001 r2 high facets=0/1: Over (verified at 2026-03-02T10:05:00.000Z): alice held credential lease L1 on db as reader for 5m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:05:02
