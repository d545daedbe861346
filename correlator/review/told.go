package review

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// Told is one revision of an alert, or a seal, as it was published or would have
// been: its bytes, and what a reader wants to know of them.
type Told struct {
	Entry eventlog.Entry `json:"-"`
	// ID is the alert's or the seal's, the same in every replay.
	ID       string    `json:"id"`
	Revision uint64    `json:"revision"`
	Type     string    `json:"type"`
	Rule     string    `json:"rule,omitempty"` // none of a seal
	State    string    `json:"state,omitempty"`
	At       time.Time `json:"at"` // log time
	Due      string    `json:"due,omitempty"`
	Severity string    `json:"severity,omitempty"`
	Message  string    `json:"message,omitempty"`
	Subject  events.ID `json:"subject,omitempty"`
	// Origin is the position of the log that it follows from.
	Origin    correlator.Origin `json:"origin"`
	Semantics string            `json:"semantics"`
	Policy    string            `json:"policy"`

	confidence int
	closing    string
	facets     []toldFacet
}

// toldFacet is what an alert says of one access.
type toldFacet struct {
	Kind    events.AccessKind `json:"kind"`
	Source  string            `json:"source"`
	ID      string            `json:"id"`
	Subject events.ID         `json:"subject"`
	From    string            `json:"from"`
	To      string            `json:"to"`
	Due     string            `json:"due"`
	Basis   string            `json:"basis"`
}

// published is the form of a body, as far as it is read.
type published struct {
	ID            string    `json:"id"`
	Type          string    `json:"type"`
	Time          time.Time `json:"time"`
	Subject       events.ID `json:"subject"`
	CorrelationID string    `json:"correlationid"`
	Data          struct {
		ours              // of a seal
		Severity   string `json:"severity"`
		Confidence int    `json:"confidence_id"`
		Message    string `json:"message"`
		Evidences  []struct {
			UID  string    `json:"uid"`
			Data toldFacet `json:"data"`
		} `json:"evidences"`
		Unmapped struct {
			Overstay ours `json:"overstay"`
		} `json:"unmapped"`
	} `json:"data"`
}

// ours is what stands in a body for us.
type ours struct {
	Rule      string            `json:"rule"`
	State     string            `json:"state"`
	Revision  uint64            `json:"revision"`
	Due       string            `json:"due"`
	Closing   string            `json:"closing"`
	Policy    string            `json:"policy"`
	Semantics string            `json:"semantics"`
	Origin    correlator.Origin `json:"origin"`
}

// ReadTold reads what was published.
func ReadTold(e eventlog.Entry) (Told, error) {
	var p published
	if err := json.Unmarshal(e.Body, &p); err != nil {
		return Told{}, fmt.Errorf("read what was published on %s: %w", e.Subject, err)
	}
	t := Told{Entry: e, ID: p.CorrelationID, Type: p.Type, At: p.Time, Subject: p.Subject}
	o := p.Data.Unmapped.Overstay
	if o.Semantics == "" {
		o = p.Data.ours
		if _, err := fmt.Sscanf(p.ID[min(len(t.ID), len(p.ID)):], ".%d", &o.Revision); err != nil {
			return Told{}, fmt.Errorf("read what was published on %s: its id %q has no revision: %w", e.Subject, p.ID, err)
		}
	} else {
		t.Severity, t.Message, t.confidence = p.Data.Severity, p.Data.Message, p.Data.Confidence
	}
	t.Rule, t.State, t.Revision, t.Due, t.closing = o.Rule, o.State, o.Revision, o.Due, o.Closing
	t.Policy, t.Semantics, t.Origin = o.Policy, o.Semantics, o.Origin
	for _, ev := range p.Data.Evidences {
		if ev.Data.Kind != "" {
			t.facets = append(t.facets, ev.Data)
		}
	}
	return t, nil
}

// About reports whether it is about this id: its subject, or the holder of an access
// that it names.
func (t Told) About(id events.ID) bool {
	if t.Subject == id {
		return true
	}
	for _, f := range t.facets {
		if f.Subject == id {
			return true
		}
	}
	return false
}

// Recorded calls fn, in order, with what was published live of what followed from
// the positions after one up to another of one log. More counts what came of other
// logs, or of other positions.
func Recorded(ctx context.Context, alerts eventlog.AlertsReader, logID string, after, to uint64, fn func(eventlog.Message, Told) error) (more int, err error) {
	err = eventlog.ReadAlerts(ctx, alerts, 0, func(m eventlog.Message) error {
		t, err := ReadTold(eventlog.Entry{Subject: m.Subject, Header: m.Header, Body: m.Body})
		if err != nil {
			return err
		}
		if t.Origin.LogID != logID || t.Origin.Seq <= after || t.Origin.Seq > to {
			more++
			return nil
		}
		return fn(m, t)
	})
	return more, err
}

// provisional reports whether it waited for a source that was behind.
func (t Told) provisional() bool {
	return strings.HasPrefix(t.Entry.Subject, provisionalAlerts)
}

// provisionalAlerts begins the subjects of provisional alerts.
const provisionalAlerts = "overstay.alerts.provisional."
