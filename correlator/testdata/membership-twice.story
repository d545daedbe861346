# A member is removed in time and added again a quarter of an hour after the window:
# the first stretch is fine, the second nobody granted, and nobody watches the group.
# quiet: nothing but the seal.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "ldap/corp", "role": "cn=dba"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://corp directory.membership-added alice {"scope": {"system": "ldap/corp", "role": "cn=dba"}}
09:59 ldap://corp directory.membership-removed alice {"scope": {"system": "ldap/corp", "role": "cn=dba"}}
tick 10:02:02
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed directory=1@09:59:00/observed
10:15 ldap://corp directory.membership-added alice {"scope": {"system": "ldap/corp", "role": "cn=dba"}}
tick 10:30
tick 10:30:06
tick 10:31:11
