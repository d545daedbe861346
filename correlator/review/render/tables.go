package render

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
)

// Table is one table of a report, for machines: times are RFC 3339 in UTC,
// durations seconds, lists joined by spaces.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

// Tables are all tables of a report, in order.
func Tables(r *review.Report) []Table {
	return []Table{
		about(r), notCovered(r), exceptions(r), approvals(r), facets(r), revocations(r), sources(r), silences(r), controls(r), record(r),
	}
}

// TableNames are the names of [Tables].
func TableNames() []string {
	var names []string
	for _, t := range Tables(&review.Report{}) {
		names = append(names, t.Name)
	}
	return names
}

func about(r *review.Report) Table {
	t := Table{Name: "about", Columns: []string{"what", "value"}}
	for _, f := range basis(r) {
		t.Rows = append(t.Rows, []string{f.Name, f.Value})
	}
	return t
}

// fact is a named value of the header.
type fact struct{ Name, Value string }

// basis is what the report rests on, as a list.
func basis(r *review.Report) []fact {
	h := r.Header
	out := []fact{
		{"period from", cmp.Or(h.From, "the beginning")}, {"period to (not in it)", h.To}, {"known at", h.KnownAt}, {"source", h.Source}, {"log", h.LogID},
		{"positions read", span(h.FirstPosition, h.LastPosition)}, {"messages read", number(h.Messages)},
		{"positions in the period", span(h.PeriodFirst, h.PeriodLast)}, {"SHA-256 of the messages read", h.LogSHA256},
		{"told by the replay", strconv.Itoa(h.Replayed.Told)}, {"SHA-256 of that", h.Replayed.SHA256},
	}
	if h.Recorded != nil {
		out = append(out, fact{"recorded live", strconv.Itoa(h.Recorded.Told)}, fact{"SHA-256 of what was recorded", h.Recorded.SHA256})
	} else {
		out = append(out, fact{"recorded live", "nothing is recorded in this source"})
	}
	return append(out,
		fact{"the replay is", h.Label.String()}, fact{"policy (SHA-256)", h.Policy}, fact{"semantics", h.Semantics}, fact{"program", h.Program}, fact{"made", h.Made})
}

func span(first, last uint64) string {
	if first == 0 {
		return "none"
	}
	return number(first) + " to " + number(last)
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func figure(seconds float64) string { return strconv.FormatFloat(seconds, 'f', -1, 64) }

func join[T ~string](list []T) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, string(s))
	}
	return strings.Join(parts, " ")
}

func notCovered(r *review.Report) Table {
	t := Table{Name: "not-covered", Columns: []string{"statement"}}
	for _, s := range r.NotCovered {
		t.Rows = append(t.Rows, []string{s})
	}
	return t
}

func exceptions(r *review.Report) Table {
	t := Table{Name: "exceptions", Columns: []string{
		"alert", "rule", "title", "severity", "standing", "disposition", "subject", "approval", "source", "due", "raised", "closed", "revisions",
		"accesses", "open", "message", "controls", "policy", "first_position", "last_position",
	}}
	for _, e := range r.Exceptions {
		t.Rows = append(t.Rows, []string{
			e.ID, e.Rule, e.Title, e.Severity, strconv.FormatBool(e.Standing), e.Disposition, e.Subject, e.Approval, e.Source, e.Due, e.Raised, e.Closed,
			number(e.Revisions), strconv.Itoa(e.Accesses), strconv.Itoa(e.Open), e.Message, join(e.Controls), e.Policy, number(e.First), number(e.Last),
		})
	}
	return t
}

func approvals(r *review.Report) Table {
	t := Table{Name: "approvals", Columns: []string{
		"approval", "source", "kind", "requester", "consumers", "decided_by", "ticket", "scopes", "begin", "end", "state", "assurance", "proven", "sealed",
		"systems_without_connector", "alerts", "positions",
	}}
	for _, a := range r.Approvals {
		t.Rows = append(t.Rows, []string{
			a.ID, a.Source, a.Kind, string(a.Requester), join(a.Consumers), string(a.DecidedBy), a.Ticket, strings.Join(a.Scopes, "; "), a.Begin, a.End,
			a.State, string(a.Assurance), strconv.FormatBool(a.Proven), number(a.Sealed), join(a.Unseen), join(a.Alerts), positions(a.Facts),
		})
	}
	return t
}

