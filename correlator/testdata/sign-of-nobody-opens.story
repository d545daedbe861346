# Uses of leases that nobody introduced: records that stay open for ever and make a source needed.
# Quiet: a sign alone creates nothing that is judged.
# quiet: nothing is said.

tick 08:59
09:00 vault://prod source.resumed - {"coverage": "@09:00", "capabilities": {"progress": true, "every": "10s"}}
09:00 vault://prod source.progress - {"through": "@09:00", "basis": "position"}
09:00 vault://prod access.used - {"access": {"kind": "lease", "id": "nobody-knows"}}
tick 09:00:01
tick 09:00:06
tick 09:00:11
tick 09:00:16
tick 09:00:21
tick 09:00:26
tick 09:00:31
tick 09:00:36
tick 09:00:41
tick 09:00:46
tick 09:00:51
tick 09:00:56
tick 09:01:01
tick 09:01:06
tick 09:01:11
tick 09:01:16
tick 09:01:21
tick 09:01:26
tick 09:01:31
tick 09:01:36
tick 09:01:41
tick 09:01:46
tick 09:01:51
tick 09:01:56
tick 09:01:57
tick 09:02:00
tick 09:02:03
tick 09:02:06
tick 09:02:10
tick 09:03:11
