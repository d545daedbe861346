# A window of 290 years. It is longer than the clock can count, and it covers.
# quiet

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "endKind": "at", "duration": "2540400h"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 09:05:58
tick 09:06:02
tick 09:06:03
tick 09:06:06
tick 09:06:09
tick 09:06:12
tick 09:06:16
tick 09:07:17
