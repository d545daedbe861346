package review_test

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/archive"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
	statemem "github.com/overstay/overstay/store/memory"
)

var (
	archivedEvents = flag.Int("archived-events", 1200, "how many events sources say in the archived run, ticks aside")
	archivedSeed   = flag.Uint64("archived-seed", 1, "of the archived run")
)

// liveRun is a log with so many events, and what was told of it live.
type liveRun struct {
	t      *testing.T
	log    *memory.Log
	alerts *memory.Alerts
	now    time.Time
	ids    int
	said   int // by sources: ticks aside
}

func (l *liveRun) say(typ events.Type, source string, about events.ID, data events.Data) {
	l.t.Helper()
	l.ids++
	if typ.FromSource() {
		l.said++
	}
	ev, err := events.New(typ, source, fmt.Sprint("e", l.ids), l.now, about, data)
	if err != nil {
		l.t.Fatal(err)
	}
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.log.Append(l.t.Context(), []eventlog.Entry{{Subject: events.SubjectOf(ev), Header: header, Body: body}}); err != nil {
		l.t.Fatal(err)
	}
}

// overruns: approvals of one hour, and leases that end some seconds after it.
func overruns(t *testing.T, n int, late func(i int) time.Duration) *liveRun {
	l := &liveRun{t: t, log: memory.New(memory.Options{}), alerts: memory.NewAlerts(memory.Options{}), now: nine}
	tick := func() {
		l.say(events.ClockTick, "overstay://engine", "", &events.Tick{Wall: l.now, Boot: "b", Monotonic: events.Duration(l.now.Sub(nine))})
	}
	type lease struct {
		id   string
		who  events.ID
		ends time.Time
	}
	var open []lease
	for i := 0; l.said < n || len(open) > 0; l.now = l.now.Add(4 * time.Second) {
		tick()
		for len(open) > 0 && !open[0].ends.After(l.now) {
			l.say(events.LeaseRevoked, "vault://prod", open[0].who, &events.Lease{LeaseID: open[0].id, End: &events.End{Basis: events.EndObserved}})
			open = open[1:]
		}
		if l.said >= n {
			continue
		}
		who, db := events.ID(fmt.Sprint("corp:user", i%4999)), events.Scope{System: "db", Role: fmt.Sprint("r", i)}
		l.say(events.ApprovalGranted, "pam://x", who, &events.Approval{
			ApprovalID: fmt.Sprint("REQ-", i), Requester: who, Scopes: []events.Scope{db}, DecidedBy: "bob",
			Window: &events.Window{Start: l.now, End: l.now.Add(10 * time.Minute), EndKind: events.EndAt},
		})
		l.say(events.LeaseIssued, "vault://prod", who, &events.Lease{LeaseID: fmt.Sprint("L", i), Scope: db})
		// Leases are revoked in the order of their beginning.
		ends := l.now.Add(10*time.Minute + late(i))
		if k := len(open); k > 0 && ends.Before(open[k-1].ends) {
			ends = open[k-1].ends
		}
		open = append(open, lease{fmt.Sprint("L", i), who, ends})
		i++
	}
	for range 40 {
		tick()
		l.now = l.now.Add(4 * time.Second)
	}
	return l
}

