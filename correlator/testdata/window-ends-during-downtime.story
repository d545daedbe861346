# The correlator was down from 09:30 to 10:30 while a window ended at 10:00. The
# session had ended at 09:55, and its connector catches up half a minute after the
# restart. No absence is told before that.
# quiet: nothing but the seal.

tick 09:00
09:00 teleport://t source.resumed - {"coverage": "@09:00", "capabilities": {"progress": true, "every": "20m"}}
09:00 teleport://t source.progress - {"through": "@09:00", "basis": "position"}
09:00 teleport://t approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "teleport/t", "role": "dba"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:10 teleport://t session.started alice {"sessionId": "S1", "scope": {"system": "teleport/t", "role": "dba"}}
09:29:58 teleport://t source.progress - {"through": "@09:29:58", "basis": "position"}
tick 09:30
down 10:30
tick 10:30:04
tick 10:30:08
tick 10:30:30
09:55 teleport://t session.ended alice {"sessionId": "S1"}
10:30:31 teleport://t source.progress - {"through": "@10:30:31", "basis": "position"}
tick 10:30:32
tick 10:32
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed session=1@09:55:00/observed
