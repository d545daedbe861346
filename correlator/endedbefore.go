package correlator

import (
	"slices"
	"strings"

	"github.com/overstay/overstay/events"
)

// bulkClaim is a source's word that everything of a kind, a scope, a holder or a
// beginning of its id ended. It is kept as a fact: what it is about may be read
// after it.
type bulkClaim struct {
	T        Time              `json:"t"`
	ID       string            `json:"id"`
	Seq      uint64            `json:"seq"`
	Before   Time              `json:"before"` // about what began before
	Kind     events.AccessKind `json:"kind,omitempty"`
	Scope    events.Scope      `json:"scope,omitzero"`
	IDPrefix string            `json:"idPrefix,omitempty"`
	Subject  events.ID         `json:"subject,omitempty"`
}

// bulkClaims are those of one source, in (time, id) order.
type bulkClaims struct {
	Claims []bulkClaim `json:"claims"`
}

// maxBulkClaims bounds the claims of one source; the oldest go. What they were
// about and was read in time has its end by then. Those that go while what they
// were about may still come back are counted: it is judged without them.
const maxBulkClaims = 256

func (c bulkClaim) order(o bulkClaim) int {
	if c.T != o.T {
		return cmp(c.T, o.T)
	}
	return cmp(c.ID, o.ID)
}

// add merges a claim in; it reports whether it is kept and was not there.
func (b *bulkClaims) add(c bulkClaim) bool {
	i, copied := slices.BinarySearchFunc(b.Claims, c, bulkClaim.order)
	if copied {
		b.Claims[i].Seq = min(b.Claims[i].Seq, c.Seq)
		return false
	}
	b.Claims = slices.Insert(b.Claims, i, c)
	return slices.ContainsFunc(b.Claims, func(o bulkClaim) bool { return o.ID == c.ID })
}

// shed lets claims go that are older than a time, and the oldest where there are too
// many; it returns how many of those were not that old.
func (b *bulkClaims) shed(before Time) (dropped int) {
	for len(b.Claims) > 1 && (b.Claims[0].T < before || len(b.Claims) > maxBulkClaims) {
		if b.Claims[0].T >= before {
			dropped++
		}
		b.Claims = b.Claims[1:]
	}
	return dropped
}

// act is the claim as it stands in the record of an access.
func (c bulkClaim) act() act {
	return act{
		T: c.T, Kind: actEnd, Basis: Claimed, Cause: events.CauseRevoked, ID: c.ID, Seq: c.Seq,
		Before: c.Before, Under: c.IDPrefix,
	}
}

// applyEndedBefore keeps a bulk claim and judges what it is about.
func (s *step) applyEndedBefore(ev events.Event, d *events.EndedBefore) bool {
	if d.Effect == events.InProgress {
		return false // an end in progress never closes
	}
	c := bulkClaim{
		T: At(ev.Time), ID: eventRef(ev), Seq: s.msg.Origin.Seq, Before: At(d.Before),
		Kind: d.Kind, Scope: d.Scope, IDPrefix: d.IDPrefix, Subject: ev.Subject,
	}
	b := s.bulkClaims(ev.Source)
	if !b.add(c) {
		return false
	}
	r := s.sourceOrNew(ev.Source)
	r.DroppedClaims += b.shed(s.now().Add(-tombstoneFor))
	s.st.Put(key(keyClaims, ev.Source), encodeRecord(b))
	r.Claimed = max(r.Claimed, c.Before)
	j := job{Kind: jobClaim, Prefix: ev.Source, Claim: &c}
	if !s.advance(&j) {
		s.addJob(j)
	}
	return true
}

// bulkClaims reads a source's claims through the step's cache.
func (s *step) bulkClaims(source string) *bulkClaims {
	if b, ok := s.claims[source]; ok {
		return b
	}
	b := &bulkClaims{}
	decodeRecord(s.st.Get(key(keyClaims, source)), b)
	s.claims[source] = b
	return b
}