// live runs engines over the log, one after the other, as restarts do.
func (l *liveRun) live(restarts int) {
	l.t.Helper()
	st, err := l.log.State(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	state := statemem.New()
	for i := 1; i <= restarts+1; i++ {
		until := st.Last * uint64(i) / uint64(restarts+1)
		eng, err := engine.New(engine.Config{
			Log: upTo{l.log, until}, Alerts: l.alerts, Quarantine: memory.NewQuarantine(memory.Options{}), Store: state, Compile: compile,
			Manual: true, Clock: noClock{}, Logger: slog.New(slog.DiscardHandler), Metrics: noMetrics{}, BatchMessages: 1 + 50*i,
		})
		if err != nil {
			l.t.Fatal(err)
		}
		ctx, stop := context.WithCancel(l.t.Context())
		done := make(chan error, 1)
		go func() { done <- eng.Run(ctx) }()
		if err := eng.WaitApplied(ctx, until); err != nil {
			l.t.Fatal(err)
		}
		stop()
		if err := <-done; err != nil {
			l.t.Fatal(err)
		}
	}
}

// archived writes log and alerts into an archive.
func (l *liveRun) archived(path string) archive.Sum {
	l.t.Helper()
	st, err := l.log.State(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	w, err := archive.Create(path, archive.Header{LogID: st.ID, From: st.First, To: st.Last, Semantics: correlator.SemanticsID, Made: nine}, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	copyLog(l.t, l.log, w)
	for _, m := range l.alerts.Published() {
		if err := w.Alert(m); err != nil {
			l.t.Fatal(err)
		}
	}
	sum, err := w.Finish()
	if err != nil {
		l.t.Fatal(err)
	}
	return sum
}

func copyLog(t *testing.T, log eventlog.Log, w *archive.Writer) {
	t.Helper()
	r, err := log.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for w.Next() <= w.Header().To {
		m, err := r.Next(t.Context())
		if err == nil {
			err = w.Message(m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// replayed plays an archive and compares.
func replayed(t *testing.T, a *archive.Archive, other *correlator.Policy) review.Diff {
	t.Helper()
	var told, recorded []review.Told
	out, err := review.Replay(t.Context(), review.Options{Log: a.Log(), Compile: compile, Policy: other, Told: func(e eventlog.Entry) {
		r, err := review.ReadTold(e)
		if err != nil {
			t.Error(err)
		}
		told = append(told, r)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if more, err := review.Recorded(t.Context(), a.Alerts(), a.Header().LogID, 0, out.Last, func(_ eventlog.Message, r review.Told) error {
		recorded = append(recorded, r)
		return nil
	}); err != nil || more != 0 {
		t.Fatalf("%d more, %v", more, err)
	}
	label, err := review.LabelOf(t.Context(), a.Log(), false)
	if err != nil {
		t.Fatal(err)
	}
	d := review.Compare(label, recorded, told, other)
	if d.Replayed.SHA256 != hex.EncodeToString(out.Sum[:]) {
		t.Errorf("the sum of the replay is %x, and of what it told %s", out.Sum, d.Replayed.SHA256)
	}
	return d
}

// TestAnArchivedRunIsToldAgain: a live run with restarts, archived, archived again
// from the archive, and replayed: log and alerts are equal by SHA-256.
func TestAnArchivedRunIsToldAgain(t *testing.T) {
	t.Logf("seed %d, %d events", *archivedSeed, *archivedEvents)
	rng := rand.New(rand.NewPCG(*archivedSeed, 2))
	run := overruns(t, *archivedEvents, func(int) time.Duration { return time.Duration(rng.IntN(300)) * time.Second })
	if run.said < *archivedEvents {
		t.Fatalf("there are %d events", run.said)
	}
	run.live(5)
	dir := t.TempDir()
	sum := run.archived(filepath.Join(dir, "a.zst"))
	a, err := archive.Open(filepath.Join(dir, "a.zst"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	w, err := archive.Create(filepath.Join(dir, "b.zst"), a.Header(), nil)
	if err != nil {
		t.Fatal(err)
	}
	copyLog(t, a.Log(), w)
	again, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if again.LogSHA256 != sum.LogSHA256 || again.Messages != sum.Messages {
		t.Errorf("exported again the log is %+v, not %+v", again, sum)
	}
	begun := time.Now()
	d := replayed(t, a, nil)
	took := time.Since(begun)
	if !d.Equal || !d.Exact || len(d.Differences) > 0 || d.Recorded.SHA256 != sum.AlertsSHA256 || d.Recorded.Told == 0 {
		t.Errorf("%+v", d)
	}
	t.Logf("%d events of sources in %d messages, log sha256 %s; %d told, sha256 %s; replayed in %s", run.said, sum.Messages, sum.LogSHA256, d.Replayed.Told, d.Replayed.SHA256, took)
}

// TestAnotherGraceDiffersByTheOverrunsBetween: under a longer grace exactly those
// alerts are removed whose overrun lies between the two, and all others move.
func TestAnotherGraceDiffersByTheOverrunsBetween(t *testing.T) {
	late := func(i int) time.Duration { return time.Duration(30+12*(i/10)) * time.Second }
	run := overruns(t, 600, late)
	run.live(1)
	path := filepath.Join(t.TempDir(), "a.zst")
	run.archived(path)
	a, err := archive.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	longer, err := policy.Load("longer", []byte("grace: {lease: 3m}\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := replayed(t, a, longer)
	between, beyond := map[string]bool{}, map[string]bool{}
	if _, err := review.Recorded(t.Context(), a.Alerts(), a.Header().LogID, 0, 1<<62, func(_ eventlog.Message, r review.Told) error {
		if r.Rule == "OV-001" && r.State == "resolved" {
			if lasted := overrunOf(t, r); lasted <= 3*time.Minute {
				between[r.ID] = true
			} else {
				beyond[r.ID] = true
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, diff := range d.Differences {
		if diff.Rule != "OV-001" {
			continue
		}
		kinds[diff.Kind]++
		switch {
		case diff.Kind == review.Removed && between[diff.ID]:
			delete(between, diff.ID)
		case diff.Kind == review.Moved && beyond[diff.ID]:
			delete(beyond, diff.ID)
		default:
			t.Errorf("%s %s: %s", diff.Kind, diff.ID, diff.Reason)
		}
		if diff.Reason == "" {
			t.Errorf("%s %s has no reason", diff.Kind, diff.ID)
		}
	}
	if len(between) > 0 || len(beyond) > 0 || kinds[review.Removed] == 0 || kinds[review.Moved] == 0 {
		t.Errorf("%v; not removed: %v; not moved: %v", kinds, between, beyond)
	}
	t.Logf("%v", kinds)
}
