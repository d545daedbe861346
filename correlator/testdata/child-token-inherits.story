# A token is granted by the window; a child of it, and a lease of another scope taken
# with the child, inherit the window. The token's death ends both: they cascade.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "vault/prod", "role": "ops"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "T1", "credential": "token", "scope": {"system": "vault/prod", "role": "ops"}}
09:06 vault://prod lease.issued alice {"leaseId": "T2", "credential": "token", "scope": {"system": "vault/prod", "role": "child"}, "parents": [{"kind": "lease", "id": "T1", "edge": "cascade"}]}
09:07 vault://prod lease.issued alice {"leaseId": "L1", "credential": "dynamic", "scope": {"system": "vault/prod", "role": "database/creds/x"}, "parents": [{"kind": "lease", "id": "T2", "edge": "cascade"}]}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=3/3: alice still holds dynamic lease L1 on vault/prod as database/creds/x and 2 more past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:30 vault://prod lease.revoked - {"leaseId": "T1", "end": {"basis": "observed", "cause": "revoked"}}
> resolved OV-001 r2 high facets=0/3: Over (presumed at 2026-03-02T10:30:00.000Z): alice held dynamic lease L1 on vault/prod as database/creds/x and 2 more for 30m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:30:01
tick 10:40
> closed-unproven REQ-1 r1 assurance=presumed approval=1@10:00:00/observed credential=3@10:30:00/presumed
tick 10:40:06
tick 10:41:11
