# Vault's connector has proven that it reports progress, and falls silent while a
# window is open. That is told: nobody would see a lease outlive it. It comes back.

08:50 vault://prod source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "10s"}}
tick 08:59:58
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@12:00", "endKind": "at"}}
09:00 vault://prod source.progress - {"through": "@09:00", "basis": "position"}
tick 09:00:01
tick 09:00:05
tick 09:00:10
tick 09:00:15
tick 09:00:20
tick 09:00:25
tick 09:00:30
tick 09:00:35
tick 09:00:40
tick 09:00:45
tick 09:00:50
tick 09:00:55
tick 09:01:00
> raised OV-022 r1 high facets=1/1: vault://prod is blind since 2026-03-02T08:59:58.000Z (no word from it) while open windows or accesses need it.
tick 09:01:05
09:01:06 vault://prod source.progress - {"through": "@09:01:06", "basis": "position"}
> resolved OV-022 r2 high facets=0/0: Heard again: vault://prod was blind since 2026-03-02T08:59:58.000Z (no word from it) while open windows or accesses needed it.
tick 09:01:07
