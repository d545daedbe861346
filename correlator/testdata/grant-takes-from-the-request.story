# The grant says no more than that REQ-1 was approved: for whom, what and until when is in the request.

tick 08:58
08:59 pam://x approval.requested alice {"approvalId": "REQ-1", "consumers": ["vault:alice"], "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at", "basis": "requested"}}
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "decidedBy": "bob"}
09:05 vault://prod lease.issued vault:alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: vault:alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
