package correlator

import (
	"time"

	"github.com/overstay/overstay/events"
)

// goneAfter is how long a source that owes progress is awaited while it reports
// none. From minutes on OV-022 tells that it is blind, and what awaits it is told as
// provisional and names it; after this it is taken to be no longer there, and what is
// told no longer waits for it. What it last said stays so: an access that only it
// could end is open until somebody says otherwise.
const goneAfter = 7 * 24 * time.Hour

// goneAt is when a source that owes progress counts as gone. Silence of the clock is
// not the source's.
func (s *step) goneAt(r *source) Time {
	return max(r.ProgressHeard, r.promisedSince(), s.meta.CatchUp.At).Add(goneAfter)
}

// retired reports whether the policy says that a source is no more.
func (s *step) retired(uri string) bool {
	at := s.pol.Sources[uri].Retired
	return at != 0 && at <= s.now()
}

// sourcesEnd ends what a source that is no more left open. Nobody saw that end.
func (s *step) sourcesEnd(x *access, eps []Episode) {
	uri, n := x.Key.source(), len(eps)
	if n == 0 || !eps[n-1].Open() || !s.retired(uri) {
		return
	}
	if last, at := &eps[n-1], s.pol.Sources[uri].Retired; last.LastAlive <= at {
		last.End, last.EndLo, last.Basis, last.Claim = at, last.LastAlive, Presumed, 0
	}
}

// leaveSource forgets a source that has said nothing for as long as anything is
// remembered, and of which nothing is left.
func (s *step) leaveSource(uri string, at Time) {
	r := s.source(uri)
	if r == nil || r.Expire != at {
		return
	}
	s.changed[ownSource+uri] = true
	r.Expire = 0
	due := r.Heard.Add(tombstoneFor)
	if s.now() < due || !r.verdict.rests() || r.Open > 0 || s.speaks(uri) {
		s.setExpiry(ownSource+uri, &r.Expire, max(due, s.now().Add(tombstoneFor/9)))
		return
	}
	for _, class := range []string{indexApprovers, indexLinkers} {
		s.delist(class, "", uri)
	}
	s.st.Delete(key(keyClaims, uri))
	for _, f := range r.Facets {
		s.st.Delete(facetKey(f, ownSource+uri))
	}
	s.setWake(ownSource+uri, &r.Wake, 0)
	s.drop(ownSource + uri)
	s.forgetSource(uri)
	delete(s.claims, uri)
}

// speaks reports whether a record that a source told of is in the state.
func (s *step) speaks(uri string) bool {
	prefixes := []string{keyApproval + uri + partSep, indexWait + uri + idSep, keySnapshot + uri + idSep}
	for _, kind := range []events.AccessKind{events.KindLease, events.KindMembership, events.KindSession} {
		prefixes = append(prefixes, keyAccess+string(makeAccessKey(kind, uri, "")))
	}
	found := false
	for _, p := range prefixes {
		s.st.Scan([]byte(p), nil, func(_, _ []byte) bool {
			found = true
			return false
		})
	}
	return found
}
