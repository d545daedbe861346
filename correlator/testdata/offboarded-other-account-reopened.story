# dora-adm was disabled and enabled again, so it is active; dora is disabled. She has not left.
# Quiet: an account of hers is active.
# quiet: nothing is said.

policy {"Offboarding": {"Realms": ["ldap"], "After": 900000000000}, "Rules": {"OV-012": {"Enabled": true}}, "Links": [{"A": "ldap:dora", "B": "ldap:dora-adm"}, {"A": "ldap:dora", "B": "vault:dora"}]}
tick 08:00
08:05 vault://prod lease.issued vault:dora {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
08:30 ldap://c directory.account-disabled ldap:dora-adm {}
08:35 ldap://c directory.account-enabled ldap:dora-adm {}
tick 08:50
09:00 ldap://c directory.account-disabled ldap:dora {}
tick 09:14:58
tick 09:15:02
tick 09:15:03
tick 09:15:06
tick 09:15:09
tick 09:15:12
tick 09:15:16
tick 09:16:17
