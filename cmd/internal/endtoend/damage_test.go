package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
)

// TestLogLosesItsEnd: one flipped bit, and the server drops the end of the log
// and uses its numbers again. The program finds out, opens a new epoch, keeps its
// facts, tells nothing twice, raises OV-025, and what is posted from then on is
// judged.
func TestLogLosesItsEnd(t *testing.T) {
	t.Parallel()
	base := time.Now().UTC().Truncate(time.Second).Add(-4 * time.Hour)
	sound, hurt := newProgram(t), newProgram(t)
	inPeace, life := sound.start(t, ""), hurt.start(t, "")
	peace, f := &feeder{program: sound, stored: map[string]bool{}}, &feeder{program: hurt, stored: map[string]bool{}}
	peace.tell(t, base, 0, 45)
	f.tell(t, base, 0, 30)
	hurt.settle(t, 0)
	life.kill()
	flipNearEnd(t, filepath.Join(hurt.dir, "nats"))

	life = hurt.start(t, "")
	f.tell(t, base, 30, 45)
	hurt.settle(t, sealed)
	for _, p := range []*process{inPeace, life} {
		if err := p.terminate(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, sound.said(), hurt.said())
		}
	}
	want, left := inspect(t, sound), inspect(t, hurt)
	missing := 0
	for id := range f.stored {
		if left.events[id] == 0 {
			missing++
		}
	}
	if n := strings.Count(hurt.said(), "a new epoch begins"); n != 1 || missing == 0 {
		t.Errorf("%d events are lost and %d epochs began: the damage proves nothing\n%s", missing, n, hurt.said())
	}
	if len(left.damage) != 1 || len(want.damage) != 0 {
		t.Errorf("%d alerts say that the log is damaged, and %d where it is not", len(left.damage), len(want.damage))
	}
	sameEnds(t, "alert", want.alerts, left.alerts)
	t.Logf("%d of %d events are lost from the log, and none from the state: %d alerts, as without damage", missing, len(f.stored), len(left.alerts))
}

// tell posts incidents one after the other.
func (f *feeder) tell(t *testing.T, base time.Time, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		for _, evs := range incident(t, base, n) {
			if err := f.post(t.Context(), evs); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// sealed is how long seals may wait for company.
const sealed = 7 * time.Second

// settle waits until everything so far is applied and published, and so much log
// time has gone by since.
func (p *program) settle(t *testing.T, more time.Duration) {
	t.Helper()
	settled := time.Now().Add(more)
	p.until(t, "settled", func(s app.Status) bool {
		at, err := time.Parse(time.RFC3339Nano, s.LogTime)
		return err == nil && at.After(settled) && s.Outbox == 0
	})
}

// flipNearEnd damages the newest block of the event stream, three quarters of the
// way through.
func flipNearEnd(t *testing.T, dir string) {
	t.Helper()
	blocks, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "OVERSTAY_EVENTS", "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		t.Fatalf("no block in %s: %v", dir, err)
	}
	file := blocks[len(blocks)-1]
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)*3/4] ^= 1
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
