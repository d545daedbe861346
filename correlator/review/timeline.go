package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// TimelineQuery chooses what a time line is about: exactly one of Subject, Alert and
// Approval.
type TimelineQuery struct {
	// Subject is one id of a person or a workload; all ids that are the same one
	// belong to it.
	Subject events.ID
	// Alert is the id of an alert, or the beginning of one; its accesses and what covered them belong to it.
	Alert string
	// Approval is the id of an approval, ApprovalSource where it lives, "" for
	// wherever the id is known; all that it covers belongs to it.
	Approval, ApprovalSource string
	// From and To are what is shown; zero: all that there is.
	From, To time.Time
	// Policy holds from the beginning to the end, whatever the log says; nil: the
	// policies of the log.
	Policy *correlator.Policy
}

// Timeline plays a source's log and shows one person, alert or approval in it.
// progress, where it is set, is called with how many of the positions are done; the
// log is read twice. It returns an [UnknownError] where there is nothing to show.
func Timeline(ctx context.Context, src *Source, q TimelineQuery, progress func(done, all uint64)) (*History, error) {
	if n := len(slices.DeleteFunc([]string{string(q.Subject), q.Alert, q.Approval}, func(s string) bool { return s == "" })); n != 1 {
		return nil, fmt.Errorf("a time line is about one subject, alert or approval, and %d are named", n)
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return nil, errors.New("a time line ends after it begins")
	}
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	c := &timelineRun{q: q, ids: map[events.ID]bool{}, progress: progress}
	if q.Subject != "" {
		c.ids[q.Subject] = true
	}
	if err := c.play(ctx, src); err != nil {
		return nil, err
	}
	if q.Alert != "" {
		if err := c.oneAlert(); err != nil {
			return nil, err
		}
	}
	st, err := src.Log.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the log for its state: %w", err)
	}
	h, err := c.history()
	if err != nil {
		return nil, err
	}
	h.Log, h.Label = LogRange{st.ID, max(st.First, src.After+1), c.out.Last}, src.Label
	if err := c.readMarks(ctx, src); err != nil {
		return nil, err
	}
	c.finish(h)
	return h, nil
}

// timelineRun collects, while the log is played, what the state does not keep.
type timelineRun struct {
	q        TimelineQuery
	progress func(done, all uint64)
	// ids are those that were the subject's person at some time.
	ids map[events.ID]bool

	out       Outcome
	clock     []clockAt
	set       map[uint64]correlator.Outcome // of positions that did not count
	accesses  map[laneKey]correlator.AccessView
	approvals map[laneKey]correlator.ApprovalRecord
	told      map[string][]Told
	toldAbout map[laneKey][]string
	toldMu    sync.Mutex // what is told comes from another goroutine than the steps
	seals     map[laneKey][]Mark
	failed    error

	lanes map[laneKey]*Lane
}

// laneKey names what a lane is about.
type laneKey struct {
	kind       LaneKind
	source, id string
}

// clockAt: from this position on it is this log time.
type clockAt struct {
	from uint64
	at   correlator.Time
}

// play plays the log once.
func (c *timelineRun) play(ctx context.Context, src *Source) error {
	c.set, c.told, c.toldAbout, c.seals = map[uint64]correlator.Outcome{}, map[string][]Told{}, map[laneKey][]string{}, map[laneKey][]Mark{}
	o, err := src.Options(ctx)
	if err != nil {
		return err
	}
	st, err := src.Log.State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its state: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o.Policy, o.Whole = c.q.Policy, true
	o.Watch = func(m correlator.Message, r correlator.Result, v *correlator.View) {
		c.watch(m, r, v)
		c.progress((m.Origin.Seq-src.After)/2, st.Last-src.After)
	}
	o.Told = func(e eventlog.Entry) {
		t, err := ReadTold(e)
		if err != nil {
			c.failed = cmp.Or(c.failed, err)
			cancel()
			return
		}
		t.Entry = eventlog.Entry{Subject: e.Subject}
		c.tell(t)
	}
	c.out, err = Replay(ctx, o)
	return cmp.Or(c.failed, err)
}

// tell keeps what was told.
func (c *timelineRun) tell(t Told) {
	c.toldMu.Lock()
	defer c.toldMu.Unlock()
	c.told[t.ID] = append(c.told[t.ID], t)
	for _, f := range t.facets {
		k := laneKey{LaneKind(f.Kind), f.Source, f.ID}
		if i, ok := slices.BinarySearch(c.toldAbout[k], t.ID); !ok {
			c.toldAbout[k] = slices.Insert(c.toldAbout[k], i, t.ID)
		}
	}
}

// watch sees one step.
func (c *timelineRun) watch(m correlator.Message, r correlator.Result, v *correlator.View) {
	if now := v.Now(); len(c.clock) == 0 || c.clock[len(c.clock)-1].at != now {
		c.clock = append(c.clock, clockAt{m.Origin.Seq, now})
	}
	switch r.Outcome {
	case correlator.Ignored, correlator.Unauthorised, correlator.Late:
		if m.Event.Type.FromSource() {
			c.set[m.Origin.Seq] = r.Outcome
		}
	}
	if c.q.Subject != "" && links(m.Event) {
		c.join(v, correlator.At(m.Event.Time))
	}
	for _, p := range r.Publish {
		if s := p.Seal; s != nil {
			c.sealed(s)
		}
	}
}

// links reports whether an event may make ids one person, or part them.
func links(ev events.Event) bool {
	switch ev.Data.(type) {
	case *events.IdentityLink, *events.Policy:
		return true
	}
	return len(ev.Data.Common().Aliases) > 0
}

