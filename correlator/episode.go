package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// Basis says on what an end rests, weakest last in a chain's assurance.
type Basis string

// The bases of an end, strongest first.
const (
	Verified  Basis = "verified"  // a probe was refused
	Observed  Basis = "observed"  // the source itself says ended
	Scheduled Basis = "scheduled" // its exact expiry passed, nothing renewed it
	Presumed  Basis = "presumed"  // an upper bound of its expiry passed
	Claimed   Basis = "claimed"   // somebody asked for it or reported it
	Unknown   Basis = "unknown"
)

var basisRank = map[Basis]int{Verified: 5, Observed: 4, Scheduled: 3, Presumed: 2, Claimed: 1, Unknown: 0}

// Episode is one stretch of holding an access, from a start to an end. A group
// membership that is removed and added again has two.
type Episode struct {
	Start   Time
	StartLo Time // the start lies in (StartLo, Start]; Ever: before all we know
	StartID string
	// inferred: nothing tells of the start but a sign of life before anybody
	// introduced it. Whoever does knows better: clocks differ. A membership that
	// was seen is another matter: it can be added to a group that it is in.
	inferred bool
	// LastAlive is the last sign of life, the start included.
	LastAlive Time
	LastUse   Time // 0: never seen used
	// Read is when a static secret was last read by it, Rotated when that was
	// changed then; 0: it was not.
	Read, Rotated Time
	// Interactive is when it was first used by a person at a keyboard; 0: never.
	Interactive Time
	// End is Forever while it is open.
	End    Time
	EndLo  Time // last known alive before the end
	Basis  Basis
	Cause  events.EndCause
	EndID  string
	EndSeq uint64
	// Claim is a claimed end that is not outdone by a sign of life, 0 for none.
	Claim Time
	// Claims are the ends that were only claimed, Signs the signs of life since
	// the start, in order: a sign after a claim shows that it was not true.
	Claims []claimedEnd
	Signs  []sign
	// Pending: the grant was only in progress, and nobody said that it was done.
	Pending bool
	// newest is the id of the latest reissue: an end of an older one is not the
	// end of the access.
	newest string
	// Failed is the time of the first failed revocation since the start or since an
	// end that made others good, 0 for none, with what its source said of it,
	// FailedLast that of the latest. A finding stands since the first: the latest
	// moves with each try, and into the future with a clock that is ahead.
	Failed     Time
	FailedNote string
	FailedLast Time
	// Expiry as the latest statement has it.
	Expiry     Time // 0: none stated
	ExpiryKind events.ExpiryKind
	Expiries   []expiryAct // every statement, in order, the issue first
	Unc        time.Duration
}

// expiryAct is one statement of an expiry.
type expiryAct struct {
	T     Time
	Exp   Time
	Kind  events.ExpiryKind
	Renew bool
	ID    string
	Seq   uint64
}

// claimedEnd is one claim that the access has ended.
type claimedEnd struct {
	T   Time
	Unc time.Duration
	// Until is when the claim became moot: the access was issued anew, or the
	// source took its word back. Life from then on says nothing against it.
	Until Time
}

// sign is one sign of life.
type sign struct {
	T    Time
	Unc  time.Duration
	Kind actKind
	// Issued: it was issued then, for the first time or anew.
	Issued bool
}

// Open reports whether the access is held.
func (e *Episode) Open() bool { return e.End == Forever }

// inProgressAfter is how long a grant may be in progress before it counts.
const inProgressAfter = 15 * time.Minute

// episodes folds the acts into stretches as of now: an expiry ends an episode
// only once log time has passed it.
func (x *access) episodes(now Time, pol *Policy) []Episode { return x.episodesIn(nil, now, pol) }

