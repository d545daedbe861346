package review

import (
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// Report is what an auditor asks of a period: every approval in it and how what it
// gave has ended, how long that took, what was told of it and what became of that,
// who was listened to, and what all of this does not cover. Times are RFC 3339 in
// UTC, "" where there is none; durations are seconds.
type Report struct {
	Header      ReportHeader     `json:"header"`
	Summary     ReportSummary    `json:"summary"`
	NotCovered  []string         `json:"notCovered"`
	Exceptions  []Exception      `json:"exceptions"`
	Approvals   []ReportApproval `json:"approvals"`
	Revocations []Revocation     `json:"revocations"`
	Sources     []ReportSource   `json:"sources"`
	Controls    []ReportControl  `json:"controls"`
	// Record is what happened to the record itself: policies, operators' words, and
	// what the program observed of its log, in order.
	Record []RecordEntry `json:"record"`
}

// ReportHeader says what the report rests on.
type ReportHeader struct {
	Source string `json:"source"` // what was read, as a person calls it
	LogID  string `json:"logId"`
	// From and To are the period, in log time; To is not in it. From is "" for
	// everything before To.
	From string `json:"from"`
	To   string `json:"to"`
	// KnownAt is the log time that the log was read up to: what is said here is
	// what was known then.
	KnownAt string `json:"knownAt"`
	// FirstPosition to LastPosition were read; with After, on top of a state that
	// was kept at that position.
	FirstPosition uint64 `json:"firstPosition"`
	LastPosition  uint64 `json:"lastPosition"`
	After         uint64 `json:"after,omitempty"`
	Messages      uint64 `json:"messages"`
	// PeriodFirst and PeriodLast are the positions whose log time is in the period,
	// 0 for none.
	PeriodFirst uint64 `json:"periodFirst"`
	PeriodLast  uint64 `json:"periodLast"`
	// LogSHA256 is over the messages read, in the form that an archive gives them:
	// an export of the same positions has it as its logSha256.
	LogSHA256 string `json:"logSha256"`
	// Replayed is what the replay told, Recorded what had been told live; nil where
	// nothing is recorded.
	Replayed Stream  `json:"replayed"`
	Recorded *Stream `json:"recorded,omitempty"`
	Label    Label   `json:"label"`
	// Policy is the hash of the policy in force at the end.
	Policy    string `json:"policy"`
	Semantics string `json:"semantics"`
	Program   string `json:"program"`
	Made      string `json:"made"` // by the clock of who made it
}

// ReportSummary counts what the tables hold.
type ReportSummary struct {
	Approvals      int `json:"approvals"`
	InTime         int `json:"inTime"`         // over, and nothing of it was held longer
	Overran        int `json:"overran"`        // over, and something was
	StillHeld      int `json:"stillHeld"`      // over, and something still is
	CoveredOn      int `json:"coveredOn"`      // over, and what is held another approval covers
	InForce        int `json:"inForce"`        // not over
	NotGranted     int `json:"notGranted"`     // asked for, denied or not yet activated
	Unproven       int `json:"unproven"`       // over, with an end that nobody observed
	Accesses       int `json:"accesses"`       // granted under these approvals
	Exceptions     int `json:"exceptions"`     // alerts
	OpenExceptions int `json:"openExceptions"` // that stand
	Suppressed     int `json:"suppressed"`     // of these, by an operator
	Sources        int `json:"sources"`
}

// The states of an approval in a report. Within the policy's grace is in time.
const (
	InTime     = "ended in time"
	Overran    = "overran"
	StillHeld  = "still held"
	CoveredOn  = "covered by another"
	InForce    = "in force"
	NotGranted = "not granted"
)

// ReportApproval is one approval of the period's population: one of whose windows,
// or one of whose decisions, lies in the period.
type ReportApproval struct {
	ID        string      `json:"id"`
	Source    string      `json:"source"`
	Kind      string      `json:"kind,omitempty"`
	Requester events.ID   `json:"requester,omitempty"`
	Consumers []events.ID `json:"consumers,omitempty"`
	DecidedBy events.ID   `json:"decidedBy,omitempty"`
	Ticket    string      `json:"ticket,omitempty"`
	Scopes    []string    `json:"scopes"`
	Begin     string      `json:"begin,omitempty"`
	End       string      `json:"end,omitempty"` // "" while it is unknown or never
	State     string      `json:"state"`
	// Facets are the approval itself and each kind of access that it granted.
	Facets []ReportFacet `json:"facets"`
	// Assurance is the weakest basis among the ends, "" while something is held.
	Assurance correlator.Basis `json:"assurance,omitempty"`
	Proven    bool             `json:"proven"`
	// Sealed is how many revisions of its seal were told.
	Sealed uint64 `json:"sealed"`
	// Unseen are systems that it names and no connector speaks of.
	Unseen []string        `json:"systemsWithoutConnector,omitempty"`
	Alerts []string        `json:"alerts,omitempty"`
	Facts  []ReportFactRef `json:"facts"`
}

// ReportFactRef names the event that something rests on, and its place in the log.
type ReportFactRef struct {
	What     string `json:"what"`
	Event    string `json:"event"` // source|id
	Position uint64 `json:"position"`
	At       string `json:"at"`
}

// ReportFacet sums up one kind of access under an approval, or its window.
type ReportFacet struct {
	Facet string `json:"facet"` // approval, session, credential, directory
	Count int    `json:"count"`
	Open  int    `json:"open"`
	// End is the last one's: it lies after LastKnownAlive and not after End. "" while
	// one is open.
	End            string `json:"end,omitempty"`
	LastKnownAlive string `json:"lastKnownAlive,omitempty"`
	// Basis is the weakest of the ends: what is known of the end rests on it.
	Basis correlator.Basis `json:"basis,omitempty"`
	// Overrun is how long the last was held after the approval's end, so far where
	// one is open; Uncovered is the longest time of that in which no other approval
	// covered it.
	Overrun   float64 `json:"overrunSeconds"`
	Uncovered float64 `json:"uncoveredSeconds"`
	// Event is what the last end rests on, "" where time alone passed.
	Event    string `json:"event,omitempty"`
	Position uint64 `json:"position,omitempty"`
}

// Revocation is how long it took until access was effectively over, of one system.
// Its population are the accesses whose right ended in the period: which an approval
// granted, and whose last window that covers them ends in it.
type Revocation struct {
	System string `json:"system"` // "" for all
	Due    int    `json:"due"`
	InTime int    `json:"inTime"` // over when the right was
	Late   int    `json:"late"`
	Open   int    `json:"open"` // still held
	// The percentiles are by nearest rank: the ⌈p/100·n⌉-th smallest of all that were
	// due; in time counts as 0, still open as longer than any.
	P50 Quantile `json:"p50"`
	P90 Quantile `json:"p90"`
	P95 Quantile `json:"p95"`
	P99 Quantile `json:"p99"`
	Max Quantile `json:"max"`
	// LongestOpen is how long the longest that is open has been so.
	LongestOpen float64 `json:"longestOpenSeconds"`
	// Bases counts the ends by what they rest on.
	Bases map[correlator.Basis]int `json:"bases"`
}

// Quantile is a time to effective revocation: Seconds, or that it is not over.
type Quantile struct {
	Seconds float64 `json:"seconds"`
	Open    bool    `json:"open,omitempty"`
}

// Exception is an alert that stood in the period, or was told in it, or is about
// access in it.
type Exception struct {
	ID       string `json:"id"`
	Rule     string `json:"rule"`
	Title    string `json:"title"`
	Severity string `json:"severity"` // the highest that it had
	// Disposition is what became of it, in words; Standing whether it still does.
	Disposition string `json:"disposition"`
	Standing    bool   `json:"standing"`
	Provisional bool   `json:"provisional"`
	Closing     string `json:"closing,omitempty"`
	Subject     string `json:"subject,omitempty"`
	Approval    string `json:"approval,omitempty"`
	Source      string `json:"source,omitempty"`
	Due         string `json:"due"`
	Raised      string `json:"raised"` // when it was first told
	Closed      string `json:"closed,omitempty"`
	Revisions   uint64 `json:"revisions"`
	Accesses    int    `json:"accesses"` // facets: accesses, or what else it is about
	Open        int    `json:"open"`
	// Marks are operators' words that it bore, the last of each kind and person.
	Marks    []ReportMark `json:"marks,omitempty"`
	Message  string       `json:"message"` // as last told
	Controls []string     `json:"controls"`
	Policy   string       `json:"policy"`
	// First and Last are the positions that its first and last revision follow from.
	First uint64 `json:"firstPosition"`
	Last  uint64 `json:"lastPosition"`
}

// ReportMark is an operator's word about an alert.
type ReportMark struct {
	What     string `json:"mark"` // acknowledged, suppressed
	By       string `json:"by"`
	Why      string `json:"why,omitempty"`
	At       string `json:"at"`
	Until    string `json:"until,omitempty"`
	Position uint64 `json:"seq"`
}

// ReportSource is who was listened to.
type ReportSource struct {
	URI string `json:"uri"`
	// Events is how many of its messages were read in the period, Progress how many
	// of these were reports of progress.
	Events   int    `json:"events"`
	Progress int    `json:"progress"`
	First    string `json:"first,omitempty"` // heard in the period
	Last     string `json:"last,omitempty"`
	// Coverage is since when its record is complete; "" is not known.
	Coverage string `json:"coverage,omitempty"`
	// Promises: it says up to when its record is complete. Without that, silence and
	// completeness look the same.
	Promises bool   `json:"promisesProgress"`
	Through  string `json:"progressThrough,omitempty"` // the last such promise
	// Silence is how long it may be silent. Longer than that it was in so many
	// Silences, Silent in sum; while the program did not run itself counts as well.
	Silence   float64         `json:"silenceSeconds,omitempty"`
	Silent    float64         `json:"silentSeconds"`
	Silences  int             `json:"silences"`
	Stretches []SilentStretch `json:"stretches,omitempty"` // the longest
	Blind     string          `json:"blind,omitempty"`     // why it is, at the end
	// Unauthorised, Late and Unreadable are its events that had no effect: outside
	// its authority, too late for anything, in quarantine.
	Unauthorised int `json:"unauthorised"`
	Late         int `json:"late"`
	Unreadable   int `json:"unreadable"`
}

// SilentStretch is a time in which a source said nothing for longer than it may.
type SilentStretch struct {
	From    string  `json:"from"`
	To      string  `json:"to"`
	Seconds float64 `json:"seconds"`
	// After is the position of its last word before.
	After uint64 `json:"after"`
}

// ReportControl is a control, with the rules that test it and what they told.
type ReportControl struct {
	Catalogue string `json:"catalogue"`
	Control   string `json:"control"`
	// Rules test it; Off are those of them that the policy at the end has switched
	// off. It is tested where one is on.
	Rules      []string `json:"rules"`
	Off        []string `json:"off,omitempty"`
	Tested     bool     `json:"tested"`
	Exceptions int      `json:"exceptions"`
	Open       int      `json:"open"`
	Withdrawn  int      `json:"withdrawn"` // of the exceptions: it was never so
	Alerts     []string `json:"alerts,omitempty"`
}

// RecordEntry is something that happened to the record.
type RecordEntry struct {
	Position uint64 `json:"position"`
	At       string `json:"at"`
	What     string `json:"what"` // as in the vocabulary: policy.applied, operator.suppressed, …
	By       string `json:"by,omitempty"`
	Detail   string `json:"detail"`
	Event    string `json:"event"`
}

// timed is a time for JSON, "" where it is none.
func timed(t correlator.Time) string {
	if t == 0 || t == correlator.Forever || t == correlator.Ever {
		return ""
	}
	return t.String()
}

func seconds(d time.Duration) float64 { return d.Seconds() }
