package events

import "time"

// AccessKind is one of the three ways to hold access.
type AccessKind string

// The kinds of access.
const (
	KindSession    AccessKind = "session"
	KindLease      AccessKind = "lease"
	KindMembership AccessKind = "membership"
)

// AccessRef names an access: the id is unique within source and kind. An empty
// Source means the event's own.
type AccessRef struct {
	Kind   AccessKind `json:"kind"`
	ID     string     `json:"id"`
	Source string     `json:"source,omitempty"`
}

func (r *AccessRef) validate(c *checker) {
	enum(c, "kind", r.Kind, KindSession, KindLease, KindMembership)
	c.required("id", r.ID)
	c.text("source", r.Source)
}

// validateAccess checks the member that names an access.
func validateAccess(c *checker, r *AccessRef) {
	c.enter("access")
	r.validate(c)
	c.leave()
}

// ApprovalRef says that an access belongs to an approval, and who asserts it.
type ApprovalRef struct {
	ID string `json:"id"`
	// Source is where the approval lives; empty means the event's own source,
	// or any source that knows the id where that one does not.
	Source string `json:"source,omitempty"`
	// AssertedBy is "issuer" when the system that granted access says so, and
	// "caller" when whoever asked wrote it there (Vault metadata, a header).
	// A caller's word neither covers nor grants.
	AssertedBy Asserter `json:"assertedBy"`
}

// Asserter says whose word a reference is.
type Asserter string

// The asserters.
const (
	ByIssuer Asserter = "issuer"
	ByCaller Asserter = "caller"
)

func validateRefs(c *checker, list *[]ApprovalRef) {
	noneIfEmpty(list)
	refs := *list
	c.atMost("approvals", len(refs), MaxRefs)
	for i, r := range refs {
		c.enterItem("approvals", i)
		c.required("id", r.ID)
		c.text("source", r.Source)
		enum(c, "assertedBy", r.AssertedBy, ByIssuer, ByCaller)
		c.leave()
	}
}

// EndBasis says on what a stated end of access rests. It is what a reviewer
// will be asked: who says that it ended?
type EndBasis string

// The bases that a source can state. Scheduled, presumed and verified ends are
// the correlator's own conclusions and never in a source's event.
const (
	// EndClaimed: a revoke was asked or reported, forced included; nobody looked.
	EndClaimed EndBasis = "claimed"
	// EndObserved: the source itself says that the access is gone.
	EndObserved EndBasis = "observed"
)

// EndCause says why access ended.
type EndCause string

// The causes of an end.
const (
	CauseUnknown  EndCause = ""
	CauseClosed   EndCause = "closed"   // its holder closed it
	CauseRevoked  EndCause = "revoked"  // revoked by its id, in a request body
	CausePath     EndCause = "path"     // revoked by its id in a request path
	CausePrefix   EndCause = "prefix"   // a bulk revoke over a prefix
	CauseForce    EndCause = "force"    // a forced revoke, backend errors ignored
	CauseCascade  EndCause = "cascade"  // its parent died
	CauseExpired  EndCause = "expired"  // it ran out
	CauseRemoved  EndCause = "removed"  // a directory entry was removed
	CauseDeleted  EndCause = "deleted"  // its holder or its group was deleted
	CauseSnapshot EndCause = "snapshot" // no longer in a complete snapshot
)

// End is what an event says about how access ended.
type End struct {
	Basis EndBasis `json:"basis"`
	Cause EndCause `json:"cause,omitempty"`
	// At is when it ended, where the record states a time other than the
	// event's own.
	At time.Time `json:"at,omitzero"`
	// LastAlive is the last time it was known to live, where the record says so.
	LastAlive time.Time `json:"lastAlive,omitzero"`
}

func (e *End) validate(c *checker) {
	c.enter("end")
	defer c.leave()
	enum(c, "basis", e.Basis, EndClaimed, EndObserved)
	enum(c, "cause", e.Cause, CauseUnknown, CauseClosed, CauseRevoked, CausePath, CausePrefix,
		CauseForce, CauseCascade, CauseExpired, CauseRemoved, CauseDeleted, CauseSnapshot)
	c.time("at", e.At)
	c.time("lastAlive", e.LastAlive)
}

