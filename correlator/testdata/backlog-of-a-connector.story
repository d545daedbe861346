# A connector starts on a log that reaches back an hour, and needs a while to read it.
# It has said that it will report progress: nothing is said of it before it has, nor
# of what was over before it began. What is still open then is one alert.

10:59:58 pam://x approval.granted alice {"approvalId": "REQ-0", "requester": "alice", "scopes": [{"system": "none"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
tick 10:59:58
11:00 vault://prod source.resumed - {"coverage": "@09:00", "capabilities": {"progress": true, "every": "10s"}}
tick 11:00:01
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:06 vault://prod lease.issued alice {"leaseId": "L2", "scope": {"system": "db", "role": "reader"}}
09:07 vault://prod lease.issued alice {"leaseId": "L3", "scope": {"system": "db", "role": "reader"}}
tick 11:00:04
> sealed REQ-0 r1 assurance=observed approval=1@10:00:00/observed unseen=none
tick 11:00:08
10:30 vault://prod lease.expired - {"leaseId": "L1"}
tick 11:00:12
11:00:13 vault://prod source.progress - {"through": "@11:00:13", "basis": "position"}
> raised OV-001 r1 high facets=2/2: alice still holds credential lease L2 on db as reader and 1 more past the end of the window at 2026-03-02T10:00:00.000Z.
tick 11:00:14
11:05 vault://prod lease.expired - {"leaseId": "L2"}
11:06 vault://prod lease.expired - {"leaseId": "L3"}
> resolved OV-001 r2 high facets=0/2: Over (observed at 2026-03-02T11:05:00.000Z): alice held credential lease L2 on db as reader and 1 more for 1h5m past the end of the window at 2026-03-02T10:00:00.000Z.
tick 11:06:01
tick 11:06:07
tick 11:07:12
