package correlator

// judgeSource derives the verdict over one source.
func (s *step) judgeSource(b *room, owner string) {
	uri := owner[1:]
	r := s.source(uri)
	if r == nil {
		return
	}
	s.changed[owner] = true
	gone := s.owesProgress(r) && s.now() >= s.goneAt(r)
	if r.forgive(s.now()) || gone && !r.Gone {
		r.Gone = gone
		s.wakeWaiting(r)
	}
	r.Gone = gone
	r.Skew.settle(s.now())
	c := &b.source
	*c = SourceCase{
		Now: s.now(), URI: uri, Owes: s.owesProgress(r), Proven: r.Proven, Every: r.Caps.Every.Std(),
		Promised: r.promisedSince(), Progress: r.ProgressHeard, Heard: r.Heard, Silence: s.silenceOf(r),
		HoleAt: r.HoleAt, Quarantined: r.Quarantined, Needed: r.Open > 0 || s.meta.ActiveWindows > 0,
		Incidents: r.Incidents, Skew: r.Skew,
	}
	wake := Forever
	if c.Owes && !r.Gone {
		wake = s.goneAt(r)
	}
	if r.Skew.Future != 0 {
		wake = min(wake, r.Skew.Read+1)
	}
	j := judged{verdict: &r.verdict, owner: owner, source: uri}
	s.judgeUnder(j.owner, j.verdict)
	var facets []facet
	for _, rule := range s.rulesOn().source {
		for _, f := range rule.graded(rule.source(c)) {
			due := f.Due
			if !f.Immediate {
				due = s.afterCatchUp(due)
			}
			if s.now() < due {
				wake = min(wake, due)
				continue
			}
			if f.Again > s.now() {
				wake = min(wake, f.Again)
			}
			s.refine(&f)
			f.Alert = s.partsFor(&f, j).key()
			facets = append(facets, f.facet(settled{speak: true}))
		}
	}
	s.setFacets(j.owner, &r.verdict, facets)
	if r.Wake != 0 && r.Wake > s.now() && r.Wake <= wake {
		return // an earlier timer looks again: no need to move it with each word heard
	}
	s.setWake(j.owner, &r.Wake, wake)
}

// afterCatchUp gives a source that falls due while the clock stands still, or
// during catch-up, until its end to speak: we were silent, not it.
func (s *step) afterCatchUp(due Time) Time {
	if s.catchingUp() && due > s.meta.CatchUp.Prev {
		return max(due, s.meta.CatchUp.end())
	}
	return due
}
