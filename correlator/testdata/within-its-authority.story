# A source that keeps to what it may speak of, patterns included. What it says of itself
# (progress, that it resumed) needs no leave, and its own snapshot is of what it may say.
# quiet

policy {"Sources": {"vault://prod": {"Authority": {"Types": ["lease", "access.used"], "Systems": ["vault/*"], "Realms": ["vault/prod/*", "ldap/corp/uid"], "Sources": ["pam://x"]}}}}
tick 08:59
09:00 vault://prod source.resumed - {"coverage": "@08:00", "capabilities": {"progress": true, "realms": [{"name": "vault/prod/entity", "immutable": true}]}}
09:01 vault://prod lease.issued vault/prod/entity:1 {"leaseId": "L1", "scope": {"system": "vault/prod", "role": "reader"}, "aliases": ["ldap/corp/uid:alice"]}
09:02 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
09:03 vault://prod access.used - {"access": {"kind": "session", "id": "S1", "source": "pam://x"}}
09:04 vault://prod lease.revoked - {"leaseId": "L1"}
09:05 vault://prod source.progress - {"through": "@09:05", "basis": "position"}
tick 09:05:30
