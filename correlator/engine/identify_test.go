package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	logmemory "github.com/overstay/overstay/store/eventlog/memory"
)

// overstayed is a log in which alice's lease outlives a window of ten minutes:
// granted at 1 min, taken at 2 min, over at 11 min, and told once the minute is over
// that sources have after a silence of the clock.
func overstayed(t *testing.T) []eventlog.Entry {
	t.Helper()
	return []eventlog.Entry{
		tick(t, 0),
		granted(t, "REQ-1", "alice", time.Minute, 11*time.Minute),
		tick(t, time.Minute),
		issued(t, "L1", "alice", 2*time.Minute),
		tick(t, 11*time.Minute),
		tick(t, 12*time.Minute+58*time.Second),
		tick(t, 13*time.Minute+58*time.Second),
		tick(t, 15*time.Minute),
	}
}

func granted(t *testing.T, id string, who events.ID, from, to time.Duration) eventlog.Entry {
	t.Helper()
	return event(t, events.ApprovalGranted, approvals, "grant-"+id, began.Add(from), who, &events.Approval{
		ApprovalID: id, Requester: who, Scopes: []events.Scope{{System: "db", Role: "reader"}},
		Window: &events.Window{Start: began.Add(from), End: began.Add(to), EndKind: events.EndAt},
	})
}

func issued(t *testing.T, id string, who events.ID, at time.Duration) eventlog.Entry {
	t.Helper()
	return event(t, events.LeaseIssued, vault, "issue-"+id, began.Add(at), who,
		&events.Lease{LeaseID: id, Credential: events.CredentialDynamic, Scope: events.Scope{System: "db", Role: "reader"}})
}

func expired(t *testing.T, id string, at time.Duration) eventlog.Entry {
	t.Helper()
	return event(t, events.LeaseExpired, vault, "expire-"+id, began.Add(at), "", &events.Lease{LeaseID: id})
}

// known is a world whose engine has told of alice's lease.
func known(t *testing.T) *world {
	t.Helper()
	w := newWorld()
	w.append(t, overstayed(t)...)
	w.mustPlay(t)
	if got, want := w.lines(t), []string{"OV-001 r1 raised"}; !slices.Equal(got, want) {
		t.Fatalf("the log gives %q, not %q", got, want)
	}
	return w
}

// TestAnotherLogIsFoundOut: a log that is not the one that the state was made
// from opens a new epoch, is said to be so, and is read from its beginning. The
// facts stay, so the alert resolves when the lease ends at last, and nothing is
// told twice.
func TestAnotherLogIsFoundOut(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		lose         func(*world)
		now          time.Duration // of the newest tick
	}{
		{"recreated", "the stream was recreated", func(w *world) { w.log.Recreate() }, 15 * time.Minute},
		{"truncated", "the stream ends at 7, but 8 was applied", func(w *world) { w.log.Truncate(5) }, 15 * time.Minute},
		{"beginning lost beyond us", "positions 9 to 10 are gone", func(w *world) {
			w.append(t, tick(t, 15*time.Minute+1), tick(t, 15*time.Minute+2), tick(t, 15*time.Minute+3))
			w.log.Forget(11)
		}, 15*time.Minute + 3},
		{"truncated and grown again", "the message at 8 is another one", func(w *world) {
			w.log.Truncate(5)
			for i := range 6 {
				w.append(t, tickOf(t, "other", 15*time.Minute+time.Duration(i)*time.Second))
			}
		}, 15*time.Minute + 5*time.Second},
		{"recreated and grown again", "the stream was recreated", func(w *world) {
			w.log.Recreate()
			for i := range 20 {
				w.append(t, tickOf(t, "other", 15*time.Minute+time.Duration(i)*time.Second))
			}
		}, 15*time.Minute + 19*time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := known(t)
			before := w.position(t)
			c.lose(w)
			w.append(t, expired(t, "L1", 16*time.Minute), granted(t, "REQ-2", "bob", 16*time.Minute, 40*time.Minute))
			w.mustPlay(t)

			at := w.position(t)
			if at.Epoch <= before.Epoch {
				t.Errorf("epoch %d after epoch %d", at.Epoch, before.Epoch)
			}
			if at.Seq != w.last(t) {
				t.Errorf("applied up to %d of %d", at.Seq, w.last(t))
			}
			if n := w.counts.applied["system applied"]; n != 2 {
				t.Errorf("%d events of an epoch and of what was told, not 2: %v", n, w.counts.applied)
			}
			if said := w.said.String(); !strings.Contains(said, "a new epoch begins") || !strings.Contains(said, c.reason) {
				t.Errorf("the log does not say %q: %s", c.reason, said)
			}
			if got, want := w.lines(t), []string{"OV-001 r1 raised", "OV-001 r2 resolved ended", "OV-025 r1 raised"}; !slices.Equal(got, want) {
				t.Errorf("told %q, not %q", got, want)
			}
			g := w.glance(t)
			if g.Approvals != 2 {
				t.Errorf("%d approvals are known, not 2", g.Approvals)
			}
			if now := g.Now.Std().Sub(began); now > c.now {
				t.Errorf("log time is %s, and no tick said more than %s", now, c.now)
			}
			inOneEpoch(t, w)
		})
	}
}

