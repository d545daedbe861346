package correlator

import (
	"slices"
	"strconv"

	"github.com/overstay/overstay/events"
)

// verdict is what was last derived of an owner, kept to tell differences.
type verdict struct {
	Wake   Time    `json:"wake,omitempty"`
	Waits  []wait  `json:"waits,omitempty"`
	Facets []facet `json:"facets,omitempty"`
	// Pending is when each finding that is not spoken yet was first made.
	Pending map[string]Time `json:"pending,omitempty"`
	// Passed are findings that a former policy let pass and that were over when
	// it went: what is over is judged by the policy of its time.
	Passed map[string]bool `json:"passed,omitempty"`
	// Released counts, by alert, facets that stay counted though they are derived
	// no more: what they rested on has been let go.
	Released map[string]int `json:"released,omitempty"`
	// PolicyNo is which policy it was last judged under.
	PolicyNo uint64 `json:"policyNo,omitempty"`
	// Undecided: a finding is not due yet, or waits for who may disprove it.
	Undecided bool `json:"undecided,omitempty"`
}

// verdictOf is the verdict over an owner, nil where it is not known.
func (s *step) verdictOf(owner string) *verdict {
	switch owner[:1] {
	case ownAccess:
		if x := s.access(accessKey(owner[1:])); x != nil {
			return &x.verdict
		}
	case ownApproval:
		if a := s.approval(approvalKey(owner[1:])); a != nil {
			return &a.verdict
		}
	case ownAccount:
		if a := s.account(events.ID(owner[1:])); a != nil {
			return &a.verdict
		}
	case ownSource:
		if r := s.source(owner[1:]); r != nil {
			return &r.verdict
		}
	}
	return nil
}

// judged is one owner, an access, an approval or an account, whose findings are decided on.
type judged struct {
	*verdict
	room *room
	// owner is its class letter and key; source is who speaks of it.
	owner, source string
	access        accessKey // "" for an approval
	floor         Time
	// seen is what says what the policy's conditions see of it.
	seen interface{ condition() ConditionInput }
}

// conclude decides which findings are spoken and how firmly, counts them into
// their alerts, and returns when to look again.
func (s *step) conclude(j judged, findings []Finding, awaited []string) (wake Time, waits []wait) {
	wake = Forever
	s.judgeUnder(j.owner, j.verdict)
	if len(findings) == 0 {
		j.Pending, j.Passed, j.Undecided = nil, nil, false
		s.setFacets(j.owner, j.verdict, nil)
		return Forever, nil
	}
	var facets []facet
	undecided := false
	made := j.room.made[:0]
	var passed map[string]bool
	for i := range findings {
		f := &findings[i]
		s.refine(f)
		if f.Closed != "" && f.To <= j.floor {
			continue // it was told, and released
		}
		name := s.partsFor(f, j).key()
		f.Alert, f.Ord = name, before(findings[:i], name)+j.Released[name]
		if s.letPass(j, f) {
			if passed == nil {
				passed = map[string]bool{}
			}
			passed[findingName(f)] = true
			continue
		}
		if f.Forecast && f.Closed != "" {
			// A forecast that is over leaves nothing but what was said of it, and
			// nothing at all where it was not told: whether it was depends on what
			// was read when, and no verdict may.
			if j.speaksOf(f) {
				s.gone[f.Alert] = f.Closed
			}
			continue
		}
		v := s.settleFinding(j, f, awaited, &made)
		wake, waits = min(wake, v.wake), append(waits, v.waits...)
		if f.Again > s.now() {
			wake = min(wake, f.Again)
		}
		undecided = undecided || !v.speak
		if !v.speak || s.unless(j, f) || s.historic(j, f) {
			continue
		}
		facets = append(facets, f.facet(v))
	}
	j.room.made = made
	j.Pending, j.Passed, j.Undecided = j.pending(made), passed, undecided
	s.setFacets(j.owner, j.verdict, facets)
	return wake, waits
}

