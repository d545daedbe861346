package review

import (
	"slices"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// What is over leaves the state long before an auditor asks. A report keeps of it
// what it needs, as it was when it left.

type accessRef struct {
	kind       events.AccessKind
	source, id string
}

type approvalRef struct{ source, id string }

// departed is what has left the state, and not come back so far.
type departed struct {
	accesses  map[accessRef]*heldAccess
	approvals map[approvalRef]correlator.ApprovalRecord
}

// heldAccess is an access as a report sees it.
type heldAccess struct {
	kind      events.AccessKind
	system    string // where it is, else the source
	stretches []correlator.StretchView
	positions map[string]uint64 // of the events that its ends rest on
}

func reported(x correlator.AccessView) *heldAccess {
	out := &heldAccess{kind: x.Kind, system: x.Scope.System, positions: map[string]uint64{}}
	if out.system == "" {
		out.system = x.Source
	}
	for _, st := range x.Stretches {
		st.Person = nil
		out.stretches = append(out.stretches, st)
		for _, f := range x.Facts {
			if f.Event == st.EndEvent {
				out.positions[f.Event] = f.Seq
			}
		}
	}
	return out
}

// take takes in what departs with a step.
func (d departed) take(gone correlator.Departed) {
	for _, x := range gone.Accesses {
		ref := accessRef{x.Kind, x.Source, x.ID}
		d.accesses[ref] = reported(x).after(d.accesses[ref])
	}
	for _, a := range gone.Approvals {
		d.approvals[approvalRef{a.Source, a.ID}] = a
	}
}

// each calls fn with every access, what has left of it included.
func (d departed) each(v *correlator.View, fn func(*heldAccess)) {
	v.EachAccess(func(x correlator.AccessView) bool {
		ref := accessRef{x.Kind, x.Source, x.ID}
		fn(reported(x).after(d.accesses[ref]))
		delete(d.accesses, ref)
		return true
	})
	for _, x := range d.accesses {
		fn(x)
	}
}

// after completes an access by what was seen of it before: stretches that are not
// there any more, and of those that are, the windows and gaps that were let go.
func (x *heldAccess) after(before *heldAccess) *heldAccess {
	if before == nil {
		return x
	}
	var earlier []correlator.StretchView
	for _, was := range before.stretches {
		i := slices.IndexFunc(x.stretches, func(is correlator.StretchView) bool { return is.Start == was.Start })
		if i < 0 {
			if len(x.stretches) == 0 || was.End <= x.stretches[0].Start {
				earlier = append(earlier, was)
			}
			continue
		}
		completed(&x.stretches[i], was)
	}
	x.stretches = append(earlier, x.stretches...)
	for event, position := range before.positions {
		x.positions[event] = position
	}
	return x
}

// completed adds the windows and gaps that were over before the first that is there.
func completed(is *correlator.StretchView, was correlator.StretchView) {
	first := is.End
	for _, cv := range is.Covers {
		first = min(first, cv.From)
	}
	for _, g := range is.Gaps {
		first = min(first, g.From)
	}
	var covers []correlator.CoverView
	for _, cv := range was.Covers {
		if cv.To <= first {
			covers = append(covers, cv)
		}
	}
	var gaps []correlator.GapView
	for _, g := range was.Gaps {
		if g.To <= first {
			gaps = append(gaps, g)
		}
	}
	is.Covers, is.Gaps = append(covers, is.Covers...), append(gaps, is.Gaps...)
}
