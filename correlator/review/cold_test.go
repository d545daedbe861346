package review_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

// TestAColdLogHasEveryPositionOnce: read in order or one by one it is the same log,
// time never goes back nor jumps, and each event stands at its time.
func TestAColdLogHasEveryPositionOnce(t *testing.T) {
	var said []events.Event
	for i, s := range []int{100, 0, 0, 3, 17, 16, 4000} {
		ev, err := events.New(events.LeaseIssued, "vault://prod", fmt.Sprint("e", i), nine.Add(time.Duration(s)*time.Second), "alice",
			&events.Lease{LeaseID: fmt.Sprint("L", i), Scope: events.Scope{System: "db"}})
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, ev)
	}
	log, err := review.NewColdLog(said)
	if err != nil {
		t.Fatal(err)
	}
	st, err := log.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := log.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var now time.Time
	var order []string
	for p := st.First; p <= st.Last; p++ {
		m, ok, err := r.TryNext()
		if err != nil || !ok || m.Position != p {
			t.Fatalf("at %d: %+v, %v, %v", p, m, ok, err)
		}
		single, err := log.At(t.Context(), p)
		if err != nil || string(single.Body) != string(m.Body) || single.Subject != m.Subject {
			t.Fatalf("alone, %d is %s, %v", p, single.Body, err)
		}
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err != nil {
			t.Fatal(err)
		}
		if tick, ok := ev.Data.(*events.Tick); ok {
			if d := tick.Wall.Sub(now); !now.IsZero() && (d <= 0 || d > 4*time.Second) {
				t.Fatalf("at %d time moves by %s", p, d)
			}
			now = tick.Wall
			continue
		}
		if !ev.Time.Equal(now) {
			t.Errorf("%s is of %s and stands at %s", ev.ID, ev.Time, now)
		}
		order = append(order, ev.ID)
	}
	if _, ok, err := r.TryNext(); ok || err != nil {
		t.Errorf("after the end: %v, %v", ok, err)
	}
	if got := fmt.Sprint(order); got != "[e1 e2 e3 e5 e4 e0 e6]" {
		t.Errorf("the order is %s", got)
	}
	if want := nine.Add(4000*time.Second + 5*time.Minute); !now.Equal(want) {
		t.Errorf("it ends at %s, not %s", now, want)
	}
}
