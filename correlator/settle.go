package correlator

import (
	"slices"
	"time"
)

// settled says whether a finding may be spoken, and how firmly.
type settled struct {
	speak bool
	// behind are the awaited sources that do not confirm the finding: it is
	// provisional and names them.
	behind []string
	// unattested: the source of the access promises nothing, so nobody vouches
	// for the absence of an end.
	unattested bool
	// ready is from when on it may be spoken whoever is behind.
	ready Time
	wake  Time
	waits []wait
}

// firstProgressWithin bounds how long a source that promises progress may go on
// reading its past before its first: what awaits it is told by then.
const firstProgressWithin = 10 * time.Minute

// awaited lists the sources whose word could still change a finding about an
// access of this source: its own, those of approvals and those of identity,
// where they promise progress.
func (s *step) awaited(own string) []string {
	approvers, linkers := s.entries(indexApprovers, ""), s.entries(indexLinkers, "")
	out := make([]string, 0, 1+len(approvers)+len(linkers))
	out = append(append(append(out, own), approvers...), linkers...)
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(uri string) bool { return !s.attests(uri) })
}

// entries are all that an index lists, in order: nobody's to change, and for what is
// never many.
func (s *step) entries(class, id string) []string {
	list, known := s.list(class, id)
	if !known {
		s.each(class, id, func(entry string) bool {
			list = append(list, entry)
			return true
		})
	}
	return list
}

// anyListed reports whether an index lists anything.
func (s *step) anyListed(class, id string) bool {
	list, known := s.list(class, id)
	return !known || len(list) > 0
}

// attests reports whether a source says that it will report progress, and has not
// long ceased to.
func (s *step) attests(uri string) bool {
	r := s.source(uri)
	return r != nil && s.owesProgress(r) && !r.Gone
}

// confirms reports whether all that a source had before a time is known to be in
// the log: it says so, and nothing that it sent is missing.
func (s *step) confirms(r *source, at Time) bool { return r.Progress >= at && !r.doubted(s.now()) }

// settle decides about a finding that is due at a time: it may be spoken once
// every awaited source confirms it, or after the longest settle of those that do
// not. That is counted from fixed moments, never from the last word of a source:
// one that talks on without progress would silence all that awaits it.
func (s *step) settle(due Time, awaited []string) settled {
	now := s.now()
	if now < due {
		return settled{wake: due}
	}
	v := settled{wake: Forever, ready: due}
	for _, uri := range awaited {
		r := s.source(uri)
		if s.confirms(r, due) {
			continue
		}
		v.behind = append(v.behind, uri)
		v.waits = append(v.waits, wait{uri, due})
		v.ready = max(v.ready, due.Add(s.settleOf(r)))
		if !r.Proven {
			// It still reads its past: what it will say next may explain this.
			v.ready = max(v.ready, min(r.Heard.Add(s.silenceOf(r)), r.promisedSince().Add(firstProgressWithin)))
		}
	}
	if v.speak = len(v.behind) == 0 || now >= v.ready; !v.speak {
		v.wake = v.ready
	}
	return v
}

// settleFinding decides about one finding.
func (s *step) settleFinding(j judged, f *Finding, awaited []string, made *[]since) settled {
	if f.Immediate {
		return settled{speak: s.now() >= f.Due, wake: f.wakeAtDue(s.now())}
	}
	v := s.settle(f.Due, awaited)
	v.unattested = !s.attests(j.source)
	if told, firm := j.told(f); told && s.now() >= f.Due {
		// What was told stays told, and what was confirmed stays confirmed: a
		// source that joined since does not take it back.
		v.speak, v.wake = true, Forever
		if firm {
			v.behind, v.waits = nil, nil
		}
		return v
	}
	return s.afterSilence(s.hold(j, f, v, made), awaited, !v.unattested)
}

// settleSeal decides about the seal of an approval of a source under which access
// of others was granted.
func (s *step) settleSeal(due Time, approver string, sources []string) settled {
	awaited := s.awaited(approver)
	attested := true
	for _, uri := range sources {
		awaited = append(awaited, s.awaited(uri)...)
		attested = attested && s.attests(uri)
	}
	slices.Sort(awaited)
	awaited = slices.Compact(awaited)
	return s.afterSilence(s.settle(due, awaited), awaited, attested)
}

func (f *Finding) wakeAtDue(now Time) Time {
	if now < f.Due {
		return f.Due
	}
	return Forever
}

// hold keeps a finding back that was already due when it was first made: facts
// that arrive late arrive in company, and the next one may disprove it. It is
// spoken once nothing has changed that for the settle time of its source.
func (s *step) hold(j judged, f *Finding, v settled, made *[]since) settled {
	first, known := j.pendingSince(f)
	if !known {
		first = s.now()
	}
	*made = append(*made, since{f, first, known})
	if first < f.Due {
		return v
	}
	settle := defaultSettle
	if r := s.source(j.source); r != nil {
		settle = s.settleOf(r)
	}
	until := first.Add(settle)
	v.ready = max(v.ready, until)
	if v.speak && s.now() < until {
		v.speak = false
		v.wake = min(v.wake, until)
	}
	return v
}

// afterSilence keeps back, during catch-up, whatever the silence of the clock
// kept us from saying earlier: what would disprove it may still be on its way. It
// ends early once every awaited source confirms the time of the restart.
func (s *step) afterSilence(v settled, awaited []string, attested bool) settled {
	cu := s.meta.CatchUp
	if !v.speak || !s.catchingUp() || v.ready <= cu.Prev {
		return v
	}
	var waits []wait
	for _, uri := range awaited {
		if !s.confirms(s.source(uri), cu.At) {
			waits = append(waits, wait{uri, cu.At})
		}
	}
	if attested && len(waits) == 0 {
		return v
	}
	v.speak, v.wake = false, cu.end()
	v.waits = append(v.waits, waits...)
	return v
}

func (s *step) catchingUp() bool { return s.meta.CatchUp.At != 0 && s.now() < s.meta.CatchUp.end() }

// end is when catch-up is over.
func (c catchUp) end() Time { return c.At.Add(catchUpFor) }
