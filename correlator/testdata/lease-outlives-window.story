# A database role is approved for an hour. The lease that was taken under it is
# renewed by nobody and revoked by nobody; it is told a minute after the end,
# and resolves when Vault's server says that it is gone.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
tick 09:04
09:05 vault://prod lease.issued alice {"leaseId": "L1", "credential": "dynamic", "scope": {"system": "db", "role": "reader"}}
tick 09:30
tick 10:00
tick 10:00:59
tick 10:01:03
tick 10:01:08
11:00 vault://prod lease.expired - {"leaseId": "L1"}
tick 11:00:02
tick 11:00:05
tick 11:20
