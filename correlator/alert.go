package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// Alert is one revision of an alert, as a value. [Alert.Encode] makes its bytes.
type Alert struct {
	ID          string
	Revision    uint64
	Rule        Rule
	State       AlertState
	Severity    Severity
	Provisional bool
	Closing     Closing
	// Raised is the log time of the first revision since the alert last stood;
	// Told that of this one.
	Raised, Told Time
	// Due is when the earliest of the facets shown was due.
	Due   Time
	Open  int
	Total int
	// Owners counts the accesses (approvals, sources) that the Total facets are of.
	Owners int
	Origin Origin
	// TraceParent of the message that caused the revision; a header, not body.
	TraceParent string
	Cause       Evidence
	Policy      string
	Approval    *ApprovalView
	Source      string
	Account     events.ID
	// Facets are the deciding ones, at most [MaxShown]; Open and Total count all.
	Facets []FacetView
	// Marks are an operator's words that it bears while it stands.
	Marks []MarkView
	// Recomputed: it differs from what was told before the state was made again, and
	// no event of a source is the cause.
	Recomputed bool
	// Said is what the former revision said, in the past tense, for when no facet
	// is left.
	Said string
	// full is the alert before it was made to fit, nil where all of it fits.
	full *Alert
}

// MaxShown bounds the facets that an alert's body carries.
const MaxShown = 8

// ApprovalView is the approval that an alert is about.
type ApprovalView struct {
	ID, Source           string
	Requester, DecidedBy events.ID
	Consumers            []events.ID
	Ticket               string
	Scopes               []events.Scope
	Begin, End           Time
	Evidence             []Evidence
}

// FacetView is one access in an alert, or the approval or source that it is about.
type FacetView struct {
	// Of is "approval" or "source" where it is no access, whose Kind says what it is.
	Of         string
	Kind       events.AccessKind
	Source, ID string
	Subject    events.ID
	// Name is the id of the person that reads best; Subject stays what the
	// source wrote.
	Name       events.ID
	Person     []events.ID
	Scope      events.Scope
	Credential events.CredentialKind
	From, To   Time
	Due, Fired Time
	Start      Time
	Expiry     Time
	ExpiryKind events.ExpiryKind
	LastAlive  Time
	LastUse    Time
	End        Time
	EndLo      Time
	Basis      Basis
	Cause      events.EndCause
	Claimed    Time
	Closed     Closing
	Behind     []string
	Unattested bool
	Weak       bool
	Used       bool
	Note       string
	// UntilID and UntilBy name the approval that covered it up to From and who
	// decided it, where another than the alert's did.
	UntilID  string
	UntilBy  events.ID
	Evidence []Evidence
}

// Evidence points at one event in the log.
type Evidence struct {
	What string `json:"what"`
	ID   string `json:"id"` // source|id
	Seq  uint64 `json:"seq"`
	At   Time   `json:"-"`
}

type shown struct {
	owner string
	facet facet
}

// exemplars picks the facets that a body shows: open ones first, in order of
// when their overrun began, then by key.
func (s *step) exemplars(l *ledger) []shown {
	var out []shown
	prefix := prefixOf(indexFacet, l.Key)
	for _, state := range []string{"o", "c"} {
		p := append(slices.Clone(prefix), state...)
		s.st.Scan(p, nil, func(k, _ []byte) bool {
			rest := string(k[len(p):])
			owner := rest[9:]
			for _, f := range s.facetsOf(owner) {
				if f.Alert == l.Key && f.open() == (state == "o") && timeKey(f.From)+f.ordKey() == rest[:9] {
					out = append(out, shown{owner, f})
					break
				}
			}
			return len(out) < MaxShown
		})
	}
	return out
}

func (s *step) facetsOf(owner string) []facet {
	if v := s.verdictOf(owner); v != nil {
		return v.Facets
	}
	return nil
}

// alert builds a revision from the ledger and the records it is about.
func (s *step) alert(l *ledger, state AlertState, why Closing) *Alert {
	parts := partsOf(l.Key)
	a := &Alert{
		ID: l.ID, Revision: l.Rev, Rule: ruleByID(parts.Rule), State: state, Severity: l.Severity,
		Provisional: l.Provisional, Closing: why, Raised: l.RaisedAt, Told: s.now(), Due: Forever,
		Open: l.Open, Total: l.Open + l.Closed, Owners: l.Owners, Origin: s.msg.Origin, TraceParent: s.msg.Event.TraceParent,
		Cause:  Evidence{What: s.msg.Event.Type.Short(), ID: eventRef(s.msg.Event), Seq: s.msg.Origin.Seq, At: At(s.msg.Event.Time)},
		Policy: s.policyName(), Source: parts.Source, Account: parts.Account, Said: l.What,
	}
	if state == Raised && l.Open == 0 {
		a.Open = l.Closed // told as it stood, resolved in the next revision
	}
	if parts.Approval != "" {
		a.Approval = s.viewApproval(parts.Approval)
	}
	for _, e := range s.exemplars(l) {
		a.Facets = append(a.Facets, s.viewFacet(e))
		a.Due = min(a.Due, e.facet.Due)
	}
	if a.Due == Forever {
		a.Due = l.RaisedAt
	}
	return a
}

