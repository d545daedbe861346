package draw

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator/review"
)

// sketchLine is one event as Timesketch imports it: message, datetime (ISO 8601) and
// timestamp_desc must be there, timestamp is in microseconds since 1970, and other
// members become attributes (timesketch.org, "Import from JSON/CSV").
type sketchLine struct {
	Message       string `json:"message"`
	Datetime      string `json:"datetime"`
	Timestamp     int64  `json:"timestamp"`
	TimestampDesc string `json:"timestamp_desc"`

	DataType string   `json:"data_type"`
	Kind     string   `json:"lane,omitempty"`
	Source   string   `json:"source,omitempty"`
	ID       string   `json:"access,omitempty"`
	Subject  string   `json:"subject,omitempty"`
	System   string   `json:"system,omitempty"`
	Resource string   `json:"resource,omitempty"`
	Role     string   `json:"role,omitempty"`
	Actor    string   `json:"actor,omitempty"`
	Basis    string   `json:"basis,omitempty"`
	Rule     string   `json:"rule,omitempty"`
	Severity string   `json:"severity,omitempty"`
	Event    string   `json:"event,omitempty"`
	Position uint64   `json:"log_position,omitempty"`
	Known    string   `json:"known,omitempty"`
	Late     bool     `json:"late,omitempty"`
	Tag      []string `json:"tag,omitempty"`
}

// Timesketch writes a history as JSON Lines, one line for each mark, each end of an
// overrun and each revision of an alert, in order of time.
func Timesketch(w io.Writer, h *review.History) error {
	enc := json.NewEncoder(w)
	for _, l := range sketchLines(h) {
		if err := enc.Encode(l); err != nil {
			return fmt.Errorf("write the time line: %w", err)
		}
	}
	return nil
}

func sketchLines(h *review.History) []sketchLine {
	var out []sketchLine
	add := func(at time.Time, desc string, l sketchLine) {
		l.Datetime, l.Timestamp, l.TimestampDesc = at.Format(time.RFC3339Nano), at.UnixMicro(), desc
		out = append(out, l)
	}
	for _, e := range happenings(h, h.Lanes) {
		l := sketchOf(e.lane)
		l.DataType, l.Message = "overstay:event", e.sentence(dial{form: time.RFC3339})
		l.Actor, l.Basis, l.Event = clean(string(e.mark.Actor)), clean(e.mark.Basis), clean(e.mark.Event)
		l.Position, l.Late = e.mark.Position, e.mark.Late
		if !e.mark.Known.IsZero() {
			l.Known = e.mark.Known.Format(time.RFC3339Nano)
		}
		if l.Late {
			l.Tag = []string{"late"}
		}
		add(e.mark.At, "Event time: "+clean(e.mark.What), l)
	}
	for _, lane := range h.Lanes {
		for _, s := range lane.Spans {
			if s.State != review.SpanOverrun {
				continue
			}
			l := sketchOf(lane)
			l.DataType, l.Tag = "overstay:overrun", []string{"overrun"}
			l.Message = fmt.Sprintf("%s %s outlives approval %s", kindWords[lane.Kind][0], title(lane), clean(s.Approval))
			add(s.From, "Overrun begins", l)
			if !s.Open {
				l.Message += ", and ends after " + lasting(s.To.Sub(s.From))
				add(s.To, "Overrun ends", l)
			}
		}
	}
	for _, n := range h.Alerts {
		for _, r := range n.Revisions {
			add(r.At, "Alert "+clean(r.State), sketchLine{
				Message: clean(r.Message), DataType: "overstay:alert", Rule: clean(n.Rule), Severity: clean(r.Severity), Event: clean(n.ID), Position: r.Position, Tag: []string{"alert"},
			})
		}
	}
	slices.SortStableFunc(out, func(a, b sketchLine) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return out
}

// sketchOf says of which lane a line is.
func sketchOf(l review.Lane) sketchLine {
	out := sketchLine{Kind: string(l.Kind), Source: clean(l.Source), ID: clean(l.ID), Subject: clean(string(l.Subject))}
	if len(l.Scopes) > 0 {
		out.System, out.Resource, out.Role = clean(l.Scopes[0].System), clean(l.Scopes[0].Resource), clean(l.Scopes[0].Role)
	}
	return out
}
