# The approval says Dora, the lease dora. That case does not count is said by a policy that comes after both, and
# holds for what was read before it.

tick 08:59
08:59 vault://prod directory.identity-linked vault:7 {"other": "ad:dora"}
09:00 pam://x approval.granted ad:Dora {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued vault:7 {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
policy {"Realms": {"ad": {"Name": "ad", "FoldCase": true}}}
tick 09:30
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: ad:Dora (as vault:7) still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
