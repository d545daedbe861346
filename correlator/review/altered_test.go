package review

import (
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// TestAnAlteredLogIsTheSameBut for what was put in: from wherever it is read, one by one
// or in order, what was put in stands at its place, and the rest keeps its order.
func TestAnAlteredLogIsTheSameBut(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	use := func(id string) events.Event {
		ev, err := events.New(events.AccessUsed, "vault://v", id, at, "alice", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L"}})
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
	log := memory.New(memory.Options{})
	for i := range 5 {
		ev := use(fmt.Sprint("e", i+1))
		header, body, err := events.EncodeNATS(ev)
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Append(t.Context(), []eventlog.Entry{{Subject: events.SubjectOf(ev), Header: header, Body: body}}); err != nil {
			t.Fatal(err)
		}
	}
	numbered := use("x1")
	numbered.Sequence = events.Sequence{Epoch: 1, Counter: 7}
	altered, err := alter(log, 3, at, []events.Event{numbered, use("x2")})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"e1", "e2", "x1", "x2", "e3", "e4", "e5"}
	id := func(m eventlog.Message, position int) {
		t.Helper()
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err != nil || m.Position != uint64(position) || ev.ID != want[position-1] || !ev.Sequence.IsZero() {
			t.Errorf("at %d stands %s at %d, %v, and not %s", position, ev.ID, m.Position, err, want[position-1])
		}
	}
	if st, err := altered.State(t.Context()); err != nil || st.Last != 7 {
		t.Fatalf("%+v, %v", st, err)
	}
	for p := 1; p <= len(want); p++ {
		m, err := altered.At(t.Context(), uint64(p))
		if err != nil {
			t.Fatal(err)
		}
		id(m, p)
		for _, try := range []bool{true, false} {
			r, err := altered.Read(t.Context(), uint64(p))
			if err != nil {
				t.Fatal(err)
			}
			for q := p; q <= len(want); q++ {
				m, ok := eventlog.Message{}, true
				if try {
					m, ok, err = r.TryNext()
				} else {
					m, err = r.Next(t.Context())
				}
				if err != nil || !ok {
					t.Fatalf("from %d at %d: %v, %v", p, q, ok, err)
				}
				id(m, q)
			}
			if _, ok, err := r.TryNext(); ok || err != nil {
				t.Errorf("behind the end: %v, %v", ok, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
