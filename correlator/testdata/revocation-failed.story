# Vault could not revoke a lease at its database. That is a report, not an absence:
# it is told at once, and over when the lease is seen to be gone.

tick 08:59
09:00 vault://prod lease.issued alice {"leaseId": "L1", "credential": "dynamic", "scope": {"system": "db", "role": "reader"}}
09:30 vault://prod lease.revocation-failed - {"leaseId": "L1", "error": "connection refused", "final": true}
tick 09:31
> raised OV-009 r1 high facets=1/1: dynamic lease L1 on db as reader could not be revoked from alice at 2026-03-02T09:30:00.000Z (connection refused).
10:00 vault://prod lease.expired - {"leaseId": "L1"}
> resolved OV-009 r2 high facets=0/1: Over (observed at 2026-03-02T10:00:00.000Z): dynamic lease L1 on db as reader could not be revoked from alice at 2026-03-02T09:30:00.000Z (connection refused).
tick 10:01
