# What changes a request before it is granted, a ticket, a vote, a review date, what
# repeats what was said, or says whose it is where the record did not know: none of it
# alters what was approved. Nor does an end that comes earlier by a revocation.

policy {"Rules": {"OV-021": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.requested alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 pam://x approval.altered alice {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "reader"}, {"system": "db", "role": "writer"}], "approvers": [{"by": "bob", "decision": "approved"}]}
09:02 pam://x approval.granted alice {"approvalId": "REQ-1", "decidedBy": "bob", "window": {"start": "@09:02", "end": "@18:00", "endKind": "at"}}
09:03 pam://x approval.altered alice {"approvalId": "REQ-1", "ticket": "CHG-1", "approvers": [{"by": "carol", "decision": "approved"}]}
09:04 pam://x approval.altered alice {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "writer"}, {"system": "db", "role": "reader"}], "window": {"start": "@09:02", "end": "@18:00", "endKind": "at"}}
09:05 pam://x approval.granted pam/request:REQ-2 {"approvalId": "REQ-2", "decidedBy": "bob", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:05", "end": "@18:00", "endKind": "at"}}
09:06 pam://x approval.altered pam/u:dora {"approvalId": "REQ-2", "requester": "pam/u:dora"}
09:07 pam://x approval.granted alice {"approvalId": "REQ-3", "requester": "alice", "decidedBy": "bob", "kind": "standing", "nextReview": "@12:00", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:07", "endKind": "never"}}
09:08 pam://x approval.altered alice {"approvalId": "REQ-3", "nextReview": "@15:00"}
09:30 pam://x approval.revoked alice {"approvalId": "REQ-1"}
tick 09:31
> sealed REQ-1 r1 assurance=observed approval=1@09:30:00/observed unseen=db
