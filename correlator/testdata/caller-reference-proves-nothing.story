# Whoever asked for the lease wrote the ticket into its metadata. That is a caller's
# word: it neither covers nor grants, and the scopes do not match.
# quiet: nothing but the seal of a request under which nothing was issued.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "vault/prod", "role": "database/creds/x"}, "approvals": [{"id": "REQ-1", "source": "pam://x", "assertedBy": "caller"}]}
tick 10:01:02
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed unseen=db
tick 10:03
tick 10:03:06
tick 10:04:11
