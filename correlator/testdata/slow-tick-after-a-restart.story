# The correlator was down while the window ended, and the machine is so busy with the
# restart that the second tick comes late. Connectors have their minute all the same.
# quiet: nothing but the seal.

tick 09:29:58
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "db", "role": "reader"}}
tick 09:30
down 10:30
down 10:30:06
09:40 teleport://t access.used - {"access": {"kind": "session", "id": "S1"}}
09:55 teleport://t session.ended alice {"sessionId": "S1"}
tick 10:30:07
tick 10:30:10
tick 10:30:13
tick 10:30:16
tick 10:30:20
tick 10:31:21
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed session=1@09:55:00/observed
