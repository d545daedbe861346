# What the engine can see of the log's integrity: an anchor that does not fit, messages
# purged before their time, a checkpoint that is not what the log says. Each is told;
# revisions come as their number doubles. What is no damage of the log (a restart, a
# clock, a state that failed its check and was made again) is not told here.

tick 09:00
09:01 overstay://engine system.observed - {"what": "restart"}
09:02 overstay://engine system.observed - {"what": "corrupt", "detail": "a commit is missing"}
09:03 overstay://engine system.observed - {"what": "anchor", "detail": "the message at 8 is another one", "from": 8, "to": 8}
> raised OV-025 r1 critical facets=1/1: The log is damaged: the message at 8 is another one (8), noticed at 2026-03-02T09:03:00.000Z.
tick 09:04
09:05 overstay://engine system.observed - {"what": "purged", "detail": "messages are gone before their time", "from": 1, "to": 40}
> updated OV-025 r2 critical facets=2/2: The log is damaged: the message at 8 is another one (8), noticed at 2026-03-02T09:03:00.000Z.
tick 09:06
09:07 overstay://engine system.observed - {"what": "checkpoint", "detail": "the checkpoint is not what the log gives", "from": 41, "to": 41}
tick 09:08
