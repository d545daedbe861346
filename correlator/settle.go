package correlator

import "slices"

// settled says whether a finding may be spoken, and how firmly.
type settled struct {
	speak bool
	// behind are the awaited sources that have not progressed past the due
	// time: the finding is provisional and names them.
	behind []string
	// unattested: nobody promises progress, so nothing vouches for absence.
	unattested bool
	wake       Time
	waits      []wait
}

// awaited lists the sources whose word could still change a finding about an
// access of this source: its own, those of approvals and those of identity,
// where they promise progress.
func (s *step) awaited(own string) []string {
	all := append([]string{own}, s.kinds(indexApprovers)...)
	all = append(all, s.kinds(indexLinkers)...)
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(uri string) bool {
		r := s.source(uri)
		return r == nil || !s.promises(r)
	})
}

// promises reports whether a source says that it will report progress: one that
// has declared it is awaited before its first, but is not blamed for silence.
func (s *step) promises(r *source) bool {
	if set, ok := s.pol.Sources[r.URI]; ok && set.Progress != nil {
		return *set.Progress
	}
	return r.Proven || r.Caps.Progress
}

// hold keeps a finding back that was already due when it was first made: facts
// that arrive late arrive in company, and the next one may disprove it. It is
// spoken once nothing has changed that for the settle time of its source.
func (s *step) hold(x *access, f *Finding, v settled, pending map[string]Time) settled {
	if x.speaksOf(f) || x.speaksOfGap(f) {
		return v
	}
	name := findingName(f)
	first, known := x.Pending[name]
	if !known {
		first = s.now()
	}
	pending[name] = first
	if first < f.Due || !v.speak {
		return v
	}
	settle := defaultSettle
	if r := s.source(x.Key.source()); r != nil {
		settle = s.settleOf(r)
	}
	if until := first.Add(settle); s.now() < until {
		v.speak = false
		v.wake = min(v.wake, until)
	}
	return v
}

// settle decides about a finding that is due at a time. It speaks once every
// awaited source has progressed past that time, or after the longest settle of
// those that are behind. During catch-up, after a silence of the clock, it waits
// until they have progressed past the end of the silence, or a minute.
func (s *step) settle(due Time, awaited []string, immediate bool) settled {
	now := s.now()
	if now < due {
		return settled{wake: due}
	}
	if immediate {
		return settled{speak: true, wake: Forever}
	}
	need, latest := due, due
	cu := s.meta.CatchUp
	if due > cu.Prev && cu.At != 0 && due <= cu.At {
		need, latest = cu.At, cu.At.Add(catchUpFor)
		if len(awaited) == 0 && now < latest {
			return settled{wake: latest}
		}
	}
	v := settled{wake: Forever, unattested: len(awaited) == 0}
	for _, uri := range awaited {
		r := s.source(uri)
		if r.Progress >= need {
			continue
		}
		if r.Progress == 0 {
			// It still reads its past: what it will say next may explain this.
			latest = max(latest, r.Heard.Add(s.silenceOf(r)))
		}
		v.behind = append(v.behind, uri)
		v.waits = append(v.waits, wait{uri, need})
		latest = max(latest, due.Add(s.settleOf(r)))
	}
	switch {
	case len(v.behind) == 0:
		v.speak = true
	case now >= latest:
		v.speak = true
	default:
		v.wake = latest
	}
	return v
}
