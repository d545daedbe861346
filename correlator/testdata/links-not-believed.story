# A chat system links mallory to alice, whose approval would cover mallory's lease. What
# it says of identity is not believed; what the directory says is.

policy {"Sources": {"http://chat": {"Links": false}}, "Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 http://chat directory.identity-linked alice {"other": "mallory"}
09:02 ldap://c directory.identity-linked alice {"other": "a.smith"}
09:05 vault://prod lease.issued mallory {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:05 vault://prod lease.issued a.smith {"leaseId": "L2", "scope": {"system": "db", "role": "reader"}}
tick 09:05:58
tick 09:06:02
> raised OV-005 r1 high facets=1/1: mallory still holds credential lease L1 on db as reader without any approval since 2026-03-02T09:05:00.000Z. Unattested: vault://prod does not promise that its record is complete.
tick 09:10
