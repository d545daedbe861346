package review

import (
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// AccessName tells accesses apart.
type AccessName struct {
	Kind   events.AccessKind `json:"kind"`
	Source string            `json:"source"`
	ID     string            `json:"id"`
}

// Access is one time of holding a session, a lease or a membership.
type Access struct {
	AccessName
	Scope      events.Scope          `json:"scope"`
	Credential events.CredentialKind `json:"credential,omitzero"`
	// Subject is the holder as the source wrote it, Person all ids of that one when
	// it began.
	Subject events.ID   `json:"subject,omitzero"`
	Person  []events.ID `json:"person,omitempty"`
	// Path is how it came to be held: what it came from, the nearest first.
	Path []PathStep `json:"path,omitempty"`
	// From is when it began; it lies after FromAfter where only that is known, and
	// nobody knows how long before where Unseen is true.
	From      time.Time `json:"from"`
	FromAfter time.Time `json:"fromAfter,omitzero"`
	Unseen    bool      `json:"unseen,omitzero"`
	Began     Cited     `json:"began"`
	// To is when it ended, left out while it has not; it lies after ToAfter, and rests
	// on Basis.
	To      time.Time        `json:"to,omitzero"`
	ToAfter time.Time        `json:"toAfter,omitzero"`
	Basis   correlator.Basis `json:"basis,omitzero"`
	Ended   *Cited           `json:"ended,omitempty"`
	Expiry  time.Time        `json:"expiry,omitzero"`
	// ExpiryKind is exact, upper-bound, unknown or never.
	ExpiryKind events.ExpiryKind `json:"expiryKind,omitzero"`
}

// PathStep is an access that another came from, and how.
type PathStep struct {
	AccessName
	Edge    events.ParentEdge `json:"edge"`
	Subject events.ID         `json:"subject,omitzero"`
	Scope   events.Scope      `json:"scope,omitzero"`
}

// Cover is a window of an approval as it bears on an access.
type Cover struct {
	Approval string    `json:"approval"`
	Source   string    `json:"source"`
	From     time.Time `json:"from"`
	// To is left out where the window never ends, or nobody knows when: UnknownEnd.
	To         time.Time `json:"to,omitzero"`
	UnknownEnd bool      `json:"unknownEnd,omitzero"`
	// Grants: it caused the access, and does not only authorise it. Partly: it covers a
	// lower level, or a part, of what is held.
	Grants  bool      `json:"grants"`
	Partly  bool      `json:"partly,omitzero"`
	By      events.ID `json:"by,omitzero"` // who decided
	Decided time.Time `json:"decided,omitzero"`
	Ticket  string    `json:"ticket,omitzero"`
	// Evidence is the event that decided it.
	Evidence Cited `json:"evidence"`
}

func nameOf(a correlator.AccessView) AccessName { return AccessName{a.Kind, a.Source, a.ID} }

// maxPath bounds how far an access is followed back.
const maxPath = 32

func accessOf(v *correlator.View, a correlator.AccessView, st correlator.StretchView) Access {
	out := Access{
		AccessName: nameOf(a), Scope: a.Scope, Credential: a.Credential, Subject: a.Subject, Person: st.Person, Path: pathOf(v, a),
		From: instant(st.Start), Unseen: st.StartLo == correlator.Ever, Began: cite(a.Facts, st.StartEvent),
		To: instant(st.End), Basis: st.Basis, Expiry: instant(st.Expiry), ExpiryKind: st.ExpiryKind,
	}
	if st.StartLo != st.Start {
		out.FromAfter = instant(st.StartLo)
	}
	if st.End != correlator.Forever {
		if st.EndLo != st.End {
			out.ToAfter = instant(st.EndLo)
		}
		if st.EndEvent != "" {
			e := cite(a.Facts, st.EndEvent)
			out.Ended = &e
		}
	}
	return out
}

func pathOf(v *correlator.View, a correlator.AccessView) []PathStep {
	var out []PathStep
	seen := []AccessName{nameOf(a)}
	for todo := a.Parents; len(todo) > 0 && len(out) < maxPath; todo = todo[1:] {
		p := todo[0]
		name := AccessName{p.Kind, p.Source, p.ID}
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		step := PathStep{AccessName: name, Edge: p.Edge}
		if parent, ok := v.Access(p.Kind, p.Source, p.ID); ok {
			step.Subject, step.Scope = parent.Subject, parent.Scope
			todo = append(slices.Clip(todo), parent.Parents...)
		}
		out = append(out, step)
	}
	return out
}

func coverOf(v *correlator.View, c correlator.CoverView) Cover {
	out := Cover{
		Approval: c.Approval, Source: c.Source, From: instant(c.From), To: instant(c.To), UnknownEnd: c.UnknownEnd, Grants: c.Grants,
		Partly: !c.Full, By: c.By, Decided: instant(c.Decided), Evidence: Cited{Evidence: Evidence{Event: c.Event}},
	}
	for _, a := range v.Approvals(c.Source, c.Approval) {
		out.Ticket, out.Evidence = a.Ticket, cite(a.Facts, c.Event)
	}
	return out
}
