package correlator

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/overstay/overstay/events"
)

// MaxBody bounds the bytes of an alert and of a seal. Sources may write names of
// any length; a SIEM that refuses a long message must not thereby lose an alert.
const MaxBody = 16 << 10

// What does not fit is first shown in fewer parts. If it is still too long, all
// that comes from outside is cut, from the first of these bounds on down to the
// last, at which everything fits: see TestEveryBodyFits.
const (
	firstCut = 1 << 10
	lastCut  = 16
)

// Encode makes the revision's bytes, at most [MaxBody]. Where something had to go,
// the body says that it is truncated; the counts of facets are always of all.
func (a *Alert) Encode() ([]byte, error) {
	return fit(a.encode, len(a.Facets), func(parts, cut int) ([]byte, error) { return a.shortened(parts, cut).encode() })
}

// Encode makes the seal's bytes, at most [MaxBody]. Where something had to go, the
// body says that it is truncated, and how much is not shown.
func (s *Seal) Encode() ([]byte, error) {
	return fit(s.encode, max(len(s.Looked), len(s.Unseen)), func(parts, cut int) ([]byte, error) { return s.shortened(parts, cut).encode() })
}

// fit encodes something of so many parts, with fewer of them and then cut shorter
// until it fits.
func fit(whole func() ([]byte, error), parts int, shortened func(parts, cut int) ([]byte, error)) ([]byte, error) {
	b, err := whole()
	for err == nil && len(b) > MaxBody && parts > 1 {
		// As many as fit if all are of one size, but fewer each time.
		parts = max(1, min(parts-1, parts*MaxBody/len(b)))
		b, err = shortened(parts, 0)
	}
	for cut := firstCut; err == nil && len(b) > MaxBody; cut /= 2 {
		if cut < lastCut {
			return nil, fmt.Errorf("encode: %d bytes with all text cut to %d bytes, more than %d", len(b), lastCut, MaxBody)
		}
		b, err = shortened(parts, cut)
	}
	return b, err
}

// whole is the alert before it was made to fit.
func (a *Alert) whole() *Alert {
	if a.full != nil {
		return a.full
	}
	return a
}

// shortened is the alert with its first facets and, if cut is not 0, with what
// comes from outside cut to so many bytes.
func (a *Alert) shortened(facets, cut int) *Alert {
	out := *a
	out.full, out.Facets = a, slices.Clone(a.Facets[:min(facets, len(a.Facets))])
	if cut == 0 {
		return &out
	}
	out.Source, out.Account, out.Said = clip(a.Source, cut), clip(a.Account, cut), clip(a.Said, cut)
	out.Cause.ID = clip(a.Cause.ID, cut)
	if a.Approval != nil {
		v := a.Approval.clipped(cut)
		out.Approval = &v
	}
	for i := range out.Facets {
		out.Facets[i].clip(cut)
	}
	return &out
}

// shortened is the seal with the first of its sources and systems and, if cut is
// not 0, with what comes from outside cut to so many bytes.
func (s *Seal) shortened(parts, cut int) *Seal {
	out := *s
	out.full = s
	out.Looked, out.Unseen = slices.Clone(s.Looked[:min(parts, len(s.Looked))]), slices.Clone(s.Unseen[:min(parts, len(s.Unseen))])
	if cut == 0 {
		return &out
	}
	out.Approval, out.Unseen = s.Approval.clipped(cut), slices.Compact(clipAll(out.Unseen, cut))
	for i := range out.Looked {
		out.Looked[i].URI = clip(out.Looked[i].URI, cut)
	}
	out.Facets = slices.Clone(s.Facets)
	for i := range out.Facets {
		out.Facets[i].Seen = clipEvidence(out.Facets[i].Seen, cut)
	}
	return &out
}

func (v ApprovalView) clipped(cut int) ApprovalView {
	v.ID, v.Source, v.Ticket = clip(v.ID, cut), clip(v.Source, cut), clip(v.Ticket, cut)
	v.Requester, v.DecidedBy, v.Consumers = clip(v.Requester, cut), clip(v.DecidedBy, cut), clipAll(v.Consumers, cut)
	v.Scopes = slices.Clone(v.Scopes)
	for i := range v.Scopes {
		v.Scopes[i] = clipScope(v.Scopes[i], cut)
	}
	v.Evidence = clipEvidence(v.Evidence, cut)
	return v
}

func (f *FacetView) clip(cut int) {
	f.Source, f.ID, f.Note, f.UntilID = clip(f.Source, cut), clip(f.ID, cut), clip(f.Note, cut), clip(f.UntilID, cut)
	f.Subject, f.Name, f.UntilBy = clip(f.Subject, cut), clip(f.Name, cut), clip(f.UntilBy, cut)
	f.Person, f.Behind = clipAll(f.Person, cut), clipAll(f.Behind, cut)
	f.Scope, f.Evidence = clipScope(f.Scope, cut), clipEvidence(f.Evidence, cut)
}

func clipScope(s events.Scope, cut int) events.Scope {
	return events.Scope{System: clip(s.System, cut), Resource: clip(s.Resource, cut), Role: clip(s.Role, cut), Level: clip(s.Level, cut)}
}

func clipEvidence(in []Evidence, cut int) []Evidence {
	out := slices.Clone(in)
	for i := range out {
		out[i].ID = clip(out[i].ID, cut)
	}
	return out
}

// clipAll cuts each of a list, which it bounds as well.
func clipAll[S ~string](in []S, cut int) []S {
	out := slices.Clone(in[:min(len(in), MaxShown)])
	for i := range out {
		out[i] = clip(out[i], cut)
	}
	return out
}

// clip cuts text that is longer than so many bytes and shows that it did.
func clip[S ~string](s S, cut int) S {
	if len(s) <= cut {
		return s
	}
	const more = "…"
	end := cut - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}
