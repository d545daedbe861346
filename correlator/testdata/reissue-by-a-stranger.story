# A stranger says that a lease of its own is Vault's L1 issued again, and that it has
# ended. An access is its own source's: the stranger's is a child of it at most.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 http://mallory lease.issued alice {"leaseId": "X1", "scope": {"system": "db", "role": "reader"}, "parents": [{"kind": "lease", "id": "L1", "source": "vault://prod", "edge": "reissue"}]}
09:31 http://mallory lease.revoked - {"leaseId": "X1", "end": {"basis": "observed"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:01:10