func (s *step) viewApproval(k approvalKey) *ApprovalView {
	a := s.approval(k)
	if a == nil {
		return nil
	}
	st := a.fold()
	source, id := k.split()
	v := &ApprovalView{
		ID: id, Source: source, Requester: st.Requester, DecidedBy: st.DecidedBy, Consumers: st.Consumers,
		Ticket: st.Ticket, Scopes: st.Scopes, Begin: st.begin(), End: st.end(),
	}
	if len(v.Consumers) > MaxShown {
		v.Consumers = v.Consumers[:MaxShown]
	}
	if len(v.Scopes) > MaxShown {
		v.Scopes = v.Scopes[:MaxShown]
	}
	acts := a.Acts
	if len(acts) > MaxShown {
		acts = acts[len(acts)-MaxShown:]
	}
	for _, act := range acts {
		v.Evidence = append(v.Evidence, Evidence{"approval." + act.What, act.ID, act.Seq, act.T})
	}
	return v
}

func (s *step) viewFacet(e shown) FacetView {
	f := e.facet
	v := FacetView{
		From: f.From, To: f.To, Due: f.Due, Fired: f.Fired, Claimed: f.Claimed, Closed: f.Closed,
		Behind: f.Behind, Unattested: f.Unattested, Weak: f.Weak, Used: f.Used, Note: f.Note, End: Forever,
	}
	switch e.owner[:1] {
	case ownSource:
		v.Of, v.Source = "source", e.owner[1:]
		if r := s.source(v.Source); partsOf(f.Alert).Rule == ruleTampered.ID && f.Ord < len(r.Incidents) {
			v.Evidence = r.Incidents[f.Ord].evidence()
		}
		return v
	case ownAccount:
		a := s.accountOf(events.ID(e.owner[1:]))
		v.Of, v.Source, v.ID, v.Subject = "account", a.Source, string(a.ID), a.ID
		for _, act := range a.Acts[max(0, len(a.Acts)-MaxShown):] {
			v.Evidence = append(v.Evidence, Evidence{What: "directory." + act.What, ID: act.ID, Seq: act.Seq, At: act.T})
		}
		return v
	case ownApproval:
		v.Of = "approval"
		v.Source, v.ID = approvalKey(e.owner[1:]).split()
		v.Subject = s.approval(approvalKey(e.owner[1:])).fold().Requester
		return v
	}
	if a := s.approval(f.Until); f.Until != "" && a != nil {
		_, v.UntilID = f.Until.split()
		v.UntilBy = a.fold().DecidedBy
	}
	x := s.access(accessKey(e.owner[1:]))
	v.Kind, v.Source, v.ID = x.Key.split()
	v.Subject, v.Scope, v.Credential = s.rootSubject(x), x.Scope, x.Credential
	eps := s.withParents(x, x.episodes(s.now(), s.pol))
	if ep, ok := episodeAt(eps, f.From); ok {
		v.Start, v.LastAlive, v.LastUse = ep.Start, ep.LastAlive, ep.LastUse
		v.End, v.EndLo, v.Basis, v.Cause = ep.End, ep.EndLo, ep.Basis, ep.Cause
		v.Expiry, v.ExpiryKind = ep.Expiry, ep.ExpiryKind
		v.Person = s.person(v.Subject, ep.Start)
		v.Name = s.readable(v.Subject, v.Person, e.facet.Alert)
		if len(v.Person) > MaxShown {
			v.Person = v.Person[:MaxShown]
		}
	}
	acts := x.Acts
	if len(acts) > MaxShown {
		acts = append(slices.Clone(acts[:1]), acts[len(acts)-MaxShown+1:]...)
	}
	for _, a := range acts {
		v.Evidence = append(v.Evidence, Evidence{string(v.Kind) + " " + string(a.Kind), a.ID, a.Seq, a.T})
	}
	return v
}

// readable picks an id for a person's eye: the approval's requester where it is
// the same person, else a name rather than a number.
func (s *step) readable(subject events.ID, person []events.ID, alert string) events.ID {
	if k := partsOf(alert).Approval; k != "" {
		if a := s.approval(k); a != nil {
			if st := a.fold(); slices.Contains(person, s.canonical(st.Requester)) {
				return st.Requester
			}
		}
	}
	if !s.realm(subject).Immutable {
		return subject
	}
	for _, id := range person {
		if r := s.realm(id); !r.Immutable && !r.Recyclable {
			return id
		}
	}
	return subject
}

// policyName is the hash of the policy in force, "default" without one.
func (s *step) policyName() string {
	if s.meta.Policy == "" {
		return s.pol.Hash
	}
	return s.meta.Policy
}
