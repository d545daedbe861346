package correlator

import (
	"slices"
	"sort"
	"time"

	"github.com/overstay/overstay/events"
)

// access is everything known about one session, lease or membership. The facts
// above the line merge commutatively and idempotently; what is below is derived
// and kept only to tell differences.
type access struct {
	Key          accessKey
	Said         stamp // who introduced it best
	Subject      events.ID
	Aliases      []events.ID
	Scope        events.Scope
	Credential   events.CredentialKind
	CredentialBy stamp
	Revocable    *bool
	RevocableBy  stamp
	Parents      []parentRef
	Refs         []approvalRef
	Acts         []act

	// Derived.
	verdict
	// Floor is the time up to which it is judged for good, since acts or windows
	// that were over then have been let go; what was said of that time stays said.
	// 0: none were, and no event is that old.
	Floor Time
	// FloorUnc is the largest uncertainty of the windows that were let go.
	FloorUnc time.Duration
	// Shortened is the time up to which acts were let go (shorten.go): what comes late
	// of that time says nothing. 0: none were.
	Shortened   Time
	Granted     []approvalKey
	GrantedOpen []approvalKey // of these, whose stretch is open
	Paths       []approvalKey // to whose right it is another way
	Secrets     []string      // that it knows, by name
	Unresolved  string        // the system, where its subject is nobody's
	Shape       string        // its stretches, as its children see them
	OpenNow     bool
	Judged      string
	Indexed     []events.ID
	// Bears are the approvals that cover it, or did since Floor, without having
	// granted it: it is judged by them too.
	Bears []approvalKey
	// News is the log time of the newest fact, Expire when it is next seen whether
	// it can go, and Past, once it has left, since when it was over.
	News   Time
	Expire Time
	Past   Time
	// Left is the log time at which it last left with something new to remember.
	Left Time

	right right // that it is to; 0: not asked for yet
}

// stamp orders statements about the same thing: a better kind of statement wins,
// then the later, then the larger event id. Log order plays no part.
type stamp struct {
	Rank int
	T    Time
	ID   string
}

func (s stamp) less(o stamp) bool {
	if s.Rank != o.Rank {
		return s.Rank < o.Rank
	}
	if s.T != o.T {
		return s.T < o.T
	}
	return s.ID < o.ID
}

// parentRef is an edge to the access that this one came from.
type parentRef struct {
	Key  accessKey
	Edge events.ParentEdge
}

// approvalRef is a reference to an approval, with whose word it is.
type approvalRef struct {
	ID     string
	Source string
	By     events.Asserter
}

// actKind is what an act says about an access.
type actKind string

const (
	actStart  actKind = "start"
	actRenew  actKind = "renew" // also a reissue: a new expiry, and life
	actAlive  actKind = "alive" // seen: in a snapshot, by a lookup
	actUse    actKind = "use"   // exercised by its holder
	actEnd    actKind = "end"
	actFailed actKind = "failed" // a revocation failed
	actProbed actKind = "refused"
	actVoid   actKind = "void" // an act in progress that failed
)

// act is one dated fact about an access.
type act struct {
	T       Time
	Kind    actKind
	ID      string // source|event id, the evidence
	Seq     uint64
	Lo      Time // the act lies in (Lo, T]; 0: at T
	Unc     time.Duration
	Exp     Time
	ExpKind events.ExpiryKind
	Basis   Basis
	Cause   events.EndCause
	Pending bool // effect in-progress
	// Interactive: by a person at a keyboard, as its source says.
	Interactive bool
	// Rotation: the secret that was read has been changed since.
	Rotation bool
	// Of is the id that the act names, where that is a reissue of the access.
	Of string
	// Issue: a renewal that is the issue of a reissue.
	Issue bool
	Note  string
	// Before and Under are set where the act is a claim made in bulk: it ends what
	// began before that time under an id that begins so. 0: not in bulk.
	Before Time
	Under  string
	// Prober is set where the act is a probe by another source than the access's: a
	// claim, or, where the policy trusts that source's probes, a proof.
	Prober string
}

// order sorts acts: by time, then starts before life before ends, then by id.
func (a act) order(b act) int {
	switch {
	case a.T != b.T:
		return cmp(a.T, b.T)
	case a.Kind != b.Kind:
		return cmp(kindOrder[a.Kind], kindOrder[b.Kind])
	}
	return cmp(a.ID, b.ID)
}

var kindOrder = map[actKind]int{actStart: 0, actRenew: 1, actAlive: 2, actUse: 3, actFailed: 4, actProbed: 5, actEnd: 6, actVoid: 7}

