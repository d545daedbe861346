# Somebody with rights on the stream has taken messages out of the log. What they
# said of access nobody knows any more. That is told once, although the engine sees
# the same hole again when it reads the log again, and it stands until an operator has
# looked into it. Another hole, later, is another incident.

tick 09:00
09:05 overstay://engine system.observed - {"what": "gap", "detail": "positions are missing from the log", "from": 9, "to": 12}
> raised OV-025 r1 critical facets=1/1: The log is damaged: positions are missing from the log (9 to 12), noticed at 2026-03-02T09:05:00.000Z.
09:05 overstay://engine system.observed - {"what": "gap", "detail": "positions are missing from the log", "from": 9, "to": 12}
tick 09:30
09:40 overstay://cli operator.noted - {"selector": {"rule": "OV-025"}, "by": "dora", "why": "looking"}
09:45 overstay://cli operator.confirmed - {"selector": {"rule": "OV-001"}, "by": "dora", "why": "another rule"}
09:50 overstay://cli operator.confirmed - {"selector": {"rule": "OV-025"}, "by": "dora", "why": "a restore that went wrong"}
> resolved OV-025 r2 critical facets=0/1: Confirmed by an operator: the log was damaged: positions are missing from the log (9 to 12), noticed at 2026-03-02T09:05:00.000Z.
09:55 overstay://engine system.observed - {"what": "gap", "detail": "positions are missing from the log", "from": 9, "to": 12}
tick 10:00
10:05 overstay://engine system.observed - {"what": "gap", "detail": "positions are missing from the log", "from": 31, "to": 31}
> raised OV-025 r3 critical facets=1/2: The log is damaged: positions are missing from the log (31), noticed at 2026-03-02T10:05:00.000Z.
tick 10:01
