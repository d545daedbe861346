package logtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/overstay/overstay/store/eventlog"
)

func middle(t *testing.T, s Streams) {
	must(t, s.Log.Append(within(t), events(0, 10)))
	if got := bodies(t, readFrom(t, s.Log, 8), 3); !slices.Equal(got, []string{"event 7", "event 8", "event 9"}) {
		t.Fatalf("from 8: %q", got)
	}
	r := readFrom(t, s.Log, 11) // the next one
	must(t, s.Log.Append(within(t), events(10, 11)))
	if m := next(t, r); m.Position != 11 {
		t.Fatalf("from 11: position %d", m.Position)
	}
}

func beyond(t *testing.T, s Streams) {
	must(t, s.Log.Append(within(t), events(0, 5)))
	if _, err := s.Log.Read(within(t), 7); !errors.Is(err, eventlog.ErrBeyond) {
		t.Errorf("read from 7 of 5: %v, want ErrBeyond", err)
	}
	if _, err := s.Tail.Tail(within(t), eventlog.TailOptions{From: 2, Follow: true}); !errors.Is(err, eventlog.ErrBeyond) {
		t.Errorf("tail from 2 of 0: %v, want ErrBeyond", err)
	}
}

func waiting(t *testing.T, s Streams) {
	r := readFrom(t, s.Log, 1)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() {
		_, err := r.Next(ctx)
		stopped <- err
	}()
	cancel()
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Fatalf("a wait that was ended: %v, want context.Canceled", err)
	}
	came := make(chan eventlog.Message)
	go func() {
		m, err := r.Next(within(t))
		if err != nil {
			t.Errorf("a wait: %v", err)
		}
		came <- m
	}()
	must(t, s.Log.Append(within(t), events(0, 1)))
	if m := <-came; string(m.Body) != "event 0" {
		t.Fatalf("what came is %q", m.Body)
	}
}

func closedReader(t *testing.T, s Streams) {
	must(t, s.Log.Append(within(t), events(0, 3)))
	r := readFrom(t, s.Log, 1)
	next(t, r)
	must(t, r.Close())
	must(t, r.Close())
	if _, err := r.Next(within(t)); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("Next: %v, want ErrClosed", err)
	}
	if _, ok, err := r.TryNext(); ok || !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("TryNext: %v %v, want ErrClosed", ok, err)
	}
}

func tryNext(t *testing.T, s Streams) {
	r := readFrom(t, s.Log, 1)
	if m, ok, err := r.TryNext(); ok || err != nil {
		t.Fatalf("of an empty log: %+v %v", m, err)
	}
	must(t, s.Log.Append(within(t), events(0, 4)))
	next(t, r) // the others may be at hand, or on their way
	got := 1
	for ctx := within(t); got < 4; {
		must(t, ctx.Err())
		_, ok, err := r.TryNext()
		must(t, err)
		if ok {
			got++
		}
	}
	if m, ok, err := r.TryNext(); ok || err != nil {
		t.Fatalf("at the end: %+v %v", m, err)
	}
}

func at(t *testing.T, s Streams) {
	must(t, s.Log.Append(within(t), events(0, 3)))
	m, err := s.Log.At(within(t), 2)
	must(t, err)
	if m.Position != 2 || string(m.Body) != "event 1" {
		t.Errorf("at 2: %+v", m)
	}
	for _, position := range []uint64{0, 4} {
		if _, err := s.Log.At(within(t), position); !errors.Is(err, eventlog.ErrNoMessage) {
			t.Errorf("at %d: %v, want ErrNoMessage", position, err)
		}
	}
}

func state(t *testing.T, s Streams) {
	before, err := s.Log.State(within(t))
	must(t, err)
	if before.ID == "" || before.First != 1 || before.Last != 0 || before.Lost != "" {
		t.Errorf("an empty log: %+v", before)
	}
	must(t, s.Log.Append(within(t), events(0, 3)))
	after, err := s.Log.State(within(t))
	must(t, err)
	if after.ID != before.ID || after.First != 1 || after.Last != 3 || after.Bytes == 0 {
		t.Errorf("after three events: %+v", after)
	}
}
