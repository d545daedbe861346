package events

import "time"

// EndKind says what a stated end of a window means.
type EndKind string

// The kinds of end of a window.
const (
	EndAt      EndKind = "at"      // the window ends at End
	EndNever   EndKind = "never"   // a standing approval, see NextReview
	EndUnknown EndKind = "unknown" // it ends, but the record does not say when
)

// WindowBasis says where a window's bounds come from.
type WindowBasis string

// The bases of a window.
const (
	BasisRequested  WindowBasis = "requested"             // what was asked for
	BasisEffective  WindowBasis = "effective"             // what the tool enforces
	BasisActivation WindowBasis = "activation + duration" // starts when activated
)

// Window is an approval's time range, in UTC instants.
type Window struct {
	Start    time.Time   `json:"start,omitzero"`
	End      time.Time   `json:"end,omitzero"` // set exactly when EndKind is "at" and Basis is not activation
	EndKind  EndKind     `json:"endKind"`
	Basis    WindowBasis `json:"basis,omitempty"`
	Duration Duration    `json:"duration,omitempty"` // with Basis "activation + duration"
}

func (w *Window) validate(c *checker) {
	c.enter("window")
	defer c.leave()
	enum(c, "endKind", w.EndKind, EndAt, EndNever, EndUnknown)
	enum(c, "basis", w.Basis, "", BasisRequested, BasisEffective, BasisActivation)
	c.time("start", w.Start)
	c.time("end", w.End)
	if w.EndKind == EndAt && w.End.IsZero() && w.Duration <= 0 {
		c.fail("end", "is required when endKind is \"at\" (or a duration from activation)")
	}
	if w.EndKind != EndAt && !w.End.IsZero() {
		c.fail("end", "is set although endKind is %q", string(w.EndKind))
	}
	if !w.End.IsZero() && !w.Start.IsZero() && w.End.Before(w.Start) {
		c.fail("end", "is before start")
	}
	if w.Duration < 0 {
		c.fail("duration", "is negative")
	}
	if w.Basis == BasisActivation && w.Duration <= 0 && w.EndKind == EndAt && w.End.IsZero() {
		c.fail("duration", "is required with basis %q", string(BasisActivation))
	}
}

// ApprovalKind says under which regime access was approved.
type ApprovalKind string

// The kinds of approval. The empty word means standard.
const (
	Standard   ApprovalKind = ""
	BreakGlass ApprovalKind = "break-glass"
	Standing   ApprovalKind = "standing"
	standard   ApprovalKind = "standard"
)

// Vote is one approver's decision. Votes are not the outcome: only an
// approval.granted event says that access was approved.
type Vote struct {
	By       ID        `json:"by"`
	Decision string    `json:"decision"` // "approved" or "denied"
	At       time.Time `json:"at,omitzero"`
}

// Approval is the data of approval.requested, granted, denied, activated,
// extended, revoked, expired and altered. Each event states what it knows; what
// it leaves out stays as it was. Only decisions (granted, activated, extended,
// altered) set whom and what it covers, from then on; a request counts as far as
// the grant leaves something out. The event's subject is the requester.
type Approval struct {
	Meta
	ApprovalID string       `json:"approvalId"`
	Requester  ID           `json:"requester,omitempty"`
	Consumers  []ID         `json:"consumers,omitempty"` // who may use it; empty means the requester
	Approvers  []Vote       `json:"approvers,omitempty"`
	Scopes     []Scope      `json:"scopes,omitempty"`
	Window     *Window      `json:"window,omitempty"`
	DecidedAt  time.Time    `json:"decidedAt,omitzero"`
	DecidedBy  ID           `json:"decidedBy,omitempty"`
	Kind       ApprovalKind `json:"kind,omitempty"`
	NextReview time.Time    `json:"nextReview,omitzero"` // standing approvals cover up to it
	Ticket     string       `json:"ticket,omitempty"`
	Reason     string       `json:"reason,omitempty"`
}

func (a *Approval) validate(c *checker, typ Type) {
	a.validateMeta(c)
	c.required("approvalId", a.ApprovalID)
	c.optionalID("requester", a.Requester)
	noneIfEmpty(&a.Consumers)
	noneIfEmpty(&a.Approvers)
	noneIfEmpty(&a.Scopes)
	c.ids("consumers", a.Consumers, MaxConsumers)
	c.atMost("approvers", len(a.Approvers), MaxVotes)
	for i, v := range a.Approvers {
		c.enterItem("approvers", i)
		c.id("by", v.By)
		enum(c, "decision", v.Decision, "approved", "denied")
		c.time("at", v.At)
		c.leave()
	}
	validateScopes(c, "scopes", a.Scopes)
	if a.Window != nil {
		a.Window.validate(c)
	}
	c.time("decidedAt", a.DecidedAt)
	c.optionalID("decidedBy", a.DecidedBy)
	if a.Kind == standard {
		a.Kind = Standard
	}
	enum(c, "kind", a.Kind, Standard, standard, BreakGlass, Standing)
	c.time("nextReview", a.NextReview)
	c.text("ticket", a.Ticket)
	c.text("reason", a.Reason)
	if typ == ApprovalExtended && a.Window == nil {
		c.fail("window", "is required: an extension says until when")
	}
}
