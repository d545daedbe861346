# Teleport's alice and Vault's entity are one person, which a directory tells only
# after the window is over. The alert comes with the link, and goes
# when the directory takes the link back as of its beginning.

tick 08:59
09:00 teleport://t approval.granted teleport/user:alice {"approvalId": "REQ-1", "requester": "teleport/user:alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued vault/entity:952c {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:01:02
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed
tick 10:20
10:20 ldap://corp directory.identity-linked teleport/user:alice {"other": "vault/entity:952c", "from": "@08:00"}
tick 10:20:01
tick 10:20:04
tick 10:20:08
> raised OV-001 r1 high facets=1/1: teleport/user:alice (as vault/entity:952c) still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:30 ldap://corp directory.identity-unlinked teleport/user:alice {"other": "vault/entity:952c", "from": "@08:00"}
> retracted OV-001 r2 high facets=0/0: Withdrawn: it was said that teleport/user:alice (as vault/entity:952c) still held credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. A fact that reached us late (directory.identity-unlinked at 2026-03-02T10:30:00.000Z) shows that it was not so.
tick 10:30:01
