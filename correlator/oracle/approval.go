package oracle

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// approval is what its source has said of one, as the stretches in which it
// covers.
type approval struct {
	source, id string
	parts      []part
}

// part is a stretch of an approval under one wording: whom and what it covers,
// from when it was meant to, from when it does, and up to when.
type part struct {
	span
	nominal    time.Time
	decided    time.Time
	users      []events.ID
	scopes     []events.Scope
	unknownEnd bool
}

type span struct{ from, to time.Time }

func (s span) empty() bool { return !s.from.Before(s.to) }

// wording is whom and what an approval covers, as last said.
type wording struct {
	requester events.ID
	consumers []events.ID
	scopes    []events.Scope
}

func (w wording) with(ev events.Event) wording {
	said := ev.Data.(*events.Approval)
	switch {
	case said.Requester != "":
		w.requester = said.Requester
	case ev.Subject != "":
		w.requester = ev.Subject
	}
	if len(said.Consumers) > 0 {
		w.consumers = said.Consumers
	}
	if len(said.Scopes) > 0 {
		w.scopes = said.Scopes
	}
	return w
}

func (w wording) users() []events.ID {
	if len(w.consumers) > 0 {
		return w.consumers
	}
	if w.requester != "" {
		return []events.ID{w.requester}
	}
	return nil
}

func (w *world) foldApprovals() []*approval {
	type key struct{ source, id string }
	acts := map[key][]events.Event{}
	var keys []key
	for _, ev := range w.history {
		d, ok := ev.Data.(*events.Approval)
		if !ok || !done(ev) || w.Sources[ev.Source].Unbelieved {
			continue
		}
		k := key{ev.Source, d.ApprovalID}
		if acts[k] == nil {
			keys = append(keys, k)
		}
		acts[k] = append(acts[k], ev)
	}
	var out []*approval
	for _, k := range keys {
		f := fold{approval: &approval{source: k.source, id: k.id}}
		for _, ev := range acts[k] {
			f.act(ev, ev.Data.(*events.Approval))
		}
		out = append(out, f.approval)
	}
	return out
}

// fold is an approval while its acts are read in order.
type fold struct {
	*approval
	granted bool
	now     wording // as last decided
	asked   wording // as last asked for
	// wanted is the window that was asked for and not yet granted.
	wanted *events.Window
	// each is how long an activation lasts, where it was granted so.
	each time.Duration
	// started is where the last window is said to begin, planned its stated end,
	// before a review cuts it short.
	started, planned time.Time
	kind             events.ApprovalKind
}

func (f *fold) act(ev events.Event, said *events.Approval) {
	at := ev.Time
	if !said.DecidedAt.IsZero() {
		at = said.DecidedAt
	}
	win := said.Window
	if ev.Type != events.ApprovalRequested {
		if said.Kind != events.Standard {
			f.kind = said.Kind
		}
	}
	switch ev.Type {
	case events.ApprovalRequested:
		f.asked = f.asked.with(ev)
		if win != nil {
			f.wanted = win
		}
	case events.ApprovalGranted:
		f.now = f.asked.with(ev)
		f.asked, f.granted = f.now, true
		if win == nil {
			win = f.wanted
		}
		f.wanted = nil
		f.grant(win, at, said.NextReview)
	case events.ApprovalActivated:
		if f.granted {
			f.now = f.now.with(ev)
		} else { // its grant was before our time
			f.now = f.asked.with(ev)
			if win == nil {
				win = f.wanted
			}
		}
		f.asked, f.granted = f.now, true
		start := ev.Time
		if win != nil && !win.Start.IsZero() {
			start = win.Start
		}
		switch {
		case win != nil:
			f.open(start, endOf(win, start), at, win.EndKind == events.EndUnknown, said.NextReview)
		case f.each > 0:
			f.open(start, start.Add(f.each), at, false, said.NextReview)
		}
	case events.ApprovalExtended:
		f.reword(ev, at)
		f.extend(win, at, ev.Time, said.NextReview)
	case events.ApprovalAltered:
		f.reword(ev, at)
		f.alter(win, at, ev.Time, said.NextReview)
	case events.ApprovalDenied, events.ApprovalRevoked, events.ApprovalExpired:
		if ev.Type == events.ApprovalDenied {
			f.asked, f.wanted = f.now, nil
		}
		f.planned = earlier(f.planned, ev.Time)
		f.cut(ev.Time)
	}
}

