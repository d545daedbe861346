# A connector that has nothing to do with Vault declares Vault's ids shared by many.
# They are Vault's to declare: alice and her entity stay one person.

tick 08:59
09:00 pam://x approval.granted teleport:alice {"approvalId": "REQ-1", "requester": "teleport:alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.identity-linked teleport:alice {"other": "vault:1"}
09:05 vault://prod lease.issued vault:1 {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 http://mallory source.resumed - {"capabilities": {"realms": [{"name": "vault", "shared": true}]}}
09:40 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: teleport:alice (as vault:1) still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:05
tick 10:05:01
tick 10:05:04
tick 10:05:07
tick 10:05:10
tick 10:05:14
tick 10:06:15
