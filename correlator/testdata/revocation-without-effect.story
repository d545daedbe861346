# Vault says revoked, and nobody looked. Ten minutes later the credential is used: the
# revocation had no effect. A second claim resolves nothing, since the first was not
# true either; the refused probe proves the end.

tick 08:59
09:05 vault://prod lease.issued alice {"leaseId": "L1", "credential": "dynamic", "scope": {"system": "db", "role": "reader"}}
10:00 vault://prod lease.revoked - {"leaseId": "L1"}
tick 10:00:01
10:00:30 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
tick 10:10
10:10 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
tick 10:10:04
tick 10:10:06
> raised OV-008 r1 critical facets=1/1: alice still holds dynamic lease L1 on db as reader although its end was claimed at 2026-03-02T10:00:00.000Z: it was used at 2026-03-02T10:10:00.000Z. Unattested: vault://prod does not promise that its record is complete.
10:20 vault://prod lease.revoked - {"leaseId": "L1"}
> updated OV-008 r2 critical facets=1/1: alice still holds dynamic lease L1 on db as reader although its end was claimed at 2026-03-02T10:00:00.000Z: it was used at 2026-03-02T10:10:00.000Z. An end was claimed at 2026-03-02T10:20:00.000Z and is not proven yet.
tick 11:00
11:00 vault://prod access.probed - {"access": {"kind": "lease", "id": "L1"}, "result": "refused"}
> resolved OV-008 r3 critical facets=0/1: Over (verified at 2026-03-02T11:00:00.000Z): alice held dynamic lease L1 on db as reader although its end was claimed at 2026-03-02T10:00:00.000Z: it was used at 2026-03-02T10:10:00.000Z.
