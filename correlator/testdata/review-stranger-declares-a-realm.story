# A connector that has nothing to do with Vault declares Vault's realm as shared: alice and her entity fall apart, and nothing is told.
# DESIGN wants: OV-001 at 10:01:02.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted teleport:alice {"approvalId": "REQ-1", "requester": "teleport:alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.identity-linked teleport:alice {"other": "vault:1"}
09:05 vault://prod lease.issued vault:1 {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 http://mallory source.resumed - {"capabilities": {"realms": [{"name": "vault", "shared": true}]}}
09:40 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
tick 10:00:58
tick 10:01:02
tick 10:05
tick 10:05:01
tick 10:05:04
tick 10:05:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed
tick 10:05:10
tick 10:05:14
tick 10:06:15
