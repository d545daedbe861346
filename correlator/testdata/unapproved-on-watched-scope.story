# Nobody may be in this group without an approval. Somebody is added, and no approval
# comes; a minute later it is too late for one, though it ratifies.

policy {"Watched": [{"System": "ldap/corp", "Role": "cn=dba*"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:00
08:00 pam://x approval.granted erin {"approvalId": "REQ-0", "requester": "erin", "scopes": [{"system": "elsewhere"}], "window": {"start": "@08:00", "end": "@12:00", "endKind": "at"}}
tick 08:59:58
08:50 ldap://corp directory.membership-added bob {"scope": {"system": "ldap/corp", "role": "cn=users"}}
09:00 ldap://corp directory.membership-added alice {"scope": {"system": "ldap/corp", "role": "cn=dba,ou=groups"}}
tick 09:01:58
tick 09:02:02
> raised OV-005 r1 high facets=1/1: alice still holds membership of cn=dba,ou=groups in ldap/corp without any approval since 2026-03-02T09:00:00.000Z. Unattested: ldap://corp does not promise that its record is complete.
09:30 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "ldap/corp", "role": "cn=dba,ou=groups"}], "window": {"start": "@09:00", "end": "@11:00", "endKind": "at"}, "decidedBy": "bob", "decidedAt": "@09:30"}
> resolved OV-005 r2 high facets=0/1: Ratified after the fact: alice held membership of cn=dba,ou=groups in ldap/corp without any approval since 2026-03-02T09:00:00.000Z.
tick 09:30:01
