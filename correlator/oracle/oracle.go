package oracle

import (
	"cmp"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// Settings is what a policy says, in data alone.
type Settings struct {
	Grace         map[events.AccessKind]time.Duration
	UnprovenAfter time.Duration
	HoldUnproven  bool
	// On says which rules are on; the default of each where it is not listed.
	On map[string]bool
	// Grade is the severity that the policy gives a rule, 0 for the rule's own.
	Grade        map[string]int
	Watched      []Pattern
	Entitlements []Entitlement
	Joins        []Join
	Links        []Link
	Realms       map[string]events.Realm
	Sources      map[string]Source
	// Offboarding: whose closed accounts mean that somebody has left, and how
	// long access may go on after that.
	OffboardingRealms []string
	OffboardingAfter  time.Duration
	BreakGlass        []events.ID
	BreakGlassRecord  time.Duration
}

// Pattern matches scopes: the system as it is, resource and role as globs.
type Pattern struct{ System, Resource, Role string }

// Entitlement is one right under several names, each with a level.
type Entitlement struct {
	Levels  []string // weakest first
	Members []Member
}

// Member is one name of a right.
type Member struct {
	Scope Pattern
	Level string
}

// Join says that equal local parts in these realms are one person.
type Join struct {
	Realms   []string
	FoldCase bool
}

// Link says that two ids are one person from From (zero: always) until Until
// (zero: for ever).
type Link struct {
	A, B        events.ID
	From, Until time.Time
}

// Source is what the policy says of one.
type Source struct {
	Ends        map[events.AccessKind]events.EndReporting
	Uncertainty time.Duration
	// Unbelieved: what it says of approvals does not count.
	Unbelieved bool
	// Types are those that it may speak of, as "class.what"; none: all.
	Types []string
}

// The grades, as OCSF numbers them.
const (
	informational = 1 + iota
	low
	medium
	high
	critical
)

// Finding is one thing that is or was wrong with one access, or a source.
type Finding struct {
	Rule string
	// What it is about: an approval (id and its source), an access alone, an
	// account, or a source.
	Approval, ApprovalSource string
	Account                  events.ID
	Source                   string
	// The access, where there is one.
	Kind events.AccessKind
	ID   string
	// From and To bound it; To is the zero time while it lasts.
	From, To time.Time
	// Closed says why it is over, "" while it stands.
	Closed string
	// Claimed is when somebody claimed an end that is not proven yet.
	Claimed time.Time
	// Basis is what the end of the access rests on, where it ended.
	Basis       string
	Severity    int
	Provisional bool
	// Due is when it may first be told.
	Due time.Time
}

// Oracle has read a part of a log.
type Oracle struct {
	settings Settings
	now      time.Time
	history  []events.Event
	seen     map[string]bool
}

// New is an oracle that has read nothing.
func New(s Settings) *Oracle { return &Oracle{settings: s, seen: map[string]bool{}} }

// Read takes the next event of the log. A tick moves time; what was read before
// is nothing new.
func (o *Oracle) Read(ev events.Event) {
	if t, ok := ev.Data.(*events.Tick); ok {
		if t.Wall.After(o.now) {
			o.now = t.Wall
		}
		return
	}
	key := ev.Source + "\x00" + ev.ID
	if o.seen[key] {
		return
	}
	o.seen[key] = true
	o.history = append(o.history, ev)
}

// never is after every time.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Findings is the verdict, from all that was read so far.
func (o *Oracle) Findings() []Finding {
	w := o.world()
	var out []Finding
	for _, x := range w.accesses {
		for _, ep := range x.episodes {
			out = append(out, w.judge(x, ep)...)
		}
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID), a.From.Compare(b.From))
	})
	return out
}

// world is the history in order, with what it says put together.
type world struct {
	Settings
	now       time.Time
	history   []events.Event // by time, source and id
	approvals []*approval
	accesses  []*access
	byRef     map[ref]*access
	linked    []*pair
	named     []events.ID
}

func (o *Oracle) world() *world {
	w := &world{Settings: o.settings, now: o.now}
	for _, ev := range o.history {
		if may := o.settings.Sources[ev.Source].Types; len(may) == 0 || slices.Contains(may, ev.Type.Short()) {
			w.history = append(w.history, ev)
		}
	}
	slices.SortFunc(w.history, func(a, b events.Event) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	w.approvals = w.foldApprovals()
	w.accesses = w.foldAccesses()
	return w
}

func (w *world) grade(rule string, own int) int {
	if g := w.Grade[rule]; g != 0 {
		return g
	}
	return own
}

func done(ev events.Event) bool { return ev.Data.Common().Effect == events.Done }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