// prefixes are where what a claim names stands, in key order: accesses, and the
// ids under which they were issued again.
func (c bulkClaim) prefixes(source string) [][]byte {
	var out [][]byte
	for _, class := range []string{keyAccess, indexAlias} {
		for _, kind := range []events.AccessKind{events.KindLease, events.KindMembership, events.KindSession} {
			if c.Kind == "" || c.Kind == kind {
				out = append(out, []byte(class+string(makeAccessKey(kind, source, c.IDPrefix))))
			}
		}
	}
	return out
}

// advanceClaim goes on judging what a claim is about; the job's prefix is its
// source.
func (s *step) advanceClaim(j *job) bool {
	for _, prefix := range j.Claim.prefixes(j.Prefix) {
		var keys []string
		s.st.Scan(prefix, []byte(j.Cursor), func(k, _ []byte) bool {
			keys = append(keys, string(k))
			return len(keys) <= s.budget
		})
		for _, key := range keys {
			if s.budget <= 0 {
				j.Cursor = key
				return false
			}
			s.budget--
			k := s.resolve(accessKey(key[1:]))
			if x := s.access(k); x != nil && s.about(*j.Claim, x) {
				s.budget -= s.weightOf(ownAccess+string(k)) - 1
				s.touchAccess(k)
			}
		}
	}
	return true
}

// about reports whether a claim speaks of an access, as far as its stretches do
// not decide that: those are the fold's business.
func (s *step) about(c bulkClaim, x *access) bool {
	kind, _, id := x.Key.split()
	switch {
	case !x.seenBefore(c.Before),
		c.Kind != "" && c.Kind != kind,
		!x.namedUnder(id, c.IDPrefix),
		!c.Scope.IsZero() && !scopeCovers(c.Scope, x.Scope):
		return false
	}
	return c.Subject == "" || slices.Contains(s.person(c.Subject, c.T), s.canonical(x.Subject))
}

// namedUnder reports whether the access, or one that it was issued again as, has
// an id that begins so.
func (x *access) namedUnder(id, prefix string) bool {
	return strings.HasPrefix(id, prefix) || slices.ContainsFunc(x.Acts, func(a act) bool {
		return a.Of != "" && a.Before == 0 && strings.HasPrefix(a.Of, prefix)
	})
}

// sweeps reports whether a claim made in bulk reaches a stretch: one that began
// before what the claim is about, and goes by an id that it names.
func (a *act) sweeps(e *Episode, id string) bool {
	if e.newest != "" {
		id = e.newest
	}
	return e.Start < a.Before && strings.HasPrefix(id, a.Under)
}

// seenBefore reports whether anything but a bulk claim tells of the access before
// a time.
func (x *access) seenBefore(t Time) bool {
	for i := range x.Acts {
		a := &x.Acts[i]
		if a.T >= t {
			return false
		}
		if a.Before == 0 {
			return true
		}
	}
	return false
}

// heedClaims brings an access up to date with its source's bulk claims: those
// that are about it become acts of it, and one that turns out not to be, since
// its scope or holder is better known by now, is taken back.
func (s *step) heedClaims(x *access) {
	k := x.Key
	s.heedRotations(x)
	r := s.source(k.source())
	if r == nil || r.Claimed == 0 || !x.seenBefore(r.Claimed) {
		return
	}
	for _, c := range s.bulkClaims(r.URI).Claims {
		there := slices.ContainsFunc(x.Acts, c.made)
		switch about := s.about(c, x); {
		case about && !there:
			s.bringUnder(ownAccess + string(k))
			s.learn(x, c.act())
		case there && !about:
			x.Acts = slices.DeleteFunc(x.Acts, c.made)
		default:
			continue
		}
		s.changed[ownAccess+string(k)] = true
	}
}

// made reports whether an act was made of the claim.
func (c bulkClaim) made(a act) bool { return a.Before != 0 && a.ID == c.ID }
