# The same three leases; L1 is read last. L3 is lost.
# As in review-grandchild-in-order: facets=2/2.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "vault", "role": "ops"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:30 vault://prod lease.issued alice {"leaseId": "L2", "scope": {"system": "vault", "role": "ops"}, "parents": [{"kind": "lease", "id": "L1", "edge": "reissue"}]}
09:31 vault://prod lease.issued alice {"leaseId": "L3", "scope": {"system": "db", "role": "x"}, "parents": [{"kind": "lease", "id": "L2", "edge": "cascade"}]}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "vault", "role": "ops"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=2/2: alice still holds credential lease L1 on vault as ops and 1 more past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