func cmp[T int | Time | string | uint64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// maxRun is how many acts of one kind are kept in a run without a start: the
// first, which may be what opened or closed a stretch, and the latest, of which
// one is the last before something that arrives late.
const maxRun = 16

// addAct merges an act in; it reports whether anything changed.
func (x *access) addAct(n act) bool {
	i := sort.Search(len(x.Acts), func(i int) bool { return x.Acts[i].order(n) >= 0 })
	if i < len(x.Acts) && x.Acts[i].order(n) == 0 {
		same := x.Acts[i]
		if n.Seq < same.Seq { // a copy: the first position in the log is its evidence
			x.Acts[i].Seq = n.Seq
		}
		return false
	}
	if x.Shortened != 0 && n.T <= x.Shortened {
		return false // of a stretch that is summed up: half of it would be another one
	}
	x.Acts = append(x.Acts, act{})
	copy(x.Acts[i+1:], x.Acts[i:])
	x.Acts[i] = n
	x.collapse()
	return true
}

// collapse shortens long runs of acts of one kind and basis.
func (x *access) collapse() {
	if len(x.Acts) <= maxRun {
		return
	}
	type sort struct {
		kind        actKind
		basis       Basis
		interactive bool
	}
	out := x.Acts[:0:0]
	run := map[sort][]int{} // of the present run: positions in out
	for _, a := range x.Acts {
		if a.Kind == actStart {
			clear(run)
		} else {
			k := sort{a.Kind, a.Basis, a.Interactive}
			if r := run[k]; len(r) == maxRun {
				out[r[1]].Kind = "" // the oldest but the first
				run[k] = append(r[:1:1], r[2:]...)
			}
			run[k] = append(run[k], len(out))
		}
		out = append(out, a)
	}
	x.Acts = slices.DeleteFunc(out, func(a act) bool { return a.Kind == "" })
}

// introduce takes the attributes of a statement if it is better than the one
// they came from; sets are united.
func (x *access) introduce(by stamp, subject events.ID, scope events.Scope) {
	if x.Said.ID != "" && by.less(x.Said) {
		if x.Subject == "" {
			x.Subject = subject
		}
		if x.Scope.IsZero() {
			x.Scope = scope
		}
		return
	}
	x.Said = by
	if subject != "" {
		x.Subject = subject
	}
	if !scope.IsZero() {
		x.Scope = scope
	}
}

// saysOther reports whether what was merged into it, apart from its acts, is not what
// it was.
func (x *access) saysOther(was access) bool {
	return x.Said != was.Said || x.Subject != was.Subject || x.Scope != was.Scope || !slices.Equal(x.Aliases, was.Aliases) ||
		!slices.Equal(x.Refs, was.Refs) || !slices.Equal(x.Parents, was.Parents)
}

// isOfKind takes what a statement says of the credential, if it is the better one.
func (x *access) isOfKind(kind events.CredentialKind, by stamp) {
	if kind != "" && !by.less(x.CredentialBy) {
		x.Credential, x.CredentialBy = kind, by
	}
}

// isRevocable takes whether it can be revoked, which may change: the latest word
// holds, whoever tells.
func (x *access) isRevocable(can *bool, by stamp) {
	if by.Rank = 0; can != nil && !by.less(x.RevocableBy) {
		x.Revocable, x.RevocableBy = can, by
	}
}

// unite adds b's elements to a, sorted and without copies, bounded by most.
func unite[T any](a, b []T, less func(x, y T) bool, most int) []T {
	if len(a)+len(b) == 0 {
		return nil
	}
	all := append(append(make([]T, 0, len(a)+len(b)), a...), b...)
	slices.SortStableFunc(all, func(x, y T) int {
		switch {
		case less(x, y):
			return -1
		case less(y, x):
			return 1
		}
		return 0
	})
	out := all[:0]
	for i, v := range all {
		if i > 0 && !less(all[i-1], v) {
			continue
		}
		out = append(out, v)
	}
	if len(out) > most {
		out = out[:most]
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func uniteIDs(a, b []events.ID) []events.ID {
	return unite(a, b, func(x, y events.ID) bool { return x < y }, events.MaxAliases)
}

func lessParent(a, b parentRef) bool {
	if a.Key != b.Key {
		return a.Key < b.Key
	}
	return a.Edge < b.Edge
}

func lessRef(a, b approvalRef) bool {
	if a.ID != b.ID {
		return a.ID < b.ID
	}
	if a.Source != b.Source {
		return a.Source < b.Source
	}
	return a.By < b.By
}