// join adds the ids that are the subject's at a time, and now.
func (c *timelineRun) join(v *correlator.View, at correlator.Time) {
	for _, t := range []correlator.Time{at, 0} {
		for _, id := range v.Person(c.q.Subject, t) {
			c.ids[id] = true
		}
	}
}

// wants reports whether an access belongs on the time line.
func (c *timelineRun) wants(v *correlator.View, x correlator.AccessView) bool {
	switch {
	case c.q.Alert != "":
		return slices.Contains(x.Alerts, c.q.Alert) || slices.Contains(c.toldOf(keyOf(x)), c.q.Alert)
	case c.q.Approval != "":
		return slices.ContainsFunc(x.Stretches, func(st correlator.StretchView) bool {
			return slices.ContainsFunc(st.Covers, func(cv correlator.CoverView) bool { return c.named(cv.Source, cv.Approval) })
		})
	}
	// An id may be one person's now, and was another's then.
	return slices.ContainsFunc(x.Stretches, func(st correlator.StretchView) bool {
		return slices.ContainsFunc(st.Person, func(id events.ID) bool { return c.ids[id] }) &&
			slices.ContainsFunc(v.Person(c.q.Subject, max(st.Start, 1)), func(id events.ID) bool { return slices.Contains(st.Person, id) })
	})
}

// toldOf are the alerts that said something of an access, also those that were taken
// back, sorted.
func (c *timelineRun) toldOf(k laneKey) []string {
	c.toldMu.Lock()
	defer c.toldMu.Unlock()
	return c.toldAbout[k]
}

// named reports whether an approval is the one that was asked for.
func (c *timelineRun) named(source, id string) bool {
	return c.q.Approval != "" && id == c.q.Approval && (c.q.ApprovalSource == "" || source == c.q.ApprovalSource)
}

// isFor reports whether an approval belongs on the time line by itself.
func (c *timelineRun) isFor(a correlator.ApprovalRecord) bool {
	if c.named(a.Source, a.ID) {
		return true
	}
	if c.q.Alert != "" && slices.Contains(a.Alerts, c.q.Alert) {
		return true
	}
	return c.ids[a.Requester] || slices.ContainsFunc(a.Consumers, func(id events.ID) bool { return c.ids[id] })
}

// refers reports whether an access on the time line rests on an approval.
func (c *timelineRun) refers(k laneKey) bool {
	for _, x := range c.accesses {
		for _, st := range x.Stretches {
			if slices.ContainsFunc(st.Covers, func(cv correlator.CoverView) bool { return cv.Source == k.source && cv.Approval == k.id }) ||
				slices.ContainsFunc(st.Gaps, func(g correlator.GapView) bool { return g.AfterSource == k.source && g.After == k.id }) {
				return true
			}
		}
	}
	return false
}

// sealed keeps a statement that a chain of access is over.
func (c *timelineRun) sealed(s *correlator.Seal) {
	what := "sealed"
	if !s.Proven {
		what = "closed unproven"
	}
	k := laneKey{LaneApproval, s.Approval.Source, s.Approval.ID}
	c.seals[k] = append(c.seals[k], Mark{
		What: what, At: s.Told.Std(), Known: s.Told.Std(), Basis: string(s.Assurance),
		Evidence: Evidence{Event: fmt.Sprintf("seal revision %d", s.Revision), Position: s.Origin.Seq},
	})
}

// history makes the lanes of what was collected and of the state at the end.
func (c *timelineRun) history() (*History, error) {
	v := c.out.View
	if c.q.Subject != "" {
		c.join(v, 0)
	}
	c.accesses, c.approvals = map[laneKey]correlator.AccessView{}, map[laneKey]correlator.ApprovalRecord{}
	v.EachAccess(func(x correlator.AccessView) bool {
		if c.wants(v, x) {
			c.accesses[keyOf(x)] = x
		}
		return true
	})
	v.EachApproval(func(a correlator.ApprovalRecord) bool {
		if k := (laneKey{LaneApproval, a.Source, a.ID}); c.isFor(a) || c.refers(k) {
			c.approvals[k] = a
		}
		return true
	})
	if len(c.accesses) == 0 && len(c.approvals) == 0 {
		return nil, c.unknown(v)
	}
	h := &History{Subject: c.q.Subject, Alert: c.q.Alert, Approval: c.q.Approval, Now: v.Now().Std(), From: c.q.From, To: c.q.To}
	c.lanes = map[laneKey]*Lane{}
	for k, a := range c.approvals {
		c.lanes[k] = c.approvalLane(a)
	}
	for k, x := range c.accesses {
		c.lanes[k] = c.accessLane(x, v)
	}
	c.person(h)
	return h, nil
}

// person names everybody whom the time line is about.
func (c *timelineRun) person(h *History) {
	if c.q.Subject == "" {
		for _, x := range c.accesses {
			for _, st := range x.Stretches {
				for _, id := range st.Person {
					c.ids[id] = true
				}
			}
		}
		for _, a := range c.approvals {
			for _, id := range a.Consumers {
				c.ids[id] = true
			}
		}
	}
	for id := range c.ids {
		h.Person = append(h.Person, id)
	}
	slices.Sort(h.Person)
}

// knownAt is the log time at which the log had a position; zero for what lies before
// what was read. Before is that of the tick before.
func (c *timelineRun) knownAt(position uint64) (known, before time.Time) {
	i := sort.Search(len(c.clock), func(i int) bool { return c.clock[i].from > position })
	if i == 0 || position == 0 {
		return time.Time{}, time.Time{}
	}
	if i > 1 {
		before = c.clock[i-2].at.Std()
	}
	return c.clock[i-1].at.Std(), before
}
