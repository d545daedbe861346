# A PAM says that it has taken alice out of the group. The directory's scan shows her in
# it: only the directory's own word ends that.

tick 08:58
08:59 ldap://corp source.snapshot-begin - {"snapshotId": "s0", "kind": "membership", "scope": {"system": "ldap/corp"}, "startedAt": "@08:59"}
08:59 ldap://corp source.snapshot-end - {"snapshotId": "s0", "parts": 0, "count": 0, "hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "endedAt": "@08:59"}
09:00 ldap://corp directory.membership-added alice {"scope": {"system": "ldap/corp", "role": "cn=dba"}}
10:00 ldap://corp directory.membership-removed alice {"scope": {"system": "ldap/corp", "role": "cn=dba"}, "end": {"basis": "claimed"}}
tick 10:30
10:30 ldap://corp source.snapshot-begin - {"snapshotId": "s1", "kind": "membership", "scope": {"system": "ldap/corp"}, "startedAt": "@10:30"}
10:30 ldap://corp source.snapshot-part - {"snapshotId": "s1", "index": 0, "items": [{"subject": "alice", "scope": {"system": "ldap/corp", "role": "cn=dba"}}]}
10:30 ldap://corp source.snapshot-end - {"snapshotId": "s1", "parts": 1, "count": 1, "hash": "ee663d131a4deb202f1418dbaa10555d51bd4a1045b18fd8d059a8238da8ca78", "endedAt": "@10:30"}
tick 10:30:06
> raised OV-008 r1 critical facets=1/1: alice still holds membership of cn=dba in ldap/corp although its end was claimed at 2026-03-02T10:00:00.000Z: it was seen alive at 2026-03-02T10:30:00.000Z. Unattested: ldap://corp does not promise that its record is complete.
tick 11:00
11:00 ldap://corp directory.membership-removed alice {"scope": {"system": "ldap/corp", "role": "cn=dba"}}
> resolved OV-008 r2 critical facets=0/1: Over (observed at 2026-03-02T11:00:00.000Z): alice held membership of cn=dba in ldap/corp although its end was claimed at 2026-03-02T10:00:00.000Z: it was seen alive at 2026-03-02T10:30:00.000Z.
