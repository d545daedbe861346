# The use is read before the reissue that explains it. Within the settle time nothing
# is said; beyond it the alert is withdrawn.

tick 08:59
09:00 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:00 vault://prod lease.issued bob {"leaseId": "L2", "scope": {"system": "db", "role": "reader"}}
10:00 vault://prod lease.revoked - {"leaseId": "L1"}
10:00 vault://prod lease.revoked - {"leaseId": "L2"}
tick 10:10
10:09 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
10:09 vault://prod access.used - {"access": {"kind": "lease", "id": "L2"}}
tick 10:10:04
10:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:10:06
> raised OV-008 r1 critical facets=1/1: bob still holds credential lease L2 on db as reader although its end was claimed at 2026-03-02T10:00:00.000Z: it was used at 2026-03-02T10:09:00.000Z. Unattested: vault://prod does not promise that its record is complete.
10:05 vault://prod lease.issued bob {"leaseId": "L2b", "scope": {"system": "db", "role": "reader"}, "parents": [{"kind": "lease", "id": "L2", "edge": "reissue"}]}
> retracted OV-008 r2 critical facets=0/0: Withdrawn: it was said that bob still held credential lease L2 on db as reader although its end was claimed at 2026-03-02T10:00:00.000Z: it was used at 2026-03-02T10:09:00.000Z. A fact that reached us late (lease.issued at 2026-03-02T10:05:00.000Z) shows that it was not so.
tick 10:20
