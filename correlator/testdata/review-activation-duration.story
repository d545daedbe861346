# Approved for one hour from activation; the activation event names no window.
# DESIGN wants: a window from 09:00 to 10:00; OV-001 at 10:01:02.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
08:59 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"endKind": "at", "basis": "activation + duration", "duration": "1h"}}
09:00 pam://x approval.activated alice {"approvalId": "REQ-1"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
tick 10:05
tick 10:05:01
tick 10:05:04
tick 10:05:07
tick 10:05:10
tick 10:05:14
tick 10:06:15
