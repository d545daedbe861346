package correlator

import (
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// TestWhatIsGoneCostsNothing: one account's leases come and go in order, for longer
// than its list is; a step's scans pass about what it works on, not all that was
// deleted before.
func TestWhatIsGoneCostsNothing(t *testing.T) {
	const n, open = 6000, 600
	p := newStoryPlayer()
	p.pol.Horizon, p.pol.AfterEnd, p.pol.RotateWithin = 10*time.Minute, 10*time.Minute, 10*time.Minute
	st := &lingering{sortedState: newSortedState(), gone: map[string]bool{}}
	w := NewWorking(st)
	seq, at := uint64(0), clockTime(t, "09:00")
	step := func(ev events.Event) {
		seq++
		w.Step(p.pol, Message{Origin: Origin{"log", 1, seq}, Event: ev})
		w.Flush()
	}
	say := func(typ events.Type, d *events.Lease) {
		ev, err := events.New(typ, "vault://p", fmt.Sprint("e", seq), at, "svc", d)
		if err != nil {
			t.Fatal(err)
		}
		step(ev)
	}
	for i := range n + open {
		if i < n {
			say(events.LeaseIssued, &events.Lease{LeaseID: fmt.Sprintf("L%06d", i), Scope: crowdScope, Expiry: &events.Expiry{Kind: events.ExpiryExact, At: at.Add(24 * time.Hour)}})
		}
		if i >= open {
			say(events.LeaseRevoked, &events.Lease{LeaseID: fmt.Sprintf("L%06d", i-open)})
		}
		at = at.Add(4 * time.Second)
		step(events.Event{ID: fmt.Sprint("t", seq), Source: "overstay://clock", Type: events.ClockTick, Time: at,
			Data: &events.Tick{Wall: at, Boot: "story", Monotonic: events.Duration(at.Sub(clockTime(t, "00:00")))}})
	}
	if len(st.gone) < n {
		t.Fatalf("%d keys are gone: next to nothing has left", len(st.gone))
	}
	if st.passed > 10*n {
		t.Errorf("the scans for %d leases passed %d keys", n, st.passed)
	}
}

// TestWhoWaitedCostsNothing: a source's progress finds who waits for it, however many
// did before.
func TestWhoWaitedCostsNothing(t *testing.T) {
	const n = 2000
	p := newStoryPlayer()
	st := &lingering{sortedState: newSortedState(), gone: map[string]bool{}}
	w := NewWorking(st)
	for i := range n {
		s := w.newStep(p.pol, Message{})
		s.meta.Now = Time(i + 1)
		r := s.sourceOrNew("vault://p")
		r.Proven = true
		due := Time(10 * (i + 1))
		if i%7 == 0 {
			due -= 15 // before the one that was there last
		}
		waits := []wait{{"vault://p", due}}
		s.setWaits("anybody", nil, waits)
		if r.Progress = due - 1; r.Progress > 0 {
			if s.wakeWaiting(r); len(s.agenda.queued) > 0 {
				t.Fatalf("round %d: somebody is woken too soon", i)
			}
		}
		r.Progress = due
		if s.wakeWaiting(r); !s.agenda.queued["anybody"] {
			t.Fatalf("round %d: who waited until %d is not woken by progress to then", i, due)
		}
		s.setWaits("anybody", waits, nil)
	}
	if st.passed > 5*n {
		t.Errorf("%d keys were passed for %d who waited", st.passed, n)
	}
}
