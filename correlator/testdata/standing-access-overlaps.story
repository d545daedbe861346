# The membership is older than the window. It merely overlaps it: the window did not
# grant it, so that it goes on is not an overrun.
# quiet: nothing but the seal of a request under which nothing was issued.

tick 07:59
08:00 ldap://corp directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
tick 10:02:01
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed
tick 10:30
tick 10:30:06
tick 10:31:11
