# The approver goes by another name than the one who asked. That they are one person is
# read half an hour later, and told then. It was a mistake: the two never were one, and the
# alert is withdrawn. That a link ends today says nothing of the day on which it held.

policy {"Rules": {"OV-015": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted pam/u:alice {"approvalId": "REQ-1", "requester": "pam/u:alice", "decidedBy": "okta:a.smith", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@19:00", "endKind": "at"}}
tick 09:29
09:30 ldap://c directory.identity-linked pam/u:alice {"other": "okta:a.smith"}
> raised OV-015 r1 high facets=1/1: okta:a.smith approved REQ-1, which pam/u:alice asked for, the same person, at 2026-03-02T09:00:00.000Z: db as reader until 2026-03-02T19:00:00.000Z.
tick 09:40
09:45 ldap://c directory.identity-unlinked pam/u:alice {"other": "okta:a.smith"}
tick 09:50
09:55 ldap://c directory.identity-unlinked pam/u:alice {"other": "okta:a.smith", "from": "@08:00"}
> retracted OV-015 r2 high facets=0/0: Withdrawn: it was said that okta:a.smith approved REQ-1, which pam/u:alice asked for, the same person, at 2026-03-02T09:00:00.000Z: db as reader until 2026-03-02T19:00:00.000Z. A fact that reached us late (directory.identity-unlinked at 2026-03-02T09:55:00.000Z) shows that it was not so.
