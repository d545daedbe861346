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
	CauseRotated  EndCause = "rotated"  // the secret was changed
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
		CauseForce, CauseCascade, CauseExpired, CauseRemoved, CauseDeleted, CauseSnapshot, CauseRotated)
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