// inOneEpoch makes sure that the next start finds nothing to complain about.
func inOneEpoch(t *testing.T, w *world) {
	t.Helper()
	before, last := w.position(t), w.last(t)
	w.append(t, tick(t, 17*time.Minute))
	w.mustPlay(t)
	if at := w.position(t); at.Epoch != before.Epoch || at.Seq != last+1 {
		t.Errorf("the next start goes from %+v to %+v", before, at)
	}
}

// TestRetentionIsNoLoss: what was read may leave the log, up to the very next
// message.
func TestRetentionIsNoLoss(t *testing.T) {
	for _, first := range []uint64{3, 8, 9} {
		w := known(t)
		before := w.position(t)
		w.append(t, expired(t, "L1", 16*time.Minute))
		w.log.Forget(first)
		w.mustPlay(t)
		if at := w.position(t); at.Epoch != before.Epoch || at.Seq != 9 {
			t.Errorf("the log begins at %d: from %+v to %+v", first, before, at)
		}
		if got, want := w.lines(t), []string{"OV-001 r1 raised", "OV-001 r2 resolved ended"}; !slices.Equal(got, want) {
			t.Errorf("the log begins at %d: told %q, not %q", first, got, want)
		}
	}
}

// TestStateIsLost: an empty state is filled again from the log, and what was
// published is recognised.
func TestStateIsLost(t *testing.T) {
	w := known(t)
	want := w.digest()
	again := newWorld()
	again.log, again.alerts = w.log, w.alerts
	again.mustPlay(t)
	if got := again.digest(); got != want {
		t.Errorf("sha256 %s, not %s", got, want)
	}
}

// TestStateIsLostInTheMiddleOfALog: a log whose beginning is gone gives an epoch
// of its own, so that what is told now does not contradict what was told then.
func TestStateIsLostInTheMiddleOfALog(t *testing.T) {
	w := known(t)
	again := newWorld()
	again.log, again.alerts = w.log, w.alerts
	again.log.Forget(2)
	again.mustPlay(t)
	if at := again.position(t); at.Epoch != 2 {
		t.Errorf("the epoch is %d, not the first position", at.Epoch)
	}
	if got, want := again.lines(t), []string{"OV-001 r1 raised"}; !slices.Equal(got, want) {
		t.Errorf("told %q, not %q", got, want)
	}
}

