# Vault's log lags beyond its settle time. The alert goes out provisional and names
# who is behind; when Vault's progress passes the deadline it is confirmed.

08:50 pam://x source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "10m"}}
08:50 vault://prod source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "10m"}}
tick 08:51
08:51 pam://x source.progress - {"through": "@08:51", "basis": "position"}
08:51 vault://prod source.progress - {"through": "@08:51", "basis": "position"}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@09:10", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:10:57 pam://x source.progress - {"through": "@09:10:57", "basis": "position"}
09:10:57 vault://prod source.progress - {"through": "@09:10:57", "basis": "position"}
tick 09:10:58
tick 09:11:00
09:11:01 pam://x source.progress - {"through": "@09:11:01", "basis": "position"}
tick 09:11:04
tick 09:11:05
> raised OV-001 r1 medium provisional facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T09:10:00.000Z of approval REQ-1 by bob. Provisional: vault://prod has not reported everything up to the deadline.
09:11:20 vault://prod source.progress - {"through": "@09:11:19", "basis": "position"}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T09:10:00.000Z of approval REQ-1 by bob.
tick 09:11:21
