# Revoking is done in the background: a use within the grace denies nothing. Nor does
# one that the clocks may put before the claim, nor one that happened before it and is
# read late, nor life under an id that was issued anew, nor a failure that the source
# reports itself, which is OV-009's.
# Nothing is told but the revocation that failed.

tick 08:59
09:00 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:00 vault://prod lease.issued alice {"leaseId": "L2", "scope": {"system": "db", "role": "writer"}}
09:00 vault://prod lease.issued alice {"leaseId": "L3", "scope": {"system": "db", "role": "admin"}}
09:00 vault://prod lease.issued alice {"leaseId": "L4", "scope": {"system": "db", "role": "owner"}}
10:00 vault://prod lease.revoked - {"leaseId": "L1"}
10:00 vault://prod lease.revoked - {"leaseId": "L2"}
10:00 vault://prod lease.revoked - {"leaseId": "L3"}
10:00 vault://prod lease.revoked - {"leaseId": "L4"}
tick 10:00:30
10:00:30 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
10:00 vault://prod lease.revoked - {"leaseId": "L1"}
tick 10:05
09:59:59 vault://prod access.used - {"access": {"kind": "lease", "id": "L2"}}
10:05 db://audit access.used - {"access": {"kind": "lease", "id": "L2", "source": "vault://prod"}, "timeQuality": {"uncertainty": "5m"}}
10:04 vault://prod lease.issued alice {"leaseId": "L3", "scope": {"system": "db", "role": "admin"}}
10:05 vault://prod access.used - {"access": {"kind": "lease", "id": "L3"}}
10:04 vault://prod lease.revocation-failed - {"leaseId": "L4", "error": "connection refused"}
> raised OV-009 r1 high facets=1/1: credential lease L4 on db as owner could not be revoked from alice at 2026-03-02T10:04:00.000Z (connection refused).
10:05 vault://prod access.used - {"access": {"kind": "lease", "id": "L4"}}
> updated OV-009 r2 critical facets=1/1: credential lease L4 on db as owner could not be revoked from alice at 2026-03-02T10:04:00.000Z (connection refused).
tick 10:30
