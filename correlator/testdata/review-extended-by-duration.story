# An extension by half an hour, said as a duration, must not be for ever.
# DESIGN wants: the window ends at 10:30 (old end + 30m); OV-001 at 10:31:02.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:50 pam://x approval.extended alice {"approvalId": "REQ-1", "window": {"endKind": "at", "duration": "30m"}}
tick 10:29
tick 10:31:02
tick 12:00
tick 12:00:01
tick 12:00:04
tick 12:00:07
tick 12:00:10
tick 12:00:14
tick 12:01:15