func positions(facts []review.ReportFactRef) string {
	var out []string
	for _, f := range facts {
		out = append(out, number(f.Position))
	}
	return strings.Join(out, " ")
}

func facets(r *review.Report) Table {
	t := Table{Name: "facets", Columns: []string{
		"approval", "source", "facet", "count", "open", "end", "last_known_alive", "basis", "overrun_seconds", "uncovered_seconds", "event", "position",
	}}
	for _, a := range r.Approvals {
		for _, f := range a.Facets {
			t.Rows = append(t.Rows, []string{
				a.ID, a.Source, f.Facet, strconv.Itoa(f.Count), strconv.Itoa(f.Open), f.End, f.LastKnownAlive, string(f.Basis), figure(f.Overrun),
				figure(f.Uncovered), f.Event, position(f.Position),
			})
		}
	}
	return t
}

func position(n uint64) string {
	if n == 0 {
		return ""
	}
	return number(n)
}

// bases are those of ends, the strongest first.
var bases = []correlator.Basis{correlator.Verified, correlator.Observed, correlator.Scheduled, correlator.Presumed, correlator.Claimed, correlator.Unknown}

func revocations(r *review.Report) Table {
	t := Table{Name: "revocations", Columns: []string{
		"system", "due", "in_time", "late", "still_held", "p50_seconds", "p90_seconds", "p95_seconds", "p99_seconds", "max_seconds", "longest_held_seconds",
	}}
	for _, b := range bases {
		t.Columns = append(t.Columns, string(b))
	}
	for _, v := range r.Revocations {
		system := v.System
		if system == "" {
			system = "(all)"
		}
		row := []string{system, strconv.Itoa(v.Due), strconv.Itoa(v.InTime), strconv.Itoa(v.Late), strconv.Itoa(v.Open)}
		for _, q := range []review.Quantile{v.P50, v.P90, v.P95, v.P99, v.Max} {
			row = append(row, quantile(q))
		}
		row = append(row, figure(v.LongestOpen))
		for _, b := range bases {
			row = append(row, strconv.Itoa(v.Bases[b]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func quantile(q review.Quantile) string {
	if q.Open {
		return "still held"
	}
	return figure(q.Seconds)
}

func sources(r *review.Report) Table {
	t := Table{Name: "sources", Columns: []string{
		"source", "events", "progress", "first_heard", "last_heard", "coverage_since", "promises_progress", "progress_through", "silence_allowed_seconds",
		"silent_seconds", "silences", "blind", "unauthorised", "late", "unreadable",
	}}
	for _, s := range r.Sources {
		t.Rows = append(t.Rows, []string{
			s.URI, strconv.Itoa(s.Events), strconv.Itoa(s.Progress), s.First, s.Last, s.Coverage, strconv.FormatBool(s.Promises), s.Through, figure(s.Silence),
			figure(s.Silent), strconv.Itoa(s.Silences), s.Blind, strconv.Itoa(s.Unauthorised), strconv.Itoa(s.Late), strconv.Itoa(s.Unreadable),
		})
	}
	return t
}

func silences(r *review.Report) Table {
	t := Table{Name: "silences", Columns: []string{"source", "from", "to", "seconds", "after_position"}}
	for _, s := range r.Sources {
		for _, gap := range s.Stretches {
			t.Rows = append(t.Rows, []string{s.URI, gap.From, gap.To, figure(gap.Seconds), number(gap.After)})
		}
	}
	return t
}

func controls(r *review.Report) Table {
	t := Table{Name: "controls", Columns: []string{"catalogue", "control", "rules", "rules_off", "tested", "exceptions", "open", "withdrawn", "alerts"}}
	for _, c := range r.Controls {
		t.Rows = append(t.Rows, []string{
			c.Catalogue, c.Control, join(c.Rules), join(c.Off), strconv.FormatBool(c.Tested), strconv.Itoa(c.Exceptions), strconv.Itoa(c.Open), strconv.Itoa(c.Withdrawn), join(c.Alerts),
		})
	}
	return t
}

func record(r *review.Report) Table {
	t := Table{Name: "record", Columns: []string{"position", "at", "what", "by", "detail", "event"}}
	for _, e := range r.Record {
		t.Rows = append(t.Rows, []string{number(e.Position), e.At, e.What, e.By, e.Detail, e.Event})
	}
	return t
}
