# A token was granted, and the lease that came from it is on another scope. The extension of the approval covers
# the lease as well; a renewal within the extension carries nothing past the end.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "scopes": [{"system": "vault/prod", "role": "operator"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "T1", "scope": {"system": "vault/prod", "role": "operator"}, "credential": "token"}
09:06 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "parents": [{"kind": "lease", "id": "T1", "edge": "cascade"}]}
09:50 pam://x approval.extended alice {"approvalId": "REQ-1", "window": {"end": "@11:00", "endKind": "at"}}
tick 10:00:58
tick 10:01:02
10:30 vault://prod lease.renewed - {"leaseId": "L1"}
tick 11:00:58
tick 11:01:02
> raised OV-001 r1 high facets=2/2: alice still holds credential lease L1 on db as reader and 1 more past the end of the window at 2026-03-02T11:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
