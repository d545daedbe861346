package memory_test

import (
	"errors"
	"testing"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/logtest"
	"github.com/overstay/overstay/store/eventlog/memory"
)

func TestPromises(t *testing.T) {
	logtest.Run(t, func(_ *testing.T, limit int64) logtest.Streams {
		alerts := memory.NewAlerts(memory.Options{})
		return logtest.Streams{
			Log:        memory.New(memory.Options{Limit: uint64(limit)}),
			Alerts:     alerts,
			Tail:       alerts,
			Quarantine: memory.NewQuarantine(memory.Options{}),
		}
	})
}

func filled(t *testing.T, n int) *memory.Log {
	t.Helper()
	l := memory.New(memory.Options{})
	for range n {
		if err := l.Append(t.Context(), []eventlog.Entry{{Subject: "overstay.events.x"}}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestALostEndEndsTheReader(t *testing.T) {
	for name, lose := range map[string]func(*memory.Log){
		"truncated": func(l *memory.Log) { l.Truncate(3) },
		"recreated": func(l *memory.Log) { l.Recreate() },
		"truncated, and its numbers used again": func(l *memory.Log) {
			l.Truncate(3)
			for range 4 {
				if err := l.Append(t.Context(), []eventlog.Entry{{Subject: "overstay.events.y"}}); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		l := filled(t, 5)
		r, err := l.Read(t.Context(), 5)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		lose(l)
		if _, err := r.Next(t.Context()); !errors.Is(err, eventlog.ErrRegressed) {
			t.Errorf("%s: %v, want ErrRegressed", name, err)
		}
	}
}

func TestARecreatedLogIsAnother(t *testing.T) {
	l := filled(t, 2)
	before, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.Recreate()
	after, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if before.ID == after.ID || after.Last != 0 {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestAForgottenBeginningIsAJump(t *testing.T) {
	l := filled(t, 5)
	l.Forget(3)
	r, err := l.Read(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Next(t.Context())
	if err != nil || m.Position != 3 {
		t.Errorf("first is at %d, %v", m.Position, err)
	}
	if st, err := l.State(t.Context()); err != nil || st.First != 3 || st.Last != 5 {
		t.Errorf("state %+v, %v", st, err)
	}
}

func TestLoadKeepsPositions(t *testing.T) {
	l, err := memory.Load(memory.Options{ID: "archive"}, []eventlog.Message{
		{Position: 7, Subject: "overstay.events.x"}, {Position: 9, Subject: "overstay.events.x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), []eventlog.Entry{{Subject: "overstay.clock.tick"}}); err != nil {
		t.Fatal(err)
	}
	r, err := l.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []uint64{7, 9, 10} {
		if m, err := r.Next(t.Context()); err != nil || m.Position != want {
			t.Errorf("position %d, want %d (%v)", m.Position, want, err)
		}
	}
	if _, err := memory.Load(memory.Options{}, []eventlog.Message{{Position: 2}, {Position: 2}}); err == nil {
		t.Error("loaded a position twice")
	}
}
