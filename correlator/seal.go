package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// Seal states that an approval's window is over and all that it granted has
// ended, facet by facet, with what each end rests on. Claimed and presumed ends
// make it closed-unproven instead. It says what is known when it is told: access
// under the approval that shows itself later is an alert's business while it is
// held, and the next revision of the seal tells of it when it has ended.
type Seal struct {
	Approval ApprovalView
	Revision uint64
	Proven   bool
	// Assurance is the weakest basis among the facets.
	Assurance Basis
	Facets    []SealFacet
	// Looked are the sources whose record was looked at, with their progress.
	Looked []SealSource
	// Unseen are systems that the approval names and no connector reads.
	Unseen []string
	Told   Time
	Origin Origin
	Policy string
	// TraceParent of the message that caused it; a header, not body.
	TraceParent string
	// full is the seal before it was made to fit, nil where all of it fits.
	full *Seal
}

// SealFacet sums up one kind of access under the approval.
type SealFacet struct {
	Facet   string // approval, session, credential, directory
	Count   int
	End     Time // of the last one
	EndLo   Time // last known alive before it
	Basis   Basis
	Overrun time.Duration // beyond the window's end, 0 when in time
	Seen    []Evidence    // of the last one's end
}

// SealSource is one source that was looked at.
type SealSource struct {
	URI      string
	Progress Time // 0: it promises none
}

// facetNames are the kinds as a seal names them.
var facetNames = map[events.AccessKind]string{
	events.KindSession: "session", events.KindLease: "credential", events.KindMembership: "directory",
}

// accessKinds are the kinds in the order of a seal.
var accessKinds = []events.AccessKind{events.KindSession, events.KindLease, events.KindMembership}

// judgeSeal publishes the seal once it may be said: the window over, everything
// granted ended, claims unchallenged for long enough, and every source that
// could know better past all of it.
func (s *step) judgeSeal(a *approval, st *approvalState, end Time) settled {
	idle := settled{wake: Forever}
	if !st.Granted || end == 0 || end == Forever || end > s.now() || a.Open > 0 {
		a.SealReady = 0
		return idle
	}
	source, _ := a.Key.split()
	if r := s.source(source); r != nil && r.History != 0 && end <= r.History {
		return idle // the past that the source brought is for review
	}
	sum, ok := s.sumGranted(a, end)
	if !ok {
		return idle // the job that sums it up asks again
	}
	due := sum.due(end, s.pol.UnprovenAfter)
	a.Closures, a.ClosedAt = sum.closures(end), due
	v := s.settleSeal(due, source, sum.Sources)
	if !v.speak || len(v.behind) > 0 {
		// A seal is never provisional: it waits for who is behind.
		v.speak = false
		return v
	}
	var seal *Seal
	var said string
	if a.SealSum != "" { // else whatever it says is new
		seal = s.sealOf(a, st, end, sum)
		if said = seal.sum(); said == a.SealSum {
			return idle
		}
	}
	// What became known late comes in company: wait for the rest of it.
	if a.SealReady == 0 {
		a.SealReady = s.now()
	}
	if until := a.SealReady.Add(defaultSettle); a.SealReady > due && s.now() < until {
		return settled{wake: until, waits: v.waits}
	}
	if seal == nil {
		seal = s.sealOf(a, st, end, sum)
		said = seal.sum()
	}
	a.SealReady = 0
	a.SealSum = said
	if run := s.meta.TakeOver.Run; run != "" && a.SealTakenOver != run {
		was, _ := s.told(sealID(a.Key.split()))
		a.SealTakenOver, a.SealRev = run, max(a.SealRev, was.Rev)
	}
	a.SealRev++
	seal.Revision = a.SealRev
	s.seals = append(s.seals, Publication{Seal: seal})
	return idle
}

// sealOf makes the seal out of what was granted.
func (s *step) sealOf(a *approval, st *approvalState, end Time, sum *grantedSum) *Seal {
	seal := &Seal{
		Approval: *s.viewApproval(a.Key), Assurance: Verified, Told: s.now(), Origin: s.msg.Origin,
		Policy: s.policyName(), TraceParent: s.msg.Event.TraceParent,
	}
	seal.Facets = append(seal.Facets, SealFacet{Facet: "approval", Count: 1, End: end, EndLo: end, Basis: Observed})
	for _, kind := range accessKinds {
		f, ok := sum.Kinds[kind]
		if !ok {
			continue
		}
		seal.Facets = append(seal.Facets, SealFacet{
			Facet: facetNames[kind], Count: f.Count, End: f.End, EndLo: f.EndLo, Basis: f.Basis,
			Overrun: max(0, f.End.Sub(end)), Seen: []Evidence{{What: "end", ID: f.EndID, Seq: f.EndSeq, At: f.End}},
		})
		if basisRank[f.Basis] < basisRank[seal.Assurance] {
			seal.Assurance = f.Basis
		}
	}
	if len(sum.Kinds) == 0 {
		seal.Assurance = Observed
	}
	seal.Proven = basisRank[seal.Assurance] > basisRank[Presumed]
	for _, uri := range s.sourcesKnown() {
		r := s.source(uri)
		if r != nil && r.Accesses {
			seal.Looked = append(seal.Looked, SealSource{uri, 0})
			if s.owesProgress(r) {
				seal.Looked[len(seal.Looked)-1].Progress = r.Progress
			}
		}
	}
	seal.Unseen = s.unseen(st.Scopes)
	return seal
}

// unseen lists the systems in which the approved right exists and that no
// connector has spoken of.
func (s *step) unseen(scopes []events.Scope) []string {
	return slices.DeleteFunc(s.systemsOf(scopes), func(sys string) bool { return s.marked(indexSystem, sys) })
}

// systemsOf lists the systems in which a right exists, by its scopes and through
// the entitlements.
func (s *step) systemsOf(scopes []events.Scope) []string {
	var systems []string
	for _, sc := range scopes {
		systems = append(systems, sc.System)
		for i := range s.pol.Entitlements {
			e := &s.pol.Entitlements[i]
			if _, ok := e.level(sc); ok {
				for _, m := range e.Members {
					systems = append(systems, m.Scope.System)
				}
			}
		}
	}
	slices.Sort(systems)
	return slices.Compact(systems)
}
