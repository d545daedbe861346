package review_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// logbook writes a log: what is said, and ticks.
type logbook struct {
	t   *testing.T
	log *memory.Log
	n   int
}

func newLogbook(t *testing.T) *logbook {
	return &logbook{t: t, log: memory.New(memory.Options{})}
}

func at(minutes float64) time.Time { return nine.Add(time.Duration(minutes * float64(time.Minute))) }

// say adds an event; it returns its position.
func (b *logbook) say(typ events.Type, source string, minutes float64, about events.ID, data events.Data) uint64 {
	b.t.Helper()
	b.n++
	ev, err := events.New(typ, source, fmt.Sprint("e", b.n), at(minutes), about, data)
	if err != nil {
		b.t.Fatal(err)
	}
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.log.Append(b.t.Context(), []eventlog.Entry{{Subject: events.SubjectOf(ev), Header: header, Body: body}}); err != nil {
		b.t.Fatal(err)
	}
	return uint64(b.n)
}

func (b *logbook) tick(minutes float64) {
	b.say(events.ClockTick, "overstay://engine", minutes, "", &events.Tick{Wall: at(minutes), Boot: "b", Monotonic: events.Duration(at(minutes).Sub(nine))})
}

func (b *logbook) ticks(from, to, every float64) {
	for m := from; m <= to; m += every {
		b.tick(m)
	}
}

func (b *logbook) source() *review.Source {
	return &review.Source{Name: "test", Log: b.log, Compile: compile, Label: review.Label{Strength: review.Strong}}
}