// grant opens a window beside those that there are.
func (f *fold) grant(win *events.Window, at, review time.Time) {
	switch {
	case win != nil && win.Basis == events.BasisActivation && win.End.IsZero() && win.EndKind == events.EndAt:
		f.each = win.Duration.Std()
	case win == nil && f.end().After(at):
		// It says again what is in force.
	case win == nil:
		f.open(at, never, at, true, review)
	default:
		start := win.Start
		if start.IsZero() {
			start = at
		}
		f.open(start, endOf(win, start), at, win.EndKind == events.EndUnknown, review)
	}
}

func endOf(win *events.Window, start time.Time) time.Time {
	switch {
	case win.EndKind == events.EndAt && !win.End.IsZero():
		return win.End
	case win.Duration > 0:
		return earlier(start.Add(win.Duration.Std()), never)
	}
	return never
}

func (f *fold) open(start, end, at time.Time, unknown bool, review time.Time) {
	f.started, f.planned = start, end
	f.add(start, start, f.reviewed(end, review), at, unknown)
}

// reviewed cuts an end at the next review, which only standing approvals have.
func (f *fold) reviewed(end, review time.Time) time.Time {
	if !review.IsZero() {
		return earlier(end, review)
	}
	return end
}

func (f *fold) add(nominal, from, to, at time.Time, unknown bool) {
	f.parts = append(f.parts, part{span{later(from, at), to}, nominal, at, f.now.users(), f.now.scopes, unknown && to.Equal(never)})
}

// end is the latest end of a window, zero where there never was one.
func (f *fold) end() time.Time {
	var out time.Time
	for _, p := range f.parts {
		if p.nominal.Before(p.to) {
			out = later(out, p.to)
		}
	}
	return out
}

func (f *fold) cut(at time.Time) {
	for i := range f.parts {
		if f.parts[i].to.After(at) {
			f.parts[i].to, f.parts[i].unknownEnd = at, false
		}
	}
}

func (f *fold) extend(win *events.Window, at, said, review time.Time) {
	old := f.end()
	switch {
	case f.each > 0 && len(f.parts) == 0 && win.End.IsZero() && win.Duration > 0:
		f.each += win.Duration.Std() // a longer activation
		return
	case old.IsZero(): // its grant was before our time
		f.granted = true
		f.grant(win, at, review)
		return
	}
	from := old
	if !win.Start.IsZero() {
		from = win.Start
	}
	f.planned = endOf(win, from)
	f.move(win.Start, f.reviewed(f.planned, review), at, said, win.EndKind == events.EndUnknown)
}

func (f *fold) alter(win *events.Window, at, said, review time.Time) {
	switch {
	case len(f.parts) == 0:
		if f.each > 0 && win != nil && win.Duration > 0 {
			f.each = win.Duration.Std()
		}
		return
	case win != nil:
		if !win.Start.IsZero() {
			f.started = win.Start
		}
		f.planned = endOf(win, f.started)
		f.move(win.Start, f.reviewed(f.planned, review), at, said, win.EndKind == events.EndUnknown)
	case !review.IsZero():
		f.move(time.Time{}, f.reviewed(f.planned, review), at, said, false)
	}
}

// move puts the end elsewhere: further out it goes on from the old one, nearer it
// ends, though not before that was said.
func (f *fold) move(start, end, at, said time.Time, unknown bool) {
	old := f.end()
	switch {
	case end.After(old):
		nominal := old
		if s := earlier(start, end); s.After(old) {
			nominal = s
		}
		if old.IsZero() { // all that was granted was empty
			nominal = later(nominal, f.parts[len(f.parts)-1].nominal)
		}
		f.add(nominal, nominal, end, at, unknown)
	case end.Before(old):
		f.cut(later(end, said))
	}
}

// reword puts what was decided anew in force for what is left of every window:
// what is added was not covered before, and what is left out no longer is.
func (f *fold) reword(ev events.Event, at time.Time) {
	f.asked = f.asked.with(ev)
	now := f.now.with(ev)
	d := ev.Data.(*events.Approval)
	said := len(d.Consumers) > 0 || len(d.Scopes) > 0 || now.requester != f.now.requester
	f.now = now
	if !said {
		return
	}
	for i := range f.parts {
		p := f.parts[i]
		if !p.to.After(at) || slices.Equal(p.users, now.users()) && slices.Equal(p.scopes, now.scopes) {
			continue
		}
		f.parts[i].to, f.parts[i].unknownEnd = at, false
		p.users, p.scopes, p.from, p.decided = now.users(), now.scopes, later(p.from, at), later(p.decided, at)
		f.parts = append(f.parts, p)
	}
}
