package events

import "time"

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