// episodesIn does so in the room of others, of which nothing stays.
func (x *access) episodesIn(out []Episode, now Time, pol *Policy) []Episode {
	var cur *Episode
	open := func(a *act) {
		var was Episode
		if n := len(out); n < cap(out) {
			was = out[:n+1][n]
		}
		out = append(out, Episode{
			Start: a.T, StartLo: lowOf(a), StartID: a.ID, LastAlive: a.T, End: Forever, Unc: a.Unc,
			Claims: was.Claims[:0], Signs: was.Signs[:0], Expiries: was.Expiries[:0],
		})
		cur = &out[len(out)-1]
	}
	kind, _, id := x.Key.split()
	acts := x.heeded(now, pol)
	// held: the last that was told of it was life, and no end. What is removed and
	// added in one instant, the start first, stays if it was there; if it was not, it
	// comes and goes.
	held, stays := false, false
	for i := range acts {
		a := &acts[i]
		if i == 0 || a.T != acts[i-1].T {
			stays = held && a.Kind == actStart
		}
		if cur != nil && cur.Unc < a.Unc {
			cur.Unc = a.Unc
		}
		switch a.Kind {
		case actStart, actRenew, actAlive, actUse:
			// A credential or session that lives after its end was not at its end,
			// whoever saw it; a membership that is there again was given again.
			again := a.Kind == actStart || kind == events.KindMembership && cur != nil && cur.Basis != Claimed
			if a.Kind == actStart && cur != nil {
				cur.schedule(a.T) // what ran out before was over, and this is another grant
			}
			if cur == nil || !cur.Open() && again {
				open(a)
				if a.Kind != actStart && len(out) == 1 && a.Lo == 0 {
					cur.StartLo = Ever // known only since it was already there
				}
				cur.inferred = a.Kind != actStart && (a.Kind != actAlive || kind != events.KindMembership)
			}
			if a.Kind == actStart && cur.inferred {
				cur.Start, cur.StartLo, cur.StartID, cur.inferred = a.T, lowOf(a), a.ID, false
				cur.Expiries = nil
			}
			cur.Pending = a.Pending
			cur.live(a)
			held = true
		case actFailed:
			if cur == nil {
				open(a)
				cur.StartLo, cur.inferred = Ever, true
			}
			cur.fail(a)
		case actEnd, actProbed:
			if stays && a.Kind == actEnd && a.Before == 0 {
				continue
			}
			if cur == nil && !a.Rotation && a.Before == 0 {
				open(a)
				cur.StartLo, cur.inferred = Ever, true
			}
			if cur != nil && a.ends(cur, id) {
				cur.die(a)
				held = false
			}
		}
	}
	for i := range out {
		out[i].schedule(now)
	}
	return out
}

func (x *access) hasDoneStart() bool {
	for i := range x.Acts {
		if a := &x.Acts[i]; !a.Pending && a.Kind != actVoid {
			return true
		}
	}
	return false
}

// voided reports whether an act in progress is known to have failed.
func (x *access) voided(id string) bool {
	return slices.ContainsFunc(x.Acts, func(a act) bool { return a.Kind == actVoid && a.ID == id })
}

// heeded are the acts that count as of now: what is in progress does for as long as
// nobody says that it is done or failed, and not at once. Probes that the policy
// trusts are proofs. What it returns is nobody's to change.
func (x *access) heeded(now Time, pol *Policy) []act {
	if !x.hedged() {
		return x.Acts
	}
	done := x.hasDoneStart()
	out := make([]act, 0, len(x.Acts))
	for _, a := range x.Acts {
		switch {
		case a.Kind == actVoid:
			continue
		case a.Pending && (done || a.Kind != actStart || now < a.T.Add(inProgressAfter) || x.voided(a.ID)):
			continue
		case a.Prober != "" && pol.Sources[a.Prober].TrustProbes:
			a.Kind, a.Basis = actProbed, Verified
		}
		out = append(out, a)
	}
	return out
}

// hedged reports whether there are acts that may not count as they stand.
func (x *access) hedged() bool {
	for i := range x.Acts {
		if a := &x.Acts[i]; a.Kind == actVoid || a.Pending || a.Prober != "" {
			return true
		}
	}
	return false
}

// ends reports whether the act is about an end of the stretch, and not of an older
// id of it or of what a claim in bulk does not reach. A rotation is one of what was
// read before.
func (a *act) ends(e *Episode, id string) bool {
	switch {
	case a.Rotation:
		return true
	case a.Before != 0:
		return a.sweeps(e, id)
	}
	return a.Of == e.newest
}

// lowOf is the lower bound of when an act happened.
func lowOf(a *act) Time {
	if a.Lo != 0 {
		return a.Lo
	}
	return a.T
}

// live takes a sign of life: it denies an earlier claim and may move the expiry.
func (e *Episode) live(a *act) {
	if !e.Open() && a.T > e.End {
		e.reopen()
	}
	if a.Kind == actStart || a.Issue {
		e.newest = a.Of
		e.dropClaims(a.T)
	}
	e.LastAlive = max(e.LastAlive, a.T)
	e.Signs = append(e.Signs, sign{a.T, a.Unc, a.Kind, a.Kind == actStart || a.Issue})
	if a.reads() {
		e.Read, e.Rotated = a.T, 0
	}
	if a.Interactive && e.Interactive == 0 {
		e.Interactive = a.T
	}
	if a.Kind == actUse {
		e.LastUse = max(e.LastUse, a.T)
	}
	if a.ExpKind != "" {
		e.Expiry, e.ExpiryKind = a.Exp, a.ExpKind
		e.Expiries = append(e.Expiries, expiryAct{a.T, a.Exp, a.ExpKind, a.Kind == actRenew, a.ID, a.Seq})
	}
}

