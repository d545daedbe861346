# Control.
# DESIGN wants: (right; the control of review-approver-first-heard-late)
# What the code gives today is recorded below ("# quiet" where that is nothing).

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted erin {"approvalId": "REQ-0", "requester": "erin", "scopes": [{"system": "elsewhere"}], "window": {"start": "@09:00", "end": "@12:00", "endKind": "at"}}
09:02 ldap://c directory.membership-added bob {"scope": {"system": "other", "role": "u"}}
09:10 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "r"}}
tick 09:10:05
tick 09:12:02
tick 09:20
> raised OV-005 r1 high facets=1/1: alice still holds membership of r in db without any approval since 2026-03-02T09:10:00.000Z. Unattested: no source promises that its record is complete.
tick 09:20:01
tick 09:20:04
tick 09:20:07
tick 09:20:10
tick 09:20:14
tick 09:21:15