// before counts the findings that belong to an alert. An access has few.
func before(findings []Finding, alert string) int {
	n := 0
	for i := range findings {
		if findings[i].Alert == alert {
			n++
		}
	}
	return n
}

// since is when a finding was first made, and whether that was in a step before.
type since struct {
	of    *Finding
	first Time
	known bool
}

// pendingSince is when a finding that is not spoken yet was first made.
func (v *verdict) pendingSince(f *Finding) (first Time, known bool) {
	var room [256]byte
	name := strconv.AppendInt(append(append(room[:0], f.Alert...), partSep...), int64(f.Ord), 10)
	first, known = v.Pending[string(name)]
	return first, known
}

// pending is when each finding was first made; the map there is, where it says so.
func (v *verdict) pending(made []since) map[string]Time {
	same := len(made) == len(v.Pending)
	for _, m := range made {
		same = same && m.known
	}
	if same {
		return v.Pending
	}
	out := make(map[string]Time, len(made))
	for _, m := range made {
		out[findingName(m.of)] = m.first
	}
	return out
}

// letGo lets go of facets that were over at a time: they stay counted, and are
// derived no more.
func (s *step) letGo(owner string, v *verdict, until Time) {
	v.Facets = slices.DeleteFunc(v.Facets, func(f facet) bool {
		if f.open() || f.To > until {
			return false
		}
		s.st.Delete(facetKey(f, owner))
		if v.Released == nil {
			v.Released = map[string]int{}
		}
		v.Released[f.Alert]++
		return true
	})
	if len(v.Facets) == 0 {
		v.Facets = nil
	}
}

// rest keeps what an owner waits for and when it is looked at again.
func (s *step) rest(owner string, v *verdict, wake Time, waits []wait) {
	waits = unite(waits, nil, func(a, b wait) bool {
		if a.Source != b.Source {
			return a.Source < b.Source
		}
		return a.Due < b.Due
	}, 64)
	s.setWaits(owner, v.Waits, waits)
	v.Waits = waits
	s.setWake(owner, &v.Wake, wake)
}

// letPass reports whether a former policy let the finding pass: it was over, and
// not spoken of, when the policy changed.
func (s *step) letPass(j judged, f *Finding) bool {
	over := f.Closed != "" && !j.speaksOf(f)
	return over && (j.Passed[findingName(f)] || s.byPolicy[j.owner] && f.To <= s.meta.PolicySince)
}

// speaksOf reports whether the finding has been spoken.
func (v *verdict) speaksOf(f *Finding) bool {
	return slices.ContainsFunc(v.Facets, func(o facet) bool { return o.Alert == f.Alert && o.Ord == f.Ord })
}

// told reports whether an alert has told of the finding, or of its gap, and
// whether nobody was behind then.
func (v *verdict) told(f *Finding) (told, firm bool) {
	for _, o := range v.Facets {
		if o.Alert == f.Alert && o.Ord == f.Ord || !f.gap.Empty() && o.From == f.From && o.open() && !o.forecast() {
			return true, len(o.Behind) == 0
		}
	}
	return false, false
}

// forecast reports whether a facet says what will be: that is no word about what is,
// and nobody was asked for it.
func (f *facet) forecast() bool { return partsOf(f.Alert).Rule == ruleWillOutlive.ID }

// unless reports whether the policy exempts what is judged from the rule.
func (s *step) unless(j judged, f *Finding) bool {
	set, ok := s.pol.Rules[f.Rule]
	if !ok || len(set.Unless) == 0 {
		return false
	}
	in := j.seen.condition()
	in.Rule = string(f.Rule)
	_, in.Approval = f.Approval.split()
	return slices.ContainsFunc(set.Unless, func(cond Condition) bool { return cond.Holds(in) })
}

// historic reports whether a finding belongs to the past that a source brought
// with it: gaps wholly in it are for review, not for the SIEM.
func (s *step) historic(j judged, f *Finding) bool {
	r := s.source(j.source)
	return r != nil && r.History != 0 && f.To <= r.History
}
