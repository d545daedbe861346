package events

import "time"

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
// that whoever read the old one no longer holds access by it. Its subject, where it
// has one, is the account whose secret it is.
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
