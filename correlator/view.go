package correlator

import (
	"time"

	"github.com/overstay/overstay/events"
)

// View reads a state as a reviewer does: whole accesses and approvals, with what
// was derived of them and the evidence for each, as the policy has it. It changes
// nothing. A view is of one moment: after the next step a new one is needed.
type View struct {
	s    *step
	past *Past // nil: what has left is gone
}

// NewView reads a state as it was stored.
func NewView(st State, pol *Policy) *View { return &View{s: look(st, pol)} }

// View reads what a run of messages has made of the state so far.
func (w *Working) View(pol *Policy) *View { return &View{s: w.newStep(pol, Message{})} }

// Now is the log time that the state has reached.
func (v *View) Now() Time { return v.s.now() }

// Person lists the ids that are one person with this one at a time (0: now), the
// id itself included, sorted.
func (v *View) Person(id events.ID, at Time) []events.ID { return v.s.person(id, at) }

// eachKey calls fn with what follows the class letter, in order. Keys are
// collected first, so that fn may read.
func (w *Working) eachKey(class string, fn func(rest string) bool) {
	var keys []string
	w.st.Scan([]byte(class), nil, func(k, _ []byte) bool {
		keys = append(keys, string(k[len(class):]))
		return true
	})
	for _, k := range keys {
		if !fn(k) {
			return
		}
	}
}

// Policy is the hash of the policy that the view reads by.
func (v *View) Policy() string { return v.s.pol.Hash }

// InEntitlement reports whether a scope is a name of the right that the policy calls
// so, and whether there is one that it calls so.
func (v *View) InEntitlement(name string, s events.Scope) (in, known bool) {
	for i := range v.s.pol.Entitlements {
		if e := &v.s.pol.Entitlements[i]; e.Name == name {
			_, in = e.level(s)
			return in, true
		}
	}
	return false, false
}

// Entitlements are the names of the rights that the policy names.
func (v *View) Entitlements() []string {
	var out []string
	for _, e := range v.s.pol.Entitlements {
		out = append(out, e.Name)
	}
	return out
}

// Grace is how much longer than its window an access of a kind may last unremarked.
func (v *View) Grace(kind events.AccessKind) time.Duration { return v.s.pol.Grace.Of(kind) }

// WithoutConnector lists the systems in which the rights of these scopes exist, by
// their names and through the entitlements, and that no connector has spoken of.
func (v *View) WithoutConnector(scopes []events.Scope) []string { return v.s.unseen(scopes) }
