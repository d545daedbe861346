# Both sources promise progress. At the deadline Vault's log lags: the alert waits
# for it, and the revocation that arrives within the settle time keeps it quiet.
# quiet: no alert; the seal is all there is to say.

08:50 pam://x source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "10m"}}
08:50 vault://prod source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "10m"}}
tick 08:51
08:51 pam://x source.progress - {"through": "@08:51", "basis": "position"}
08:51 vault://prod source.progress - {"through": "@08:51", "basis": "position"}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@09:10", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:10:30 pam://x source.progress - {"through": "@09:10:58", "basis": "position"}
09:10:30 vault://prod source.progress - {"through": "@09:10:25", "basis": "position"}
tick 09:10:58
tick 09:11:00
tick 09:11:01
09:11:01 pam://x source.progress - {"through": "@09:11:01", "basis": "position"}
tick 09:11:02
09:10:30 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
09:11:03 vault://prod source.progress - {"through": "@09:11:03", "basis": "position"}
tick 09:11:03
tick 09:11:08
> sealed REQ-1 r1 assurance=observed approval=1@09:10:00/observed credential=1@09:10:30/observed
09:12:08 pam://x source.progress - {"through": "@09:12:08", "basis": "position"}
09:12:08 vault://prod source.progress - {"through": "@09:12:08", "basis": "position"}
