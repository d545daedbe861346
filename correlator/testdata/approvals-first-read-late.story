# The approvals tool is read after the directory. That its record reaches back to
# before the membership has it judged once more: no approval names alice.

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:59
09:02 ldap://c directory.membership-added bob {"scope": {"system": "other", "role": "u"}}
09:10 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "r"}}
tick 09:10:05
09:00 pam://x approval.granted erin {"approvalId": "REQ-0", "requester": "erin", "scopes": [{"system": "elsewhere"}], "window": {"start": "@09:00", "end": "@12:00", "endKind": "at"}}
tick 09:12:02
> raised OV-005 r1 high facets=1/1: alice still holds membership of r in db without any approval since 2026-03-02T09:10:00.000Z. Unattested: ldap://c does not promise that its record is complete.
tick 09:20
tick 09:20:01
tick 09:20:04
tick 09:20:07
tick 09:20:10
tick 09:20:14
tick 09:21:15