// TestHoleInTheLog: positions that are missing are said and observed, the stream
// goes on, and what it tells is the same after a restart.
func TestHoleInTheLog(t *testing.T) {
	w := newWorld()
	w.append(t, overstayed(t)...)
	var messages []eventlog.Message
	for p := uint64(1); p <= w.last(t); p++ {
		m, err := w.log.At(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if p >= 5 {
			m.Position += 3
		}
		messages = append(messages, m)
	}
	load := func() *world {
		holed := newWorld()
		var err error
		if holed.log, err = logmemory.Load(logmemory.Options{}, messages); err != nil {
			t.Fatal(err)
		}
		return holed
	}
	base := load()
	base.mustPlay(t)
	if got, want := base.lines(t), []string{"OV-025 r1 raised", "OV-001 r1 raised"}; !slices.Equal(got, want) {
		t.Errorf("told %q, not %q", got, want)
	}
	if said := base.said.String(); !strings.Contains(said, "the log has a hole") || !strings.Contains(said, "from=5 to=7") {
		t.Errorf("the hole is not said: %s", said)
	}
	if n := base.counts.applied["system applied"]; n != 1 {
		t.Errorf("%d observations, not 1: %v", n, base.counts.applied)
	}
	for n := 1; n <= 8; n++ {
		w := load()
		cfg := w.config()
		cfg.BatchMessages = 1
		cfg.Fail = newFailpoint("after-commit", n).fail
		if !crash(t, w, cfg) {
			t.Fatalf("no crash at commit %d", n)
		}
		w.mustPlay(t)
		if w.digest() != base.digest() {
			t.Errorf("after a crash at commit %d: %s", n, firstDifference(base.alerts.Published(), w.alerts.Published()))
		}
	}
}

// skipping is a log whose reading leaves a message out that the log has.
type skipping struct {
	eventlog.Log
	left uint64
}

func (s skipping) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := s.Log.Read(ctx, from)
	return &skippingReader{r, s.left}, err
}

type skippingReader struct {
	eventlog.Reader
	left uint64
}

func (r *skippingReader) Next(ctx context.Context) (eventlog.Message, error) {
	m, err := r.Reader.Next(ctx)
	if err == nil && m.Position == r.left {
		return r.Reader.Next(ctx)
	}
	return m, err
}

func (r *skippingReader) TryNext() (eventlog.Message, bool, error) {
	m, ok, err := r.Reader.TryNext()
	if ok && m.Position == r.left {
		return r.Reader.TryNext()
	}
	return m, ok, err
}

// TestDeliveryWithAHole: a message that the log has and the reading leaves out is
// not taken for one that the log lost. The engine ends, and the next start, which
// reads it, tells what follows from all of them.
func TestDeliveryWithAHole(t *testing.T) {
	base := known(t)
	for left := uint64(1); left <= 7; left++ {
		w := newWorld()
		w.append(t, overstayed(t)...)
		cfg := w.config()
		cfg.Log = skipping{w.log, left}
		if err := w.play(t, cfg); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("the log has %d", left)) {
			t.Errorf("without %d the engine ends with %v", left, err)
		}
		w.mustPlay(t)
		if w.digest() != base.digest() {
			t.Errorf("without %d: %s", left, firstDifference(base.alerts.Published(), w.alerts.Published()))
		}
	}
}

// TestTwoStatesOfADamagedLog: a log loses its end before one of two engines has read
// it, and goes on. Each tells what follows from what it has read; where that is not
// the same, they do not stop each other.
func TestTwoStatesOfADamagedLog(t *testing.T) {
	w := newWorld()
	w.append(t, overstayed(t)[:4]...)
	other := newWorld()
	other.log, other.alerts, other.quarantine = w.log, w.alerts, w.quarantine
	other.mustPlay(t)
	w.append(t, granted(t, "REQ-1", "alice", time.Minute, 12*time.Minute)) // read by one alone
	w.mustPlay(t)
	w.log.Truncate(2)
	w.append(t, overstayed(t)[3:]...)
	w.mustPlay(t)
	other.mustPlay(t)
	if a, b := w.position(t), other.position(t); a.Epoch == b.Epoch {
		t.Errorf("two states of different messages are of one epoch, %d", a.Epoch)
	}
}
