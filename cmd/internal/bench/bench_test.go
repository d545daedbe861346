package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// small is a run of every part, in seconds.
func small(dir string) Options { return Options{Events: 2000, Open: 3000, Seed: 7, Dir: dir} }

// TestRun measures every part, small, and leaves nothing behind.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	o := small(dir)
	o.Parts = Parts
	o.Say = func(what string) { t.Log(what) }
	o.Profiles = filepath.Join(t.TempDir(), "profiles")
	began := time.Now()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); r.Took <= 0 || r.Took > took {
		t.Errorf("it says that it took %s, and took %s", r.Took, took)
	}
	measured := map[string]int{}
	for _, f := range r.Figures {
		measured[f.Part]++
		if f.Value < 0 {
			t.Errorf("%s: %s is %v", f.Part, f.Name, f.Value)
		}
		if f.Unit == "events/s" && f.Value == 0 {
			t.Errorf("%s: %s is nothing", f.Part, f.Name)
		}
	}
	for _, part := range Parts {
		if measured[part] == 0 {
			t.Errorf("%s was not measured", part)
		}
		if part == "restart" {
			continue // it is waiting, not work
		}
		if p, err := os.Stat(filepath.Join(o.Profiles, part+".pprof")); err != nil || p.Size() == 0 {
			t.Errorf("%s left no profile: %v", part, err)
		}
	}
	if got := figure(t, r, "memory", "accesses open"); got != 3000 {
		t.Errorf("%v accesses are open, not 3,000", got)
	}
	if got := figure(t, r, "timers", "alerts among them"); got != 2 {
		t.Errorf("%v alerts among the deadlines, not 2", got)
	}
	var table bytes.Buffer
	if err := r.Print(&table); err != nil {
		t.Fatal(err)
	}
	t.Log(table.String())
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func figure(t *testing.T, r Report, part, name string) float64 {
	t.Helper()
	for _, f := range r.Figures {
		if f.Part == part && strings.HasPrefix(f.Name, name) {
			return f.Value
		}
	}
	t.Fatalf("%s has no figure %q", part, name)
	return 0
}

// TestInterrupted: the folder goes away with a run that is told to stop.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	o := small(dir)
	ctx, cancel := context.WithCancel(t.Context())
	o.Say = func(what string) {
		if strings.HasPrefix(what, "live: the log") {
			cancel()
		}
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ended with %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]Options{"part": {Parts: []string{"speed"}}, "events": {Events: 10}, "open": {Open: -1}} {
		if _, err := Run(t.Context(), o); err == nil {
			t.Errorf("%s: nothing is said of %+v", name, o)
		}
	}
}

// load collects a company's log.
func load(t *testing.T, seed uint64, n int) []eventlog.Entry {
	t.Helper()
	var out []eventlog.Entry
	if _, err := work(seed, n, func(e eventlog.Entry) error {
		out = append(out, e)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLoad: the same seed makes the same bytes, and of what a company is said to have
// there is as much as is said.
func TestLoad(t *testing.T) {
	const n = 20_000
	a, b := load(t, 3, n), load(t, 3, n)
	if len(a) != n {
		t.Fatalf("%d entries, not %d", len(a), n)
	}
	if !slices.EqualFunc(a, b, func(x, y eventlog.Entry) bool {
		return x.Subject == y.Subject && x.MsgID == y.MsgID && bytes.Equal(x.Body, y.Body)
	}) {
		t.Error("the same seed made another log")
	}
	seen, classes := map[string]bool{}, map[string]int{}
	late, twice, outside, service := 0, 0, 0, 0
	for _, e := range a {
		ev, err := events.DecodeNATS(e.Header, e.Body)
		if err != nil {
			t.Fatal(err)
		}
		classes[ev.Type.Class()]++
		if ev.Recorded.IsZero() {
			continue
		}
		outside++
		if seen[ev.Source+ev.ID] {
			twice++
		}
		seen[ev.Source+ev.ID] = true
		if ev.Recorded.After(ev.Time) {
			late++
		}
		if ev.Subject == serviceAccount {
			service++
		}
	}
	share := func(what string, n int, least, most float64) {
		if part := float64(n) / float64(outside); part < least || part > most {
			t.Errorf("%s: %.3f of %d, not between %v and %v", what, part, outside, least, most)
		}
	}
	share("late", late, 0.04, 0.06)
	share("twice", twice, 0.007, 0.013)
	share("of the service account", service, 0.15, 0.35)
	for _, class := range []string{"approval", "session", "lease", "directory", "access", "source", "clock", "policy"} {
		if classes[class] == 0 {
			t.Errorf("no event of class %s", class)
		}
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 1: "1", 0.5: "0.50", 0.0123: "0.012", 12.34: "12.3", 100: "100", 1234567.8: "1,234,568", 5: "5", 1.5: "1.50", -1500: "-1,500"} {
		if got := number(x); got != want {
			t.Errorf("%v is %q, not %q", x, got, want)
		}
	}
}

// TestTargets: a smaller load says nothing about a target.
func TestTargets(t *testing.T) {
	for _, c := range []struct {
		target         *Target
		bound, reached string
	}{
		{nil, "", ""},
		{atLeast(0.5, 0.6), "≥ 0.50", "yes"},
		{atLeast(0.5, 0.4), "≥ 0.50", "no"},
		{atMost(5, 5), "≤ 5", "yes"},
		{atMost(5, 6), "≤ 5", "no"},
		{atMost(5, 1).of(1000, 10, "open"), "≤ 5 (for 1,000 open)", "-"},
		{atMost(5, 1).of(1000, 1000, "open"), "≤ 5", "yes"},
	} {
		if bound, reached := c.target.text(); bound != c.bound || reached != c.reached {
			t.Errorf("%+v is %q, %q", c, bound, reached)
		}
	}
}

func TestQuantile(t *testing.T) {
	var of []time.Duration
	for i := range 100 {
		of = append(of, time.Duration(100-i))
	}
	for part, want := range map[float64]time.Duration{0: 1, 0.5: 51, 0.99: 100, 1: 100} {
		if got := quantile(of, part); got != want {
			t.Errorf("quantile %v is %d, not %d", part, got, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("of none it is %d", got)
	}
}

// TestClock: it moves when it is told to, and whoever waits for a time that has come
// is woken.
func TestClock(t *testing.T) {
	c := newClock(beginning)
	hour := c.After(time.Hour)
	c.set(beginning.Add(30 * time.Minute))
	select {
	case <-hour:
		t.Fatal("half an hour was taken for one")
	default:
	}
	c.set(beginning.Add(time.Hour))
	select {
	case at := <-hour:
		if at.Before(beginning.Add(time.Hour)) {
			t.Errorf("it woke at %s", at)
		}
	case <-t.Context().Done():
	}
	if w, m := c.Wall(), c.Monotonic(); w.Sub(beginning) > m {
		t.Errorf("wall time %s is ahead of monotonic time %s", fmt.Sprint(w), m)
	}
}