// Session is the data of session.started and session.ended.
type Session struct {
	Meta
	SessionID    string        `json:"sessionId"`
	Scope        Scope         `json:"scope,omitzero"` // required at the start
	Start        time.Time     `json:"start,omitzero"`
	ScheduledEnd time.Time     `json:"scheduledEnd,omitzero"`
	Approvals    []ApprovalRef `json:"approvals,omitempty"`
	Parents      []Parent      `json:"parents,omitempty"` // the credential it was opened with
	Interactive  *bool         `json:"interactive,omitempty"`
	Client       string        `json:"client,omitempty"` // address or user agent
	End          *End          `json:"end,omitempty"`    // on session.ended; left out means observed, closed
}

func (s *Session) validate(c *checker, typ Type) {
	s.validateMeta(c)
	c.required("sessionId", s.SessionID)
	if typ == SessionStarted || !s.Scope.IsZero() {
		s.Scope.validate(c, "scope")
	}
	c.time("start", s.Start)
	c.time("scheduledEnd", s.ScheduledEnd)
	validateRefs(c, &s.Approvals)
	validateParents(c, &s.Parents)
	c.text("client", s.Client)
	if s.End != nil {
		s.End.validate(c)
	}
}

// CredentialKind is the sort of thing a lease hands out.
type CredentialKind string

// The kinds of credential.
const (
	CredentialDynamic     CredentialKind = "dynamic"
	CredentialToken       CredentialKind = "token"
	CredentialCertificate CredentialKind = "certificate"
	CredentialAPIKey      CredentialKind = "api-key"
	CredentialStatic      CredentialKind = "static"
	CredentialFederated   CredentialKind = "federated"
)

// ExpiryKind says how far a stated expiry can be trusted.
type ExpiryKind string

// The kinds of expiry.
const (
	ExpiryExact      ExpiryKind = "exact"
	ExpiryUpperBound ExpiryKind = "upper-bound" // it ends at At or before
	ExpiryUnknown    ExpiryKind = "unknown"     // it ends, the record does not say when
	ExpiryNever      ExpiryKind = "never"
)

// Expiry is when a credential runs out by itself.
type Expiry struct {
	Kind ExpiryKind `json:"kind"`
	At   time.Time  `json:"at,omitzero"` // with exact and upper-bound
}

func (e *Expiry) validate(c *checker) {
	c.enter("expiry")
	defer c.leave()
	enum(c, "kind", e.Kind, ExpiryExact, ExpiryUpperBound, ExpiryUnknown, ExpiryNever)
	c.time("at", e.At)
	if dated := e.Kind == ExpiryExact || e.Kind == ExpiryUpperBound; dated == e.At.IsZero() {
		c.fail("at", "and kind %q do not fit together", string(e.Kind))
	}
}

// ParentEdge says what a child owes its parent.
type ParentEdge string

// The edges. Window and person are inherited along all of them; only a cascade
// edge lets the child die with its parent.
const (
	EdgeCascade ParentEdge = "cascade"
	EdgeDerived ParentEdge = "derived"
	EdgeReissue ParentEdge = "reissue"
)

// Parent is the access that this one came from. An empty Source means the
// event's own.
type Parent struct {
	AccessRef
	Edge ParentEdge `json:"edge"`
}

func validateParents(c *checker, list *[]Parent) {
	noneIfEmpty(list)
	parents := *list
	c.atMost("parents", len(parents), MaxParents)
	for i, p := range parents {
		c.enterItem("parents", i)
		p.AccessRef.validate(c)
		enum(c, "edge", p.Edge, EdgeCascade, EdgeDerived, EdgeReissue)
		c.leave()
	}
}

// Lease is the data of lease.issued, renewed, revoked, expired and
// revocation-failed: any credential with a life of its own.
type Lease struct {
	Meta
	LeaseID    string         `json:"leaseId"`
	Credential CredentialKind `json:"credential,omitempty"`
	Scope      Scope          `json:"scope,omitzero"` // required when issued
	Expiry     *Expiry        `json:"expiry,omitempty"`
	Parents    []Parent       `json:"parents,omitempty"`
	Approvals  []ApprovalRef  `json:"approvals,omitempty"`
	Renewable  *bool          `json:"renewable,omitempty"`
	Revocable  *bool          `json:"revocable,omitempty"`
	End        *End           `json:"end,omitempty"`   // on revoked (left out: claimed) and expired (left out: observed, expired)
	Error      string         `json:"error,omitempty"` // on revocation-failed, truncated and without secrets
	Final      bool           `json:"final,omitempty"` // on revocation-failed: the source has given up
}

