package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// AsOfQuery asks who could act at a time.
type AsOfQuery struct {
	At time.Time
	// KnownAt is the log time up to which the log is read; zero: all of it. What came
	// in later is unknown to the answer, whatever it says of the time At.
	KnownAt time.Time
	// Of all access that of this person, on these scopes, under this right of the
	// policy; zero values choose all.
	Subject     events.ID
	Scope       correlator.ScopePattern
	Entitlement string
}

// AsOfAnswer is who could act at a time, as known at another.
type AsOfAnswer struct {
	At time.Time `json:"at"`
	// KnownAt is the log time up to which the log was read, and Position where that is.
	KnownAt  time.Time `json:"knownAt"`
	Position uint64    `json:"position"`
	Policy   string    `json:"policy"`
	Label    Label     `json:"label"`
	Holdings []Holding `json:"holdings"`
}

// Holding is an access that was held at a time.
type Holding struct {
	Access Access `json:"access"`
	// Judgement is what it was then: covered, exposed, baseline, or unjudged with the
	// reason.
	Judgement string `json:"judgement"`
	// Perhaps says why it may not have been held at that time; "" where it was.
	Perhaps string `json:"perhaps,omitzero"`
	// Under are the windows that covered it then.
	Under []Cover `json:"under"`
	// After is the approval whose window, which granted it, had ended, where it was
	// exposed by that.
	After *Cover `json:"after,omitempty"`
}

// AsOf answers who could act at a time, by which path, under which approval.
func AsOf(ctx context.Context, src *Source, q AsOfQuery) (AsOfAnswer, error) {
	out := AsOfAnswer{At: q.At, Label: src.Label, Holdings: []Holding{}}
	seen, err := src.look(ctx, q.KnownAt)
	if err != nil {
		return out, fmt.Errorf("as of %s: %w", q.At.Format(time.RFC3339), err)
	}
	v := seen.View
	out.KnownAt, out.Position, out.Policy = instant(v.Now()), seen.Last, v.Policy()
	if q.Entitlement != "" {
		if _, known := v.InEntitlement(q.Entitlement, events.Scope{}); !known {
			return out, &UnknownError{What: "entitlement", Name: q.Entitlement, Near: v.Entitlements()}
		}
	}
	v.EachAccess(func(a correlator.AccessView) bool {
		if in, _ := v.InEntitlement(q.Entitlement, a.Scope); q.Entitlement != "" && !in || !scopeIn(q.Scope, a.Scope) {
			return true
		}
		for _, st := range a.Stretches {
			if h, held := heldAt(v, a, st, correlator.At(q.At), q.KnownAt); held && (q.Subject == "" || isPerson(v, q.Subject, a, st)) {
				out.Holdings = append(out.Holdings, h)
			}
		}
		return true
	})
	slices.SortStableFunc(out.Holdings, func(a, b Holding) int { return strings.Compare(string(a.Access.Subject), string(b.Access.Subject)) })
	return out, ctx.Err()
}

// scopeIn reports whether a scope is one of those asked for; the zero pattern is all.
func scopeIn(p correlator.ScopePattern, s events.Scope) bool {
	return p == correlator.ScopePattern{} || p.Matches(s)
}

// isPerson reports whether a stretch was held by the person with an id: who that is
// counts as of when it began.
func isPerson(v *correlator.View, id events.ID, a correlator.AccessView, st correlator.StretchView) bool {
	if a.Subject == id || slices.Contains(st.Person, id) {
		return true
	}
	return slices.ContainsFunc(v.Person(id, st.Start), func(other events.ID) bool { return slices.Contains(st.Person, other) })
}

// heldAt is a stretch as it was at a time, if it was held or may have been.
func heldAt(v *correlator.View, a correlator.AccessView, st correlator.StretchView, t correlator.Time, knownAt time.Time) (Holding, bool) {
	h := Holding{Access: accessOf(v, a, st), Under: []Cover{}}
	known := max(v.Now(), correlator.At(knownAt))
	switch runsOut := st.End == correlator.Forever && st.Expiry != 0 && st.Expiry > v.Now(); {
	case a.Scope.IsZero() || t >= st.End:
		return h, false
	case t < st.Start && t <= st.StartLo:
		return h, false
	case t < st.Start && st.StartLo == correlator.Ever:
		h.Perhaps = "nobody saw it begin"
	case t < st.Start:
		h.Perhaps = "it began between " + st.StartLo.String() + " and " + st.Start.String()
	case st.End != correlator.Forever && t > st.EndLo && st.EndLo < st.End:
		h.Perhaps = "it was last seen alive at " + st.EndLo.String() + ", and over at " + st.End.String()
	case runsOut && t >= st.Expiry && st.ExpiryKind == events.ExpiryExact:
		return h, false
	case runsOut && t >= st.Expiry && st.ExpiryKind == events.ExpiryUpperBound:
		h.Perhaps = "it lasts until " + st.Expiry.String() + " at most, unless it is renewed"
	case t > known:
		h.Perhaps = "that is after all that was known"
	}
	h.Judgement, _ = st.JudgedAt(t)
	for _, c := range st.Covers {
		if c.From <= t && t < c.To {
			h.Under = append(h.Under, coverOf(v, c))
		}
	}
	if g, in := st.GapAt(t); in && g.After != "" {
		for _, c := range slices.Backward(st.Covers) {
			if c.Approval == g.After && c.Source == g.AfterSource && c.To <= g.From {
				after := coverOf(v, c)
				h.After = &after
				break
			}
		}
	}
	return h, true
}
