# Nobody approves for themselves: a vote against one's own request is none for it, a
# shared mailbox links nobody, who altered a ticket has approved nothing, and the policy
# lets break-glass records be approved by their user.
# quiet

policy {"Rules": {"OV-015": {"Enabled": true}}, "BreakGlassSelfApproval": true, "Realms": {"mail": {"Name": "mail", "Shared": true}}}
tick 08:59
08:59 ldap://c directory.identity-linked alice {"other": "mail:team"}
08:59 ldap://c directory.identity-linked bob {"other": "mail:team"}
09:00 pam://x approval.requested alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}]}
09:01 pam://x approval.altered alice {"approvalId": "REQ-1", "approvers": [{"by": "alice", "decision": "denied"}]}
09:02 pam://x approval.granted alice {"approvalId": "REQ-1", "decidedBy": "bob", "window": {"start": "@09:01", "end": "@10:00", "endKind": "at"}}
09:03 pam://x approval.altered alice {"approvalId": "REQ-1", "decidedBy": "alice", "ticket": "CHG-1"}
09:10 pam://x approval.granted dora {"approvalId": "REQ-2", "requester": "dora", "decidedBy": "dora", "kind": "break-glass", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:10", "end": "@10:00", "endKind": "at"}}
tick 09:11
