# The damage is the first thing that is read: it is told as soon as there is a time.

09:05 overstay://engine system.observed - {"what": "gap", "from": 9, "to": 12}
tick 09:06
> raised OV-025 r1 critical facets=1/1: The log is damaged: gap (9 to 12), noticed at 2026-03-02T09:05:00.000Z.
tick 09:07
