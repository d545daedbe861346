# Alice is taken off the approval half an hour before its end. Her cover ends then; bob, who takes over, is
# covered from then on.

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 pam://x approval.altered - {"approvalId": "REQ-1", "consumers": ["bob"]}
09:35 vault://prod lease.issued bob {"leaseId": "L2", "scope": {"system": "db", "role": "reader"}}
tick 09:30:58
tick 09:31:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T09:30:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 09:36:02
09:59 vault://prod lease.revoked - {"leaseId": "L2", "end": {"basis": "observed"}}
tick 10:01:02