// reopen takes an end back that something after it shows to have been none.
func (e *Episode) reopen() {
	e.Claim = 0
	e.End, e.EndLo, e.Basis, e.Cause, e.EndID, e.EndSeq = Forever, 0, "", "", "", 0
}

// dropClaims makes what was claimed before moot.
func (e *Episode) dropClaims(t Time) {
	for i := range e.Claims {
		e.Claims[i].Until = min(e.Claims[i].Until, t)
	}
}

// fail takes a failed revocation: what could not be revoked lives on at its target,
// though its issuer may have counted it as gone.
func (e *Episode) fail(a *act) {
	if !e.Open() {
		if e.Basis == Verified || a.T < e.End {
			return // a probe knows better; and what failed before the end was made good by it
		}
		if e.Basis != Claimed {
			e.Failed = 0 // so were those that stood until then
		}
		e.reopen()
	}
	if e.Failed == 0 {
		e.Failed, e.FailedNote = a.T, a.Note
	}
	e.FailedLast = a.T
	e.dropClaims(a.T)
}

// die takes an end. A better basis outdoes a worse one; a repeated end of the
// same basis changes nothing.
func (e *Episode) die(a *act) {
	if a.Rotation && a.T > e.Read && e.Rotated == 0 {
		e.Rotated = a.T
	}
	if a.Basis == Claimed {
		e.Claims = append(e.Claims, claimedEnd{a.T, a.Unc, Forever})
	}
	if !e.Open() && basisRank[a.Basis] <= basisRank[e.Basis] {
		return
	}
	if a.Basis == Claimed {
		e.Claim = a.T
	} else {
		e.Claim = 0
	}
	e.End, e.Basis, e.Cause, e.EndID, e.EndSeq = a.T, a.Basis, a.Cause, a.ID, a.Seq
	e.EndLo = e.LastAlive
	if a.Lo != 0 {
		e.EndLo = max(a.Lo, e.LastAlive)
	}
	e.EndLo = min(e.EndLo, e.End)
}

// schedule ends an episode whose expiry has passed. A sign of life after the
// expiry shows that the expiry was not the end.
func (e *Episode) schedule(now Time) {
	basis := Scheduled
	switch e.ExpiryKind {
	case events.ExpiryExact:
	case events.ExpiryUpperBound:
		basis = Presumed
	default:
		return
	}
	if e.Expiry > now || e.LastAlive > e.Expiry || e.FailedLast >= e.Expiry {
		return // what could not be revoked when it ran out has not ended by running out
	}
	// An end that the source observed stands; a claim that came no earlier than the
	// expiry only repeats it.
	if !e.Open() && (e.Basis != Claimed || e.End < e.Expiry) {
		return
	}
	e.End, e.EndLo, e.Basis, e.Cause, e.Claim = e.Expiry, min(e.LastAlive, e.Expiry), basis, events.CauseExpired, 0
	if n := len(e.Expiries); n > 0 {
		e.EndID, e.EndSeq = e.Expiries[n-1].ID, e.Expiries[n-1].Seq
	}
}

// nextChange is when the episodes look different without a new fact: the next
// expiry or in-progress grant after now; Forever when nothing is to come.
func (x *access) nextChange(eps []Episode, now Time) Time {
	next := Forever
	for i := range x.Acts {
		if a := &x.Acts[i]; a.Pending && a.Kind == actStart {
			if t := a.T.Add(inProgressAfter); t > now {
				next = min(next, t)
			}
		}
	}
	for i := range eps {
		e := &eps[i]
		dated := e.ExpiryKind == events.ExpiryExact || e.ExpiryKind == events.ExpiryUpperBound
		if dated && e.Expiry > now && e.End > e.Expiry {
			next = min(next, e.Expiry)
		}
	}
	return next
}

// Stronger reports whether an end rests on more than it would with another basis.
func (b Basis) Stronger(than Basis) bool { return basisRank[b] > basisRank[than] }

// Proves reports whether an end of this basis counts as proven: it is more than
// claimed or presumed.
func (b Basis) Proves() bool { return b.Stronger(Presumed) }
