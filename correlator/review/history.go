package review

import (
	"time"

	"github.com/overstay/overstay/events"
)

// History is what one person, one alert or one approval is about, as lanes on one
// axis of time. All its times are UTC; one that is zero is not known.
type History struct {
	Subject  events.ID `json:"subject,omitempty"`
	Alert    string    `json:"alert,omitempty"`
	Approval string    `json:"approval,omitempty"`
	// Person are the ids that were one person at some time of it, sorted.
	Person []events.ID `json:"person,omitempty"`
	// From and To are the range that is shown; Bounded says that it was asked for, and
	// what lies outside was not.
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Bounded bool      `json:"bounded,omitempty"`
	// Now is the log time that was reached: what is open was open then.
	Now time.Time `json:"now"`
	Log LogRange  `json:"log"`
	// Label says how much of the past the log has.
	Label   Label    `json:"label"`
	Lanes   []Lane   `json:"lanes"`
	Alerts  []Notice `json:"alerts,omitempty"`
	Summary Summary  `json:"summary"`
}

// LogRange names what was read.
type LogRange struct {
	ID    string `json:"id"`
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
}

// Summary counts what the lanes show.
type Summary struct {
	Approvals int `json:"approvals"`
	Accesses  int `json:"accesses"`
	// Overran outlived an approval by more than the grace.
	Overran int `json:"overran"`
	// Longest is the longest such overrun.
	Longest events.Duration `json:"longest,omitzero"`
	// Open are held at the end of the log.
	Open int `json:"open"`
	// Unproven are those whose end was only claimed.
	Unproven int `json:"unproven"`
	// Uses counts how often they were seen used, Late the facts that came late.
	Uses int `json:"uses"`
	Late int `json:"late"`
}

// LaneKind says what a lane is about.
type LaneKind string

// The kinds of lanes, in the order in which they are shown.
const (
	LanePerson     LaneKind = "person"
	LaneApproval   LaneKind = "approval"
	LaneSession    LaneKind = "session"
	LaneLease      LaneKind = "lease"
	LaneMembership LaneKind = "membership"
)

// Lane is one approval, or one access, in time.
type Lane struct {
	Kind   LaneKind `json:"kind"`
	Source string   `json:"source,omitempty"`
	ID     string   `json:"id,omitempty"`
	// Subject is who holds it, as its source wrote it; of an approval who may use it
	// first.
	Subject    events.ID             `json:"subject,omitempty"`
	Scopes     []events.Scope        `json:"scopes,omitempty"`
	Credential events.CredentialKind `json:"credential,omitempty"`
	DecidedBy  events.ID             `json:"decidedBy,omitempty"`
	Ticket     string                `json:"ticket,omitempty"`
	// Others is set where it is somebody else's and the person only used it.
	Others bool `json:"others,omitempty"`
	// Windows are the approvals' windows as they bear on an access.
	Windows []Band `json:"windows,omitempty"`
	Spans   []Span `json:"spans,omitempty"`
	Marks   []Mark `json:"marks,omitempty"`
	// Alerts are those that it is a part of.
	Alerts []string `json:"alerts,omitempty"`
	// Overrun is the longest time by which it outlived an approval.
	Overrun events.Duration `json:"overrun,omitzero"`
	Open    bool            `json:"open,omitempty"`
	// Judgement is what an open access is: covered, exposed, baseline, or unjudged
	// with the reason.
	Judgement string `json:"judgement,omitempty"`
}

// Band is a window that covers an access.
type Band struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to,omitzero"` // zero: it has no end
	Source   string    `json:"source"`
	Approval string    `json:"approval"`
	Grants   bool      `json:"grants,omitempty"`
	// Partial: it covers a lower level, or a part of the right.
	Partial bool `json:"partial,omitempty"`
}

// SpanState says how a piece of time was.
type SpanState string

// The states.
const (
	SpanWindow     SpanState = "window"      // of an approval: it authorises
	SpanUnknownEnd SpanState = "unknown-end" // of an approval: it ends, nobody knows when
	SpanCovered    SpanState = "covered"     // held, under an approval
	SpanBaseline   SpanState = "baseline"    // held since before anything was known
	SpanUncovered  SpanState = "uncovered"   // held, under no approval that is known
	SpanRatified   SpanState = "ratified"    // held, and approved only afterwards
	SpanGrace      SpanState = "grace"       // past its approval, within the grace
	SpanOverrun    SpanState = "overrun"     // past its approval
	SpanMaybe      SpanState = "maybe"       // it may have begun, or ended, in here
	SpanClaimed    SpanState = "claimed"     // said to have ended; nobody saw it
)

// Span is a piece of a lane in one state.
type Span struct {
	State SpanState `json:"state"`
	// From is zero where it began before all that is known.
	From time.Time `json:"from,omitzero"`
	// To is where it ends; where Open is set, where it is known to have lasted to.
	To   time.Time `json:"to"`
	Open bool      `json:"open,omitempty"`
	// Approval is the one that it overran, or that a window is of.
	Approval string `json:"approval,omitempty"`
	// Basis is on what the end rests: claimed, scheduled, observed, verified.
	Basis string    `json:"basis,omitempty"`
	Start *Evidence `json:"start,omitempty"`
	End   *Evidence `json:"end,omitempty"`
	Used  bool      `json:"used,omitempty"` // it was seen used in this time
}

// Evidence is one event in the log.
type Evidence struct {
	Event    string `json:"event"` // "source|id"
	Position uint64 `json:"position,omitempty"`
}

// Mark is one thing that was said: what, when it happened, and when it was known.
type Mark struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
	// Since is set where it happened at some time between Since and At.
	Since time.Time `json:"since,omitzero"`
	// Known is the log time at which the log had it; zero where it was before what
	// was read.
	Known time.Time `json:"known,omitzero"`
	// Late: it was known so much later that things looked otherwise until then.
	Late  bool      `json:"late,omitempty"`
	Actor events.ID `json:"actor,omitempty"`
	// Expiry is the end that it states.
	Expiry time.Time `json:"expiry,omitzero"`
	Basis  string    `json:"basis,omitempty"`
	Note   string    `json:"note,omitempty"`
	Evidence
}

// LateAfter is by how much log time has to have gone on past something, without it,
// for it to be shown as late: longer than sources that report promptly ever take.
// What happened before the log began is not late, it is history.
const LateAfter = 30 * time.Second

// Notice is an alert in which a lane has a part, as it was told last.
type Notice struct {
	ID        string           `json:"id"`
	Rule      string           `json:"rule"`
	Severity  string           `json:"severity"`
	State     string           `json:"state"`
	Message   string           `json:"message"`
	Revisions []NoticeRevision `json:"revisions"`
}

// NoticeRevision is one thing that was told of an alert.
type NoticeRevision struct {
	Revision    uint64    `json:"revision"`
	At          time.Time `json:"at"` // log time
	State       string    `json:"state"`
	Severity    string    `json:"severity"`
	Provisional bool      `json:"provisional,omitempty"`
	Message     string    `json:"message"`
	Position    uint64    `json:"position"` // of the message that it follows from
}
