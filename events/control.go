package events

import (
	"time"
	"unicode/utf8"
)

// Tick is the data of clock.tick: the only thing that moves log time.
type Tick struct {
	Meta
	Wall      time.Time `json:"wall"`
	Monotonic Duration  `json:"monotonic"` // since the boot of the ticker
	Boot      string    `json:"boot"`      // equal for ticks of one process
}

func (t *Tick) validate(c *checker, _ Type) {
	t.validateMeta(c)
	c.requiredTime("wall", t.Wall)
	c.required("boot", t.Boot)
	if t.Monotonic < 0 {
		c.fail("monotonic", "is negative")
	}
}

// Policy is the data of policy.applied: the whole policy, so that the log alone
// says by which rules it was judged.
type Policy struct {
	Meta
	YAML string `json:"yaml"`
	Hash string `json:"hash"` // hex SHA-256 of YAML
	By   string `json:"by,omitempty"`
}

func (p *Policy) validate(c *checker, _ Type) {
	p.validateMeta(c)
	if len(p.YAML) > MaxPolicy {
		c.fail("yaml", "has %d bytes, more than %d", len(p.YAML), MaxPolicy)
	}
	if !utf8.ValidString(p.YAML) {
		c.fail("yaml", "is not valid UTF-8")
	}
	if !isHex(p.Hash, 64) {
		c.fail("hash", "is not 64 lower-case hex digits")
	}
	c.text("by", p.By)
}

// Selector picks alerts. Empty fields match everything; a selector may not be
// wholly empty.
type Selector struct {
	Alert    string `json:"alert,omitempty"` // alert id
	Rule     string `json:"rule,omitempty"`
	Subject  ID     `json:"subject,omitempty"`
	Approval string `json:"approval,omitempty"`
}

// MaxSuppression is the longest a suppression may last.
const MaxSuppression = 30 * 24 * time.Hour

// Mark is the data of operator.acknowledged, suppressed, confirmed and noted.
type Mark struct {
	Meta
	Selector Selector  `json:"selector"`
	Until    time.Time `json:"until,omitzero"` // required for suppressed
	By       string    `json:"by"`
	Why      string    `json:"why,omitempty"`
}

func (m *Mark) validate(c *checker, typ Type) {
	m.validateMeta(c)
	if m.Selector == (Selector{}) {
		c.fail("selector", "is empty: a mark names an alert, a rule, a subject or an approval")
	}
	c.text("selector.alert", m.Selector.Alert)
	c.text("selector.rule", m.Selector.Rule)
	c.optionalID("selector.subject", m.Selector.Subject)
	c.text("selector.approval", m.Selector.Approval)
	c.required("by", m.By)
	c.text("why", m.Why)
	c.time("until", m.Until)
	if typ == OperatorSuppressed && m.Until.IsZero() {
		c.fail("until", "is required: suppressions expire, after %s at most", MaxSuppression)
	}
}

// Observation is the data of system.observed: what the engine saw of its own
// surroundings and that can change an alert.
type Observation struct {
	Meta
	What   string `json:"what"` // one of the Observed words
	Source string `json:"source,omitempty"`
	Detail string `json:"detail,omitempty"`
	From   uint64 `json:"from,omitempty"` // log positions or source sequence numbers
	To     uint64 `json:"to,omitempty"`
}

// What the engine can observe.
const (
	ObservedGap         = "gap"         // a hole in the log's sequence
	ObservedAnchor      = "anchor"      // the log is not the one the state was made from
	ObservedRestart     = "restart"     // a start after downtime
	ObservedClock       = "clock"       // wall and monotonic time disagree
	ObservedQuarantined = "quarantined" // an event of Source could not be read
	ObservedCorrupt     = "corrupt"     // the state failed its own check and was rebuilt
	ObservedPurged      = "purged"      // messages are gone that retention would have kept
	ObservedCheckpoint  = "checkpoint"  // a checkpoint is not what the log says
	ObservedAlerts      = "alerts"      // the alert stream lost what was published
)

func (o *Observation) validate(c *checker, _ Type) {
	o.validateMeta(c)
	enum(c, "what", o.What, ObservedGap, ObservedAnchor, ObservedRestart, ObservedClock, ObservedQuarantined, ObservedCorrupt,
		ObservedPurged, ObservedCheckpoint, ObservedAlerts)
	c.text("source", o.Source)
	c.text("detail", o.Detail)
	c.exact("from", o.From)
	c.exact("to", o.To)
}

// Epoch is the data of system.epoch: from here on the log is another incarnation
// (recreated, restored, gone backwards).
type Epoch struct {
	Meta
	Epoch  uint64 `json:"epoch"`
	LogID  string `json:"logId"`
	Reason string `json:"reason"`
}

func (e *Epoch) validate(c *checker, _ Type) {
	e.validateMeta(c)
	if e.Epoch == 0 {
		c.fail("epoch", "is zero; epochs count from 1")
	}
	c.exact("epoch", e.Epoch)
	c.required("logId", e.LogID)
	c.required("reason", e.Reason)
}
