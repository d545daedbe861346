package review_test

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/archive"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// audit reports on a log.
func audit(t *testing.T, log eventlog.Log, change func(*review.ReportOptions)) *review.Report {
	t.Helper()
	o := review.ReportOptions{
		Source:  &review.Source{Name: "here", Log: log, Compile: compile, Label: review.Label{Strength: review.Strong, Reason: "the whole log"}},
		Program: "overstay test", Made: nine,
	}
	if change != nil {
		change(&o)
	}
	r, err := review.MakeReport(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReportOfAnIncident: a lease is held five minutes beyond its hour; the report
// says so in every table, and rests on the very bytes of the log.
func TestReportOfAnIncident(t *testing.T) {
	log := incident(t)
	r := audit(t, log, nil)
	if s := r.Summary; s.Approvals != 1 || s.Overran != 1 || s.StillHeld != 0 || s.Accesses != 1 || s.Exceptions != 1 || s.OpenExceptions != 0 {
		t.Errorf("the summary is %+v", s)
	}
	a := r.Approvals[0]
	if a.ID != "REQ-1" || a.State != review.Overran || a.Assurance != correlator.Observed || !a.Proven || a.DecidedBy != "bob" || len(a.Facts) != 1 || a.Facts[0].Position != 4 {
		t.Errorf("the approval is %+v", a)
	}
	lease := a.Facets[1]
	if lease.Facet != "credential" || lease.Overrun != 300 || lease.Uncovered != 300 || lease.Basis != correlator.Observed || lease.Open != 0 || !strings.HasSuffix(lease.End, "T10:05:00.000Z") {
		t.Errorf("the lease is %+v", lease)
	}
	if m, err := log.At(t.Context(), lease.Position); err != nil || !strings.Contains(m.Subject, "lease.revoked") {
		t.Errorf("its end rests on position %d, which is %s (%v)", lease.Position, m.Subject, err)
	}
	for _, v := range r.Revocations {
		if v.Due != 1 || v.Late != 1 || v.P50.Seconds != 300 || v.Max.Seconds != 300 || v.Bases[correlator.Observed] != 1 {
			t.Errorf("revocation in %q is %+v", v.System, v)
		}
	}
	if len(r.Revocations) != 2 || r.Revocations[1].System != "db" {
		t.Errorf("revocations are of %+v", r.Revocations)
	}
	e := r.Exceptions[0]
	if e.Rule != "OV-001" || e.Standing || e.Disposition != "closed: ended" || e.Severity != "high" || e.Approval != "REQ-1" || e.Subject != "alice" || e.First >= e.Last {
		t.Errorf("the exception is %+v", e)
	}
	i := slices.IndexFunc(r.Controls, func(c review.ReportControl) bool { return c.Catalogue == "800-53" && c.Control == "AC-2(3)" })
	if c := r.Controls[i]; c.Exceptions != 1 || c.Open != 0 || !c.Tested || !slices.Contains(c.Rules, "OV-001") || !slices.Contains(c.Off, "OV-012") {
		t.Errorf("control %+v", c)
	}
	if again := audit(t, log, nil); !reflect.DeepEqual(r, again) {
		t.Error("made again, it differs")
	}
	if h := r.Header; h.LogSHA256 != exportedSum(t, log) {
		t.Errorf("the sum of the log is %s, and that of its export %s", h.LogSHA256, exportedSum(t, log))
	}
}

// exportedSum is what an archive of the whole log says of its messages.
func exportedSum(t *testing.T, log eventlog.Log) string {
	t.Helper()
	st, err := log.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w, err := archive.Create(filepath.Join(t.TempDir(), "all.zst"), archive.Header{LogID: st.ID, From: 1, To: st.Last, Semantics: correlator.SemanticsID}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for p := uint64(1); p <= st.Last; p++ {
		m, err := log.At(t.Context(), p)
		if err == nil {
			err = w.Message(m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sum, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return sum.LogSHA256
}

// TestReportOfAPeriod: what lies outside of the period is left out; what was not
// known yet is not said.
func TestReportOfAPeriod(t *testing.T) {
	log := incident(t)
	for _, tt := range []struct {
		name                  string
		from, to              review.Bound
		until                 uint64
		approvals, exceptions int
		state                 string
		due                   int
	}{
		{name: "the hour of the window", from: review.Bound{At: nine}, to: review.Bound{At: nine.Add(time.Hour)}, approvals: 1, state: review.Overran},
		{name: "the minutes after it", from: review.Bound{At: nine.Add(time.Hour)}, to: review.Bound{At: nine.Add(65 * time.Minute)}, exceptions: 1, due: 1},
		{name: "when it was still held", until: 920, approvals: 1, exceptions: 1, state: review.StillHeld, due: 1},
		{name: "before its end was known", until: 400, approvals: 1, state: review.InForce},
		{name: "the first positions", to: review.Bound{Position: 5}, approvals: 1, state: review.Overran},
		{name: "later", from: review.Bound{At: nine.Add(2 * time.Hour)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := audit(t, log, func(o *review.ReportOptions) { o.From, o.To, o.Until = tt.from, tt.to, tt.until })
			due := 0
			if len(r.Revocations) > 0 {
				due = r.Revocations[0].Due
			}
			if len(r.Approvals) != tt.approvals || len(r.Exceptions) != tt.exceptions || due != tt.due {
				t.Errorf("%d approvals, %d exceptions, %d due: %+v", len(r.Approvals), len(r.Exceptions), due, r)
			}
			if tt.approvals > 0 && r.Approvals[0].State != tt.state {
				t.Errorf("REQ-1 is %q", r.Approvals[0].State)
			}
		})
	}
}

// TestReportKeepsWhatLeftTheState: days later, when the state has let go of access
// and approval, the report has them.
func TestReportKeepsWhatLeftTheState(t *testing.T) {
	log := incident(t)
	n := 0
	for at := nine.Add(2 * time.Hour); at.Before(nine.Add(10 * 24 * time.Hour)); at = at.Add(time.Hour) {
		n++
		appendTo(t, log, events.ClockTick, "overstay://engine", fmt.Sprint("later", n), at, "", &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(nine))})
	}
	soon, late := audit(t, incident(t), nil), audit(t, log, nil)
	out, err := review.Replay(t.Context(), review.Options{Log: log, Compile: compile})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := out.View.Access(events.KindLease, "vault://prod", "L1"); there || len(out.View.Approvals("", "REQ-1")) > 0 {
		t.Fatal("nothing has left the state")
	}
	late.Approvals[0].Sealed = soon.Approvals[0].Sealed // it was sealed meanwhile
	if !reflect.DeepEqual(soon.Approvals, late.Approvals) || !reflect.DeepEqual(soon.Revocations, late.Revocations) {
		t.Errorf("an hour later %+v %+v, days later %+v %+v", soon.Approvals, soon.Revocations, late.Approvals, late.Revocations)
	}
}

func appendTo(t *testing.T, log *memory.Log, typ events.Type, source, id string, at time.Time, about events.ID, data events.Data) {
	t.Helper()
	ev, err := events.New(typ, source, id, at, about, data)
	if err != nil {
		t.Fatal(err)
	}
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Append(context.Background(), []eventlog.Entry{{Subject: events.SubjectOf(ev), Header: header, Body: body}}); err != nil {
		t.Fatal(err)
	}
}

// TestReportOfTheRecord: an operator's word stands with the exception, and in the
// record; a source that promises progress and falls silent is named.
func TestReportOfTheRecord(t *testing.T) {
	log := memory.New(memory.Options{})
	n := 0
	say := func(s int, typ events.Type, source string, about events.ID, data events.Data) {
		n++
		appendTo(t, log, typ, source, fmt.Sprint("e", n), nine.Add(time.Duration(s)*time.Second), about, data)
	}
	db := events.Scope{System: "db", Role: "reader"}
	for s := 0; s <= 1200; s += 4 {
		say(s, events.ClockTick, "overstay://engine", "", &events.Tick{Wall: nine.Add(time.Duration(s) * time.Second), Boot: "b", Monotonic: events.Duration(time.Duration(s) * time.Second)})
		switch {
		case s == 0:
			say(s, events.ApprovalGranted, "pam://x", "alice", &events.Approval{ApprovalID: "REQ-1", Requester: "alice", Scopes: []events.Scope{db}, DecidedBy: "bob",
				Window: &events.Window{Start: nine, End: nine.Add(5 * time.Minute), EndKind: events.EndAt}})
			say(s, events.LeaseIssued, "vault://prod", "alice", &events.Lease{LeaseID: "L1", Scope: db})
		case s == 600:
			say(s, events.OperatorSuppressed, "overstay://operator", "", &events.Mark{Selector: events.Selector{Rule: "OV-001"}, By: "olga", Why: "known", Until: nine.Add(time.Hour)})
		}
		if s%20 == 0 && (s < 400 || s > 800) {
			at := nine.Add(time.Duration(s) * time.Second)
			say(s, events.SourceProgress, "vault://prod", "", &events.Progress{Through: at, Basis: events.ByPosition})
		}
	}
	r := audit(t, log, nil)
	i := slices.IndexFunc(r.Exceptions, func(e review.Exception) bool { return e.Rule == "OV-001" })
	if e := r.Exceptions[i]; !e.Standing || len(e.Marks) != 1 || e.Marks[0].By != "olga" || !strings.Contains(e.Disposition, "suppressed by olga until 2026-03-02T10:00:00.000Z (known)") {
		t.Errorf("the exception is %+v", e)
	}
	if r.Summary.Suppressed != 1 || len(r.Record) != 1 || r.Record[0].What != "operator.suppressed" || r.Record[0].By != "olga" || !strings.Contains(r.Record[0].Detail, "rule OV-001") {
		t.Errorf("the record is %+v", r.Record)
	}
	i = slices.IndexFunc(r.Sources, func(s review.ReportSource) bool { return s.URI == "vault://prod" })
	if s := r.Sources[i]; s.Silences != 1 || s.Silent != 440 || !s.Promises || s.Stretches[0].From != "2026-03-02T09:06:20.000Z" {
		t.Errorf("the source is %+v", s)
	}
	all := strings.Join(r.NotCovered, "\n")
	for _, want := range []string{"promise no completeness, so that what they left out cannot be told from what did not happen: pam://x.", "were silent for longer than they may be: vault://prod."} {
		if !strings.Contains(all, want) {
			t.Errorf("not covered is\n%s\nwithout %q", all, want)
		}
	}
	if a := r.Approvals[0]; a.State != review.StillHeld || a.Assurance != "" || a.Facets[1].Open != 1 || a.Facets[1].Overrun != 900 {
		t.Errorf("the approval is %+v", a)
	}
}