func (b *logbook) timeline(q review.TimelineQuery) *review.History {
	b.t.Helper()
	h, err := review.Timeline(b.t.Context(), b.source(), q, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

var reader = events.Scope{System: "db", Role: "reader"}

// approved says that somebody may read for an hour.
func (b *logbook) approved(id string, who events.ID) {
	b.say(events.ApprovalGranted, "pam://x", 0, who, &events.Approval{
		ApprovalID: id, Requester: who, Scopes: []events.Scope{reader}, DecidedBy: "bob",
		Window: &events.Window{Start: nine, End: at(60), EndKind: events.EndAt},
	})
}

func lane(t *testing.T, h *review.History, kind review.LaneKind, id string) review.Lane {
	t.Helper()
	for _, l := range h.Lanes {
		if l.Kind == kind && l.ID == id {
			return l
		}
	}
	t.Fatalf("no lane for %s %s: %+v", kind, id, h.Lanes)
	return review.Lane{}
}

func overran(t *testing.T) *logbook {
	b := newLogbook(t)
	b.tick(0)
	b.approved("REQ-1", "alice")
	b.say(events.LeaseIssued, "vault://prod", 5, "alice", &events.Lease{LeaseID: "L1", Scope: reader})
	b.ticks(5, 66, 0.05)
	b.say(events.LeaseRevoked, "vault://prod", 65, "alice", &events.Lease{LeaseID: "L1", End: &events.End{Basis: events.EndObserved}})
	b.ticks(66.05, 67, 0.05)
	return b
}

func TestTimelineOfAnOverrun(t *testing.T) {
	b := overran(t)
	h := b.timeline(review.TimelineQuery{Subject: "alice"})
	l := lane(t, h, review.LaneLease, "L1")
	var got []string
	for _, s := range l.Spans {
		got = append(got, fmt.Sprintf("%s %s-%s", s.State, s.From.Format("15:04"), s.To.Format("15:04")))
	}
	if want := []string{"covered 09:05-10:00", "overrun 10:00-10:05"}; !slices.Equal(got, want) {
		t.Errorf("the lease's spans are %q, not %q", got, want)
	}
	last := l.Spans[len(l.Spans)-1]
	if last.Approval != "REQ-1" || last.Basis != "observed" || last.Open || last.End == nil || !strings.HasPrefix(last.End.Event, "vault://prod|") || last.End.Position == 0 {
		t.Errorf("the overrun is %+v, its end %+v", last, last.End)
	}
	if l.Overrun.Std() != 5*time.Minute || h.Summary.Overran != 1 || h.Summary.Accesses != 1 || h.Summary.Approvals != 1 || h.Summary.Open != 0 {
		t.Errorf("%s, %+v", l.Overrun, h.Summary)
	}
	if len(l.Windows) != 1 || !l.Windows[0].To.Equal(at(60)) || !l.Windows[0].Grants {
		t.Errorf("windows %+v", l.Windows)
	}
	if len(h.Alerts) != 1 || len(h.Alerts[0].Revisions) != 2 || h.Alerts[0].State != "resolved" || !slices.Contains(l.Alerts, h.Alerts[0].ID) {
		t.Fatalf("alerts %+v; the lane has %q", h.Alerts, l.Alerts)
	}
	ended := l.Marks[len(l.Marks)-1]
	if ended.What != "ended" || !ended.At.Equal(at(65)) || ended.Known.Before(at(65.9)) || !ended.Late || ended.Position != last.End.Position {
		t.Errorf("its end is %+v", ended)
	}
	for _, m := range l.Marks {
		if m.Event == "" || m.Position == 0 {
			t.Errorf("%+v names no event", m)
		}
	}
	for what, q := range map[string]review.TimelineQuery{
		"the alert": {Alert: h.Alerts[0].ID[:6]}, "the approval": {Approval: "REQ-1"},
	} {
		other := b.timeline(q)
		if fmt.Sprint(jsonOf(t, other.Lanes)) != fmt.Sprint(jsonOf(t, h.Lanes)) {
			t.Errorf("by %s the lanes are\n%s\nnot\n%s", what, jsonOf(t, other.Lanes), jsonOf(t, h.Lanes))
		}
	}
	if again := jsonOf(t, b.timeline(review.TimelineQuery{Subject: "alice"})); again != jsonOf(t, h) {
		t.Errorf("another time it is %s", again)
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTimelineOfWhatHasLeft: days later the state knows neither lease nor approval
// any more, and the time line shows the same.
func TestTimelineOfWhatHasLeft(t *testing.T) {
	b := overran(t)
	before := b.timeline(review.TimelineQuery{Subject: "alice"})
	b.ticks(70, 7*24*60, 120)
	b.ticks(7*24*60+1, 7*24*60+3, 0.05)
	out, err := review.Replay(t.Context(), review.Options{Log: b.log, Compile: compile})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := out.View.Access(events.KindLease, "vault://prod", "L1"); there {
		t.Fatal("the lease has not left the state")
	}
	after := b.timeline(review.TimelineQuery{Subject: "alice"})
	if got, want := jsonOf(t, after.Lanes), jsonOf(t, before.Lanes); got != want {
		t.Errorf("after it has left the lanes are\n%s\nnot\n%s", got, want)
	}
}

// TestTimelineFindsWhoWasLinkedLater: that two names are one person is known only
// after what was held under one of them has left.
func TestTimelineFindsWhoWasLinkedLater(t *testing.T) {
	b := overran(t)
	b.ticks(70, 7*24*60, 120)
	b.say(events.IdentityLinked, "idp://corp", 7*24*60, "corp:alice", &events.IdentityLink{Other: "alice"})
	b.ticks(7*24*60+1, 7*24*60+2, 0.05)
	h := b.timeline(review.TimelineQuery{Subject: "corp:alice"})
	if l := lane(t, h, review.LaneLease, "L1"); l.Overrun.Std() != 5*time.Minute {
		t.Errorf("%+v", l)
	}
	if !slices.Equal(h.Person, []events.ID{"alice", "corp:alice"}) {
		t.Errorf("the person is %q", h.Person)
	}
	if l := h.Lanes[0]; l.Kind != review.LanePerson || l.Marks[0].What != "identity linked" {
		t.Errorf("what was said of the person: %+v", l)
	}
}

// TestTimelineHasEachUse: the state keeps some signs of life, the time line has all.
func TestTimelineHasEachUse(t *testing.T) {
	b := newLogbook(t)
	b.tick(0)
	b.approved("REQ-1", "alice")
	b.say(events.SessionStarted, "ssh://x", 1, "alice", &events.Session{SessionID: "S1", Scope: reader, Start: at(1)})
	for i := range 50 {
		b.tick(float64(2 + i))
		b.say(events.AccessUsed, "ssh://x", float64(2+i), "alice", &events.Use{Access: events.AccessRef{Kind: events.KindSession, ID: "S1"}})
	}
	b.say(events.AccessUsed, "ssh://x", 53, "alice", &events.Use{Access: events.AccessRef{Kind: events.KindSession, ID: "of somebody else"}})
	b.tick(55)
	h := b.timeline(review.TimelineQuery{Subject: "alice"})
	if h.Summary.Uses != 51 {
		t.Errorf("%d uses", h.Summary.Uses)
	}
	if l := lane(t, h, review.LaneSession, "S1"); !l.Open || !l.Spans[len(l.Spans)-1].Open || len(l.Marks) != 51 {
		t.Errorf("the session: open %t, %d marks, %+v", l.Open, len(l.Marks), l.Spans)
	}
	if l := lane(t, h, review.LaneSession, "of somebody else"); len(l.Marks) != 1 {
		t.Errorf("another's session: %+v", l)
	}
	some := b.timeline(review.TimelineQuery{Subject: "alice", From: at(10), To: at(20)})
	if !some.From.Equal(at(10)) || !some.To.Equal(at(20)) || len(some.Lanes) != 3 {
		t.Errorf("from %s to %s: %d lanes", some.From, some.To, len(some.Lanes))
	}
}

// TestTimelineOfEndsThatNobodySaw: a claim leaves it open whether access lived on, a
// probe shows only that it was over by then.
func TestTimelineOfEndsThatNobodySaw(t *testing.T) {
	b := newLogbook(t)
	b.tick(0)
	b.approved("REQ-1", "alice")
	for _, id := range []string{"claimed", "probed"} {
		b.say(events.LeaseIssued, "vault://prod", 5, "alice", &events.Lease{LeaseID: id, Scope: reader, Expiry: &events.Expiry{At: at(50), Kind: events.ExpiryExact}})
	}
	b.ticks(6, 30, 1)
	b.say(events.LeaseRevoked, "vault://prod", 30, "alice", &events.Lease{LeaseID: "claimed", End: &events.End{Basis: events.EndClaimed, Cause: events.CauseForce}})
	b.say(events.AccessProbed, "vault://prod", 31, "alice", &events.Probe{Access: events.AccessRef{Kind: events.KindLease, ID: "probed"}, Result: "refused"})
	b.ticks(31, 70, 1)
	h := b.timeline(review.TimelineQuery{Subject: "alice"})
	for id, want := range map[string]string{
		"claimed": "covered 09:05-09:30, claimed 09:30-09:50", "probed": "maybe 09:05-09:31",
	} {
		var got []string
		for _, s := range lane(t, h, review.LaneLease, id).Spans {
			got = append(got, fmt.Sprintf("%s %s-%s", s.State, s.From.Format("15:04"), s.To.Format("15:04")))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %q, not %q", id, got, want)
		}
	}
	if h.Summary.Unproven != 1 {
		t.Errorf("%+v", h.Summary)
	}
}

func TestTimelineOfNobody(t *testing.T) {
	b := overran(t)
	for what, q := range map[string]review.TimelineQuery{
		"subject alic": {Subject: "alic"}, "alert ": {Alert: "ffffffffffff"}, "approval REQ": {Approval: "REQ"},
	} {
		_, err := review.Timeline(t.Context(), b.source(), q, nil)
		var unknown *review.UnknownError
		if !errors.As(err, &unknown) {
			t.Fatalf("%s: %v", what, err)
		}
		if kind, near, _ := strings.Cut(what, " "); unknown.What != kind || near != "" && len(unknown.Near) == 0 {
			t.Errorf("%s: %+v", what, unknown)
		}
	}
	for _, q := range []review.TimelineQuery{{}, {Subject: "alice", Alert: "x"}, {Subject: "alice", From: at(2), To: at(1)}} {
		if _, err := review.Timeline(t.Context(), b.source(), q, nil); err == nil {
			t.Errorf("%+v is taken", q)
		}
	}
}

// TestTimelineOfEveryState: how a piece of time was has a name of its own.
func TestTimelineOfEveryState(t *testing.T) {
	b := newLogbook(t)
	b.say(events.SourceResumed, "vault://prod", 0, "", &events.Resumed{Coverage: at(0)})
	b.tick(0)
	lease := func(typ events.Type, minute float64, id string, scope events.Scope) {
		l := &events.Lease{LeaseID: id, Scope: scope}
		if typ == events.LeaseRevoked {
			l.End = &events.End{Basis: events.EndObserved}
		}
		b.say(typ, "vault://prod", minute, "alice", l)
	}
	b.approved("REQ-1", "alice")
	b.say(events.ApprovalGranted, "pam://x", 0, "alice", &events.Approval{
		ApprovalID: "REQ-2", Requester: "alice", Scopes: []events.Scope{{System: "wiki", Role: "editor"}}, DecidedBy: "bob", Window: &events.Window{Start: nine, EndKind: events.EndUnknown},
	})
	lease(events.LeaseIssued, -30, "baseline", events.Scope{System: "mail"})
	lease(events.LeaseIssued, 1, "uncovered", events.Scope{System: "mail"})
	lease(events.LeaseIssued, 2, "grace", reader)
	lease(events.LeaseIssued, 3, "ratified", events.Scope{System: "db", Role: "writer"})
	b.ticks(3, 60, 1)
	lease(events.LeaseRevoked, 60.5, "grace", reader)
	b.say(events.ApprovalGranted, "pam://x", 61, "alice", &events.Approval{
		ApprovalID: "REQ-3", Requester: "alice", Scopes: []events.Scope{{System: "db", Role: "writer"}}, DecidedBy: "bob",
		Window: &events.Window{Start: at(1), End: at(120), EndKind: events.EndAt},
	})
	b.ticks(61, 70, 1)
	h := b.timeline(review.TimelineQuery{Subject: "alice"})
	for _, want := range []struct {
		kind     review.LaneKind
		id       string
		spans    string
		isOpenIn bool
	}{
		{review.LaneApproval, "REQ-1", "window 09:00-10:00", false},
		{review.LaneApproval, "REQ-2", "unknown-end 09:00-10:10", true},
		{review.LaneApproval, "REQ-3", "ratified 09:01-10:01, window 10:01-11:00", false},
		{review.LaneLease, "baseline", "baseline 08:30-10:10", true},
		{review.LaneLease, "uncovered", "uncovered 09:01-10:10", true},
		{review.LaneLease, "grace", "covered 09:02-10:00, grace 10:00-10:00", false},
		{review.LaneLease, "ratified", "ratified 09:03-10:01, covered 10:01-10:10", true},
	} {
		l := lane(t, h, want.kind, want.id)
		var got []string
		for _, s := range l.Spans {
			got = append(got, fmt.Sprintf("%s %s-%s", s.State, s.From.Format("15:04"), s.To.Format("15:04")))
		}
		if strings.Join(got, ", ") != want.spans || l.Spans[len(l.Spans)-1].Open != want.isOpenIn {
			t.Errorf("%s: %q, open %t; not %q, open %t", want.id, got, l.Spans[len(l.Spans)-1].Open, want.spans, want.isOpenIn)
		}
	}
	if h.Summary.Overran != 0 || h.Summary.Open != 3 {
		t.Errorf("%+v", h.Summary)
	}
}
