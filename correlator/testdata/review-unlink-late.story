# Aliases in each record, an unlink in between that arrives last. The lease of 09:25 is alice's, as in order.
# DESIGN wants: OV-001 as in review-unlink-in-order.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted p:alice {"approvalId": "REQ-1", "requester": "p:alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:00 vault://prod lease.issued v:1 {"leaseId": "K0", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:10 vault://prod lease.issued v:1 {"leaseId": "K1", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:20 vault://prod lease.issued v:1 {"leaseId": "K2", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:30 vault://prod lease.issued v:1 {"leaseId": "K3", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:40 vault://prod lease.issued v:1 {"leaseId": "K4", "scope": {"system": "other"}, "aliases": ["p:alice"]}
09:25 vault://prod lease.issued v:1 {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:15 vault://prod directory.identity-unlinked v:1 {"other": "p:alice"}
tick 10:00:58
tick 10:01:02
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
