package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// AlertQuery asks why an alert says what it says.
type AlertQuery struct {
	// Alert is its id, or the beginning of it.
	Alert string
	// KnownAt is the log time up to which the log is read; zero: all of it.
	KnownAt time.Time
	// NoCounterfactual leaves out what would have kept it from being told, which takes
	// a replay from there for each supposition.
	NoCounterfactual bool
	// Most is how many of its accesses are followed; 0: 8.
	Most int
}

// Explanation is what an alert rests on, in the order of the log.
type Explanation struct {
	Alert    string `json:"alert"`
	Rule     string `json:"rule"`
	Title    string `json:"title"`
	State    string `json:"state"`
	Severity string `json:"severity"`
	Message  string `json:"message"` // as last told
	// Approval is the one that it is about, "" where it is about none.
	Approval string `json:"approval,omitzero"`
	// Policy is the hash of the policy that it was first told by, Semantics what the
	// rules and the wording were.
	Policy    string    `json:"policy"`
	Semantics string    `json:"semantics"`
	KnownAt   time.Time `json:"knownAt"`
	Position  uint64    `json:"position"`
	Label     Label     `json:"label"`
	Revisions []Told    `json:"revisions"`
	// Accesses are those that it is about, as they are known in the end, the first
	// ones; More counts the others.
	Accesses []Access `json:"accesses"`
	More     int      `json:"more,omitzero"`
	Steps    []Step   `json:"steps"`
	// Counterfactuals are what would have kept it from being told, each proven by a
	// replay in which it was so. Tried counts the replays.
	Counterfactuals []Counterfactual `json:"counterfactuals"`
	Tried           int              `json:"tried"`
}

// Step is one message of the log that changed something.
type Step struct {
	Position uint64    `json:"position"`
	LogTime  time.Time `json:"logTime"`
	Type     string    `json:"type"` // of the event, "clock.tick" where time alone did it
	// Event is "source|id" and At when it happened, of an event of a source.
	Event   string    `json:"event,omitzero"`
	At      time.Time `json:"at,omitzero"`
	Changes []Change  `json:"changes"`
}

// Change is what a step changed.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// Of is the access, the approval or the alert that it is about.
	Of   string `json:"of"`
	Text string `json:"text"`
}

// ChangeKind says what sort of thing changed.
type ChangeKind string

// The kinds.
const (
	ChangeWindow    ChangeKind = "window"    // of an approval: opened, moved, cut
	ChangeHeld      ChangeKind = "held"      // an access began, ended, lives on
	ChangeCovered   ChangeKind = "covered"   // by a window, until when
	ChangeUncovered ChangeKind = "uncovered" // no window covers it
	ChangeUsed      ChangeKind = "used"
	ChangePerson    ChangeKind = "person" // who is who
	ChangeDue       ChangeKind = "due"    // the rule has found it, and when it may be told
	ChangeWaits     ChangeKind = "waits"  // for sources to settle
	ChangeHeard     ChangeKind = "heard"  // of the source, or the account, that the alert is about
	ChangeTold      ChangeKind = "told"   // a revision of the alert
)

// mostExplained is how many accesses of an alert are followed where nobody asks for more.
const mostExplained = 8

// Explain says why an alert says what it says. It returns an [UnknownError] where the
// log tells of no alert by that name.
func Explain(ctx context.Context, src *Source, q AlertQuery) (Explanation, error) {
	e := &explaining{src: src, q: q}
	if err := e.find(ctx); err != nil {
		return Explanation{}, err
	}
	if err := e.follow(ctx); err != nil {
		return Explanation{}, fmt.Errorf("explain alert %s: %w", e.out.Alert, err)
	}
	if err := e.listen(ctx); err != nil {
		return Explanation{}, fmt.Errorf("explain alert %s: %w", e.out.Alert, err)
	}
	if !q.NoCounterfactual {
		if err := e.suppose(ctx); err != nil {
			return Explanation{}, fmt.Errorf("explain alert %s: %w", e.out.Alert, err)
		}
	}
	return e.out, nil
}

// explaining is an explanation in the making.
type explaining struct {
	src   *Source
	q     AlertQuery
	out   Explanation
	last  uint64 // position up to which the log is read
	end   correlator.Time
	stops stops // of the replay that found it
	heard hearing
	alert correlator.AlertRecord
	// What it is about, as known in the end.
	accesses  []correlator.AccessView
	approvals map[AccessName]correlator.ApprovalRecord // by source and id
	persons   map[events.ID]bool
	// owners are the ids of those who were to answer for the account that it is about.
	owners []events.ID
	// approvers are sources of approvals, whichever.
	approvers []string
	// logTimes are those of the positions of steps, and of the facts.
	logTimes map[uint64]correlator.Time
}

