package correlator

import (
	"time"

	"github.com/overstay/overstay/events"
)

// Policy is everything an operator decides, compiled. It is immutable once made
// and holds no functions of time; package policy makes it from YAML, and
// [DefaultPolicy] is what holds where no file was written.
type Policy struct {
	// Hash is the hex SHA-256 of the text it was made from.
	Hash string
	// Grace is how long access may outlive its window unremarked.
	Grace Grace
	// Rules by id; a rule that is not listed has its default of DETECTIONS.
	Rules map[RuleID]RuleSetting
	// Entitlements join native scopes of several systems into one right.
	Entitlements []Entitlement
	// Watched scopes must be approved: exposure there is OV-005.
	Watched []ScopePattern
	// Realms overrides what connectors declare of their realms.
	Realms map[string]events.Realm
	// Joins say that equal local parts in several realms are one person.
	Joins []Join
	// Links are identities stated by hand.
	Links []Link
	// Sources sets what is expected of each source, by its URI.
	Sources map[string]SourceSetting
	// RefuseUnlisted: what a source says that is not in Sources has no effect.
	RefuseUnlisted bool
	// Offboarding says whose word ends an employment (OV-012).
	Offboarding Offboarding
	// UnprovenAfter is how long a claimed end must stay without a sign of life
	// before it resolves an alert as ended, unproven.
	UnprovenAfter time.Duration
	// HoldUnproven keeps such alerts open instead.
	HoldUnproven bool
	// Workloads says which accounts are no person's, and who answers for them (OV-013).
	Workloads Workloads
	// ClosureWithin is how far apart the parts of what an approval gave may be closed
	// (OV-010).
	ClosureWithin time.Duration
	// BreakGlass lists accounts whose use is told at once; their records may
	// come up to BreakGlassRecord late.
	BreakGlass       []events.ID
	BreakGlassRecord time.Duration
	// BreakGlassSelfApproval: a break-glass record may be approved by its user.
	BreakGlassSelfApproval bool
	// AfterEnd is how long after the end of a window new access counts as use of
	// what has ended (OV-002); later it is unapproved.
	AfterEnd time.Duration
	// RotateWithin is how long after the end of a window a static secret that was
	// read under it may stay as it was (OV-026).
	RotateWithin time.Duration
	// Pipelines are patterns of ids that may use whatever approval their jobs name.
	Pipelines []string
	// BreakGlassAtMost is how long an emergency may last, BreakGlassRotate whether
	// the account's secret is to be changed after it.
	BreakGlassAtMost time.Duration
	BreakGlassRotate bool
	// Horizon is how long after its end, and after every source involved has moved
	// past that, an access or approval stays in the working state.
	Horizon time.Duration
}

// Grace is the tolerated overrun per kind of access.
type Grace struct {
	Session, Lease, Membership time.Duration
}

// Of is the grace for a kind.
func (g Grace) Of(k events.AccessKind) time.Duration {
	switch k {
	case events.KindMembership:
		return g.Membership
	case events.KindLease:
		return g.Lease
	}
	return g.Session
}

// RuleID is a rule of docs/rules, "OV-001". Rule ids are public and stable.
type RuleID string

// RuleSetting changes a rule's defaults.
type RuleSetting struct {
	// Enabled is nil for the rule's own default.
	Enabled *bool
	// Severity is 0 for the rule's own.
	Severity Severity
	// Unless lists conditions under which the rule says nothing. They see one
	// access; a condition that cannot be evaluated does not hold.
	Unless []Condition
}

// Condition is a compiled expression over one access.
type Condition interface {
	Holds(c ConditionInput) bool
	// String is its source text, for reports.
	String() string
}

// ConditionInput is what a policy expression sees, flat and free of time.
type ConditionInput struct {
	Rule     string   // "OV-001"
	Kind     string   // session, lease, membership
	Source   string   // URI
	ID       string   // access id
	Subject  string   // as the source knows it
	Person   []string // all ids of the person
	System   string
	Resource string
	Role     string
	Level    string
	Approval string // granting approval's id, or ""
	// Credential is the lease's credential kind, or "".
	Credential string
}

// ScopePattern matches scopes: System exactly, Resource and Role as globs in
// which * matches any run of characters (an empty pattern matches everything).
type ScopePattern struct {
	System   string
	Resource string
	Role     string
}

// Entitlement is one right that has native names in several systems.
type Entitlement struct {
	Name string
	// Levels orders the rights inside it, weakest first; empty: one level.
	Levels  []string
	Members []EntitlementMember
}

// EntitlementMember is one native name of the right.
type EntitlementMember struct {
	Scope ScopePattern
	// Level is one of the entitlement's levels; "" is the lowest.
	Level string
}

// Join says that ids with the same local part in these realms belong together.
type Join struct {
	Realms []string
	// FoldCase compares without case.
	FoldCase bool
}

// Link states that two ids are one person.
type Link struct {
	A, B        events.ID
	From, Until Time // zero: unbounded
}

// SourceSetting is what is expected of a source. Zero values take what the
// connector declared, else the default.
type SourceSetting struct {
	EndReporting map[events.AccessKind]events.EndReporting
	// Settle is how long its events may lag; default 5 s.
	Settle time.Duration
	// Silence is how long it may say nothing before it counts as blind;
	// default three times the interval it declared, at least 1 min.
	Silence time.Duration
	// Progress: whether it owes progress; nil takes the connector's word.
	Progress *bool
	// Approvals: events of type approval.* from it are believed; nil: yes.
	Approvals *bool
	// Links: what it says of identity is believed; nil: yes.
	Links *bool
	// TrustProbes: that it was refused proves that another source's access ended.
	TrustProbes bool
	// Authority is what it may speak of; nil: of everything.
	Authority *Authority
	// Retired is since when the source is no more, 0 while it is: nobody awaits it,
	// its silence means nothing, and what it left open is presumed to have ended.
	Retired Time
	// Uncertainty is added to both ends of its times.
	Uncertainty time.Duration
}

// Offboarding is how OV-012 learns that somebody has left.
type Offboarding struct {
	// Realms whose disabled or deleted accounts mean that the person has left.
	Realms []string
	// After is how long accounts may still hold access; default 15 min.
	After time.Duration
}

// Workloads are accounts that need an owner.
type Workloads struct {
	// Realms whose accounts are workloads', besides those of which their directory
	// says so.
	Realms []string
	// IDs are patterns of ids that are workloads', in which * matches any run of
	// characters.
	IDs []string
	// Takeover is how long one may be without an owner; default 7 days.
	Takeover time.Duration
}

// DefaultPolicy is the policy without a file: gap rules for granted access are
// on, nothing is said about standing access.
func DefaultPolicy() *Policy {
	return &Policy{
		Hash:             "default",
		Grace:            Grace{Session: time.Minute, Lease: time.Minute, Membership: 2 * time.Minute},
		UnprovenAfter:    15 * time.Minute,
		Offboarding:      Offboarding{After: 15 * time.Minute},
		BreakGlassRecord: 15 * time.Minute,
		ClosureWithin:    15 * time.Minute,
		Workloads:        Workloads{Takeover: 7 * 24 * time.Hour},
		BreakGlassAtMost: 4 * time.Hour,
		BreakGlassRotate: true,
		AfterEnd:         24 * time.Hour,
		RotateWithin:     24 * time.Hour,
		Horizon:          72 * time.Hour,
	}
}
