# A membership that overran once and was then flapped 70 times under a new window: the resolved alert is called false.
# R2 stands; the seal of REQ-1 lists directory=1@10:30:00.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:01 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
tick 10:01:58
tick 10:02:02
> raised OV-001 r1 high facets=1/1: alice still holds membership of reader in db past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: ldap://c does not promise that its record is complete.
10:30 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
> resolved OV-001 r2 high facets=0/1: Over (observed at 2026-03-02T10:30:00.000Z): alice held membership of reader in db for 30m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:40
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed directory=1@10:30:00/observed
11:00 pam://x approval.granted alice {"approvalId": "REQ-2", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@11:00", "end": "@20:00", "endKind": "at"}}
11:00:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:00:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:02:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:02:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:04:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:04:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:06:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:06:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:08:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:08:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:10:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:10:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:12:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:12:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:14:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:14:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:16:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:16:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:18:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:18:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:20:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:20:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:22:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:22:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:24:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:24:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:26:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:26:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:28:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:28:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:30:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:30:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:32:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:32:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:34:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:34:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:36:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:36:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:38:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:38:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:40:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:40:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:42:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:42:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:44:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:44:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:46:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:46:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:48:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:48:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:50:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:50:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:52:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:52:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:54:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:54:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:56:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:56:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
11:58:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
11:58:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:00:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:00:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:02:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:02:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:04:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:04:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:06:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:06:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:08:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:08:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:10:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:10:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:12:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:12:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:14:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:14:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:16:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:16:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:18:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:18:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:20:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:20:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:22:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:22:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:24:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:24:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:26:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:26:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:28:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:28:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:30:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:30:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:32:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:32:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:34:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:34:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:36:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:36:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:38:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:38:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:40:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:40:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:42:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:42:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:44:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:44:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:46:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:46:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:48:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:48:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:50:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:50:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:52:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:52:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:54:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:54:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:56:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:56:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
12:58:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
12:58:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:00:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:00:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:02:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:02:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:04:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:04:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:06:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:06:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:08:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:08:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:10:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:10:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:12:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:12:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:14:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:14:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:16:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:16:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
13:18:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "reader"}}
13:18:15 ldap://c directory.membership-removed alice {"scope": {"system": "db", "role": "reader"}}
tick 13:50
> sealed REQ-1 r2 assurance=observed approval=1@10:00:00/observed
tick 13:50:01
tick 13:50:04
tick 13:50:07
tick 13:50:10
tick 13:50:14
tick 13:51:15
