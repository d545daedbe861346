# The stream was deleted and made again. The engine begins a new epoch, crashes before
# it has stored that, and says so once more. It is one incident.

tick 09:00
09:05 overstay://engine system.epoch - {"epoch": 2, "logId": "new", "reason": "the stream was recreated"}
> raised OV-025 r1 critical facets=1/1: The log is damaged: the stream was recreated, noticed at 2026-03-02T09:05:00.000Z.
09:06 overstay://engine system.epoch - {"epoch": 2, "logId": "new", "reason": "the stream was recreated"}
tick 09:10
tick 09:15
