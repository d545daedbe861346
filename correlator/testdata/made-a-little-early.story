# Approved at 08:00 for 10:00 on; the tool makes the lease at 09:55. The window granted it, so it was never without
# approval.
# quiet

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 07:59
08:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@10:00", "end": "@11:00", "endKind": "at"}}
08:30 vault://prod lease.issued zed {"leaseId": "Z", "scope": {"system": "other"}}
09:55 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 09:55:58
tick 09:56:02
tick 09:56:03
tick 09:56:06
tick 09:56:09
tick 09:56:12
tick 09:56:16
tick 09:57:17