// find plays the log to its end and finds the alert, and what it is about.
func (e *explaining) find(ctx context.Context) error {
	var mu sync.Mutex // what is told comes from another goroutine
	told := map[string][]Told{}
	var failed error
	seen, err := e.src.replay(ctx, e.q.KnownAt, Options{
		Watch: e.heard.watch,
		Tell:  func(p correlator.Publication) bool { return p.Alert != nil && strings.HasPrefix(p.Alert.ID, e.q.Alert) },
		Told: func(entry eventlog.Entry) {
			t, err := ReadTold(entry)
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			if err == nil {
				told[t.ID] = append(told[t.ID], t)
			}
		},
	}, &e.stops)
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("explain alert %s: %w", e.q.Alert, err)
	}
	for id, revisions := range told {
		if told[id] = knownOf(revisions, seen.Last); len(told[id]) == 0 {
			delete(told, id)
		}
	}
	if len(told) != 1 || e.q.Alert == "" {
		return &UnknownError{What: "alert", Name: e.q.Alert, Near: slices.Sorted(maps.Keys(told)), Several: len(told) > 1}
	}
	for id, revisions := range told {
		e.out.Alert, e.out.Revisions = id, revisions
	}
	e.last, e.end = seen.Last, seen.View.Now()
	e.about(seen.View)
	return nil
}

// knownOf are the revisions that follow from positions up to one, each once, in order:
// the batch in which a replay ends may have been told twice, and told too far.
func knownOf(revisions []Told, last uint64) []Told {
	slices.SortStableFunc(revisions, func(a, b Told) int { return cmp.Compare(a.Revision, b.Revision) })
	revisions = slices.CompactFunc(revisions, func(a, b Told) bool { return a.Revision == b.Revision })
	return slices.DeleteFunc(revisions, func(t Told) bool { return t.Origin.Seq > last })
}

// about collects what the alert is about.
func (e *explaining) about(v *correlator.View) {
	first, last := e.out.Revisions[0], e.out.Revisions[len(e.out.Revisions)-1]
	e.out.Rule, e.out.State, e.out.Severity, e.out.Message = last.Rule, last.State, last.Severity, last.Message
	e.out.Policy, e.out.Semantics = first.Policy, first.Semantics
	e.out.KnownAt, e.out.Position, e.out.Label = instant(v.Now()), e.last, e.src.Label
	e.out.Steps, e.out.Accesses, e.out.Counterfactuals = []Step{}, []Access{}, []Counterfactual{}
	for _, r := range correlator.Rules() {
		if string(r.ID) == last.Rule {
			e.out.Title = r.Title
		}
	}
	v.EachAlert(func(a correlator.AlertRecord) bool {
		if a.ID == e.out.Alert {
			e.alert = a
		}
		return a.ID != e.out.Alert
	})
	accesses, approvals := v.FacetsOf(e.alert)
	for _, f := range first.facets { // of a retracted one no facet is left
		if a, ok := v.Access(f.Kind, f.Source, f.ID); ok && !slices.ContainsFunc(accesses, func(o correlator.AccessView) bool { return nameOf(o) == nameOf(a) }) {
			accesses = append(accesses, a)
		}
	}
	shown := func(a correlator.AccessView) int { // those that it names come first
		if slices.ContainsFunc(first.facets, func(f toldFacet) bool { return nameOf(a) == AccessName{f.Kind, f.Source, f.ID} }) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(accesses, func(a, b correlator.AccessView) int { return shown(a) - shown(b) })
	e.out.More = max(0, len(accesses)-cmp.Or(e.q.Most, mostExplained))
	e.accesses = accesses[:len(accesses)-e.out.More]
	e.approvals, e.persons = map[AccessName]correlator.ApprovalRecord{}, map[events.ID]bool{}
	for _, a := range approvals {
		e.approvals[AccessName{"", a.Source, a.ID}] = a
	}
	for _, named := range e.heard.owners[e.alert.Account] {
		for _, id := range v.Person(named, 0) {
			if id != e.alert.Account && !slices.Contains(e.owners, id) {
				e.owners = append(e.owners, id)
			}
		}
	}
	e.out.Approval = e.alert.Approval
	e.approval(v, e.alert.ApprovalSource, e.alert.Approval)
	for _, a := range e.accesses {
		for _, st := range a.Stretches {
			for _, id := range st.Person {
				e.persons[id] = true
			}
			for _, c := range st.Covers {
				e.approval(v, c.Source, c.Approval)
			}
		}
		if len(a.Stretches) > 0 {
			e.out.Accesses = append(e.out.Accesses, accessOf(v, a, e.stretch(a)))
		}
	}
	v.EachApproval(func(a correlator.ApprovalRecord) bool {
		if !slices.Contains(e.approvers, a.Source) {
			e.approvers = append(e.approvers, a.Source)
		}
		return true
	})
}

func (e *explaining) approval(v *correlator.View, source, id string) {
	if id == "" {
		return
	}
	for _, a := range v.Approvals(source, id) {
		e.approvals[AccessName{"", a.Source, a.ID}] = a
	}
}

// stretch is the one that the alert is about, as far as its first revision says.
func (e *explaining) stretch(a correlator.AccessView) correlator.StretchView {
	for _, f := range e.out.Revisions[0].facets {
		from, err := time.Parse(time.RFC3339Nano, f.From)
		if (AccessName{f.Kind, f.Source, f.ID}) == nameOf(a) && err == nil {
			return stretchOf(a, correlator.At(from))
		}
	}
	return a.Stretches[len(a.Stretches)-1]
}
