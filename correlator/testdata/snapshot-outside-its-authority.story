# A snapshot speaks of accesses as well: of a kind, a system, and whoever holds them.

policy {"Sources": {"vault://prod": {"Authority": {"Types": ["lease"], "Systems": ["vault/prod"], "Realms": ["vault/prod/entity"]}}}}
tick 08:59
09:00 vault://prod source.snapshot-begin - {"snapshotId": "s1", "kind": "membership", "scope": {"system": "vault/prod"}, "startedAt": "@09:00"}
> raised OV-025 r1 critical facets=1/1: vault://prod speaks outside its authority (source-unauthorised): source.snapshot-begin of memberships is not among its types, first at 2026-03-02T09:00:00.000Z.
09:01 vault://prod source.snapshot-begin - {"snapshotId": "s2", "kind": "lease", "scope": {"system": "vault/prod"}, "startedAt": "@09:01"}
09:01 vault://prod source.snapshot-part - {"snapshotId": "s2", "index": 0, "items": [{"id": "L1", "subject": "ldap/corp/uid:alice", "scope": {"system": "vault/prod", "role": "reader"}}]}
> updated OV-025 r2 critical facets=2/2: vault://prod speaks outside its authority (source-unauthorised): source.snapshot-begin of memberships is not among its types, first at 2026-03-02T09:00:00.000Z.
09:02 vault://prod source.resumed - {"capabilities": {"realms": [{"name": "ldap/corp/uid", "shared": true}]}}
tick 09:03