func (l *Lease) validate(c *checker, typ Type) {
	l.validateMeta(c)
	c.required("leaseId", l.LeaseID)
	enum(c, "credential", l.Credential, "", CredentialDynamic, CredentialToken, CredentialCertificate,
		CredentialAPIKey, CredentialStatic, CredentialFederated)
	if typ == LeaseIssued || !l.Scope.IsZero() {
		l.Scope.validate(c, "scope")
	}
	if l.Expiry != nil {
		l.Expiry.validate(c)
	}
	validateParents(c, &l.Parents)
	validateRefs(c, &l.Approvals)
	if l.End != nil {
		l.End.validate(c)
	}
	c.text("error", l.Error)
}

// Credential is the data of credential.rotated: a static secret was changed, so
// that whoever read the old one no longer holds access by it.
type Credential struct {
	Meta
	CredentialID string `json:"credentialId"`
	Scope        Scope  `json:"scope,omitzero"`
}

func (r *Credential) validate(c *checker, _ Type) {
	r.validateMeta(c)
	c.required("credentialId", r.CredentialID)
	if !r.Scope.IsZero() {
		r.Scope.validate(c, "scope")
	}
}

// Use is the data of access.used: an access was exercised, which is a sign of
// life at the event's time.
type Use struct {
	Meta
	Access      AccessRef `json:"access"`
	Interactive *bool     `json:"interactive,omitempty"`
	Workload    ID        `json:"workload,omitempty"` // which workload exercised it
}

func (u *Use) validate(c *checker, _ Type) {
	u.validateMeta(c)
	validateAccess(c, &u.Access)
	c.optionalID("workload", u.Workload)
}

// Probe is the data of access.probed: somebody tried whether the access still
// works. A refused probe is the only proof of an end that we call verified.
type Probe struct {
	Meta
	Access AccessRef `json:"access"`
	Result string    `json:"result"` // "alive", "refused" or "inconclusive"
}

func (p *Probe) validate(c *checker, _ Type) {
	p.validateMeta(c)
	validateAccess(c, &p.Access)
	enum(c, "result", p.Result, "alive", "refused", "inconclusive")
}

// Block is the data of access.blocked: a lock that stops use for a while. It
// does not end access: when the lock goes, the access is there again.
type Block struct {
	Meta
	Access *AccessRef `json:"access,omitempty"` // left out: everything the subject holds in System
	System string     `json:"system,omitempty"`
	LockID string     `json:"lockId,omitempty"`
	Until  time.Time  `json:"until,omitzero"`
	Lifted bool       `json:"lifted,omitempty"`
}

func (b *Block) validate(c *checker, _ Type) {
	b.validateMeta(c)
	if b.Access != nil {
		validateAccess(c, b.Access)
	} else if b.System == "" {
		c.fail("system", "is required when no access is named")
	}
	c.text("system", b.System)
	c.text("lockId", b.LockID)
	c.time("until", b.Until)
}

// EndedBefore is the data of access.ended-before: a bulk claim that everything
// of this selector that began before Before has ended.
type EndedBefore struct {
	Meta
	Before   time.Time  `json:"before"`
	Kind     AccessKind `json:"kind,omitempty"`     // empty: every kind
	Scope    Scope      `json:"scope,omitzero"`     // empty: every scope
	IDPrefix string     `json:"idPrefix,omitempty"` // accesses whose id starts so
}

func (e *EndedBefore) validate(c *checker, _ Type) {
	e.validateMeta(c)
	c.requiredTime("before", e.Before)
	enum(c, "kind", e.Kind, "", KindSession, KindLease, KindMembership)
	if !e.Scope.IsZero() {
		e.Scope.validate(c, "scope")
	}
	c.text("idPrefix", e.IDPrefix)
}
