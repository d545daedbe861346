# A window of 290 years overflows and is none.
# DESIGN wants: quiet: the window covers.
# What the code gives today is recorded below ("# quiet" where that is nothing).

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "endKind": "at", "duration": "2540400h"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 09:05:58
tick 09:06:02
> raised OV-005 r1 high facets=1/1: alice still holds credential lease L1 on db as reader without any approval since 2026-03-02T09:05:00.000Z. Unattested: no source promises that its record is complete.
tick 09:06:03
tick 09:06:06
tick 09:06:09
tick 09:06:12
tick 09:06:16
tick 09:07:17
