# The correlator was down until half a minute after the window's end; the deadline
# falls into the minute in which connectors catch up. The session had ended in time.
# quiet: nothing but the seal.

tick 09:00
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "db", "role": "reader"}}
tick 09:30
down 10:00:30
tick 10:00:34
tick 10:00:38
tick 10:00:42
tick 10:00:46
tick 10:00:50
tick 10:00:54
tick 10:00:58
tick 10:01:02
09:55 teleport://t session.ended alice {"sessionId": "S1"}
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed session=1@09:55:00/observed
