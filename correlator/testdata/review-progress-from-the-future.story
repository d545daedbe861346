# Vault's connector once said a wrong, later time. From then on nothing waits for it: the revocation of 10:00:20 is on its way.
# DESIGN wants: quiet but for the seal: a claim about the future proves nothing.
# What the code gives today is recorded below ("# quiet" where that is nothing).

08:50 vault://prod source.resumed - {"coverage": "@08:50", "capabilities": {"progress": true, "every": "10m"}}
tick 08:59
08:59 vault://prod source.progress - {"through": "@23:00", "basis": "position"}
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:06 vault://prod source.progress - {"through": "@09:06", "basis": "position"}
tick 10:00:58
tick 10:01:01
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
10:00:20 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
> retracted OV-001 r2 high facets=0/0: Withdrawn: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. A fact that reached us late (lease.revoked at 2026-03-02T10:00:20.000Z) shows that it was not so.
10:01:03 vault://prod source.progress - {"through": "@10:01:03", "basis": "position"}
tick 10:01:04
tick 10:01:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@10:00:20/observed
tick 10:01:10
tick 10:01:13
tick 10:01:17
tick 10:02:18
