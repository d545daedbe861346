package logtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/overstay/overstay/store/eventlog"
)

func inOrder(t *testing.T, s Streams) {
	must(t, s.Log.Append(within(t), events(0, 3)))
	must(t, s.Log.Append(within(t), []eventlog.Entry{tick(0)}))
	must(t, s.Log.Append(within(t), nil))
	must(t, s.Log.Append(within(t), events(3, 5)))
	r := readFrom(t, s.Log, 0)
	for i, want := range []string{"event 0", "event 1", "event 2", "tick 0", "event 3", "event 4"} {
		m := next(t, r)
		if string(m.Body) != want || m.Position != uint64(i+1) {
			t.Fatalf("message %d is %q at %d, want %q", i+1, m.Body, m.Position, want)
		}
	}
}

// sameContent appends by every route, so that how an entry travelled cannot show.
func sameContent(t *testing.T, s Streams) {
	want := eventlog.Entry{
		Subject: "overstay.policy.applied",
		Header:  map[string][]string{"traceparent": {"00-1-2-01"}, "X-Two": {"a", "b"}},
		Body:    []byte("\x00\xff body"),
		MsgID:   "m1",
	}
	must(t, s.Log.Append(within(t), []eventlog.Entry{want}))
	again := want
	again.MsgID = "m2"
	must(t, s.Log.Append(within(t), []eventlog.Entry{tick(1), again, tick(2)}))
	_, err := s.Log.AppendGuarded(within(t), want, 3)
	must(t, err)
	r := readFrom(t, s.Log, 1)
	for _, position := range []uint64{1, 3, 5} {
		var m eventlog.Message
		for m.Position < position {
			m = next(t, r)
		}
		got, err := s.Log.At(within(t), position)
		must(t, err)
		for _, m := range []eventlog.Message{m, got} {
			if m.Position != position || m.Subject != want.Subject || string(m.Body) != string(want.Body) ||
				!reflect.DeepEqual(m.Header, want.Header) {
				t.Fatalf("at %d: %+v, want %+v", position, m, want)
			}
		}
	}
}

func duplicate(t *testing.T, s Streams) {
	must(t, s.Log.Append(within(t), events(0, 1)))
	must(t, s.Log.Append(within(t), events(0, 1)))
	must(t, s.Log.Append(within(t), events(1, 2)))
	wantLast(t, s.Log, 2)
}

// duplicateAmongOthers does it once in a small call and once in one that is large
// enough for a batch, which a server may refuse as a whole.
func duplicateAmongOthers(t *testing.T, s Streams) {
	must(t, s.Log.Append(within(t), events(3, 5)))
	must(t, s.Log.Append(within(t), append(events(0, 10), event(7))))
	must(t, s.Log.Append(within(t), append(events(5, 200), event(150))))
	want := []string{"event 3", "event 4", "event 0", "event 1", "event 2"}
	for n := 5; n < 200; n++ {
		want = append(want, fmt.Sprintf("event %d", n))
	}
	if got := bodies(t, readFrom(t, s.Log, 1), len(want)); !slices.Equal(got, want) {
		t.Fatalf("log has %q, want %q", got, want)
	}
	wantLast(t, s.Log, uint64(len(want)))
}

func large(t *testing.T, s Streams) {
	const n = 2503
	must(t, s.Log.Append(within(t), events(0, n)))
	r := readFrom(t, s.Log, 1)
	for i := range n {
		if m := next(t, r); string(m.Body) != fmt.Sprintf("event %d", i) {
			t.Fatalf("message %d is %q", i+1, m.Body)
		}
	}
	wantLast(t, s.Log, n)
}

// manyCallers: 64 goroutines, each with calls of changing size.
func manyCallers(t *testing.T, s Streams) {
	const callers, calls = 64, 8
	var wg sync.WaitGroup
	failed := make(chan error, callers)
	total := 0
	for c := range callers {
		for k := range calls {
			total += 1 + (c+k)%5
		}
		wg.Go(func() { failed <- appendOne(within(t), s.Log, c, calls) })
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		must(t, err)
	}
	wantLast(t, s.Log, uint64(total))
	r := readFrom(t, s.Log, 1)
	seen := map[string]int{}
	for range total {
		caller, n, _ := strings.Cut(string(next(t, r).Body), "/")
		if want := fmt.Sprint(seen[caller]); n != want {
			t.Fatalf("caller %s: entry %s came, want %s", caller, n, want)
		}
		seen[caller]++
	}
}

func appendOne(ctx context.Context, l eventlog.Log, caller, calls int) error {
	n := 0
	for k := range calls {
		var es []eventlog.Entry
		for range 1 + (caller+k)%5 {
			body := fmt.Sprintf("%d/%d", caller, n)
			es = append(es, eventlog.Entry{Subject: "overstay.events.many", MsgID: body, Body: []byte(body)})
			n++
		}
		if err := l.Append(ctx, es); err != nil {
			return fmt.Errorf("caller %d: %w", caller, err)
		}
	}
	return nil
}

func refusals(t *testing.T, s Streams) {
	header := func(name, value string) eventlog.Entry {
		return eventlog.Entry{Subject: "overstay.events.x", Header: map[string][]string{name: {value}}}
	}
	for name, e := range map[string]eventlog.Entry{
		"no subject":        {},
		"another stream":    {Subject: "overstay.alerts.high.OV-001.a.1"},
		"not ours":          {Subject: "orders.new"},
		"wildcard":          {Subject: "overstay.events.*"},
		"full wildcard":     {Subject: "overstay.events.>"},
		"empty token":       {Subject: "overstay.events..x"},
		"space":             {Subject: "overstay.events.a b"},
		"line break":        {Subject: "overstay.events.a\r\nb"},
		"body too large":    {Subject: "overstay.events.x", Body: make([]byte, eventlog.MaxBody+1)},
		"id with a break":   {Subject: "overstay.events.x", MsgID: "a\r\nNats-Rollup: all"},
		"roll-up":           header("Nats-Rollup", "all"),
		"ttl, lower case":   header("nats-ttl", "1s"),
		"header name":       header("a b", "c"),
		"header with break": header("a", "b\r\nNats-Rollup: all"),
		"headers too large": header("a", strings.Repeat("x", 40<<10)),
	} {
		if err := s.Log.Append(within(t), []eventlog.Entry{event(1), e}); err == nil {
			t.Errorf("%s: appended", name)
		}
		if _, err := s.Log.AppendGuarded(within(t), e, 0); err == nil {
			t.Errorf("%s: appended, guarded", name)
		}
		if err := s.Alerts.Publish(within(t), e); err == nil && name != "another stream" {
			t.Errorf("%s: published as an alert", name)
		}
		if err := s.Quarantine.Put(within(t), e); err == nil {
			t.Errorf("%s: taken by the quarantine", name)
		}
	}
	wantLast(t, s.Log, 0)
}

func refusedAlone(t *testing.T, s Streams) {
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			e := event(i)
			if i == 7 {
				e.Subject = "overstay.alerts.high"
			}
			errs[i] = s.Log.Append(within(t), []eventlog.Entry{e})
		})
	}
	wg.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 7) {
			t.Errorf("caller %d got %v", i, err)
		}
	}
	wantLast(t, s.Log, 19)
}

func guarded(t *testing.T, s Streams) {
	ctx := within(t)
	first, err := s.Log.AppendGuarded(ctx, tick(1), 0)
	must(t, err)
	must(t, s.Log.Append(ctx, events(0, 5)))
	if _, err := s.Log.AppendGuarded(ctx, tick(2), 0); !errors.Is(err, eventlog.ErrConflict) {
		t.Fatalf("a second first tick: %v, want ErrConflict", err)
	}
	second, err := s.Log.AppendGuarded(ctx, tick(2), first)
	must(t, err)
	if first != 1 || second != 7 {
		t.Fatalf("ticks at %d and %d, want 1 and 7", first, second)
	}
	if _, err := s.Log.AppendGuarded(ctx, tick(3), first); !errors.Is(err, eventlog.ErrConflict) {
		t.Fatalf("a tick after one that is not the newest: %v, want ErrConflict", err)
	}
	for subject, want := range map[string]uint64{"overstay.clock.tick": 7, event(0).Subject: 6, "overstay.clock.other": 0} {
		got, err := s.Log.LastOn(ctx, subject)
		must(t, err)
		if got != want {
			t.Errorf("newest on %s is at %d, want %d", subject, got, want)
		}
	}
	race(t, s.Log, second)
}

// race: of several who append after the same tick one wins.
func race(t *testing.T, l eventlog.Log, last uint64) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = l.AppendGuarded(within(t), tick(100+i), last) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, eventlog.ErrConflict):
			t.Errorf("losing the race: %v, want ErrConflict", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won the race", won, len(errs))
	}
}

// full: sources are refused while there is still room for ourselves.
func full(t *testing.T, s Streams) {
	ctx := within(t)
	n, err := 0, error(nil)
	for ; err == nil; n++ {
		if n > 1000 {
			t.Fatal("256 KiB took a thousand KiB")
		}
		e := event(n)
		e.Body = make([]byte, 1024)
		err = s.Log.Append(ctx, []eventlog.Entry{e})
	}
	if !errors.Is(err, eventlog.ErrFull) {
		t.Fatalf("a full log: %v, want ErrFull", err)
	}
	st, err := s.Log.State(ctx)
	must(t, err)
	if st.Last != uint64(n-1) {
		t.Errorf("%d were acknowledged, the log has %d", n-1, st.Last)
	}
	if st.Limit != 256<<10 || st.Bytes > st.Limit/100*90 || st.Bytes < st.Limit/100*70 {
		t.Errorf("refused at %d of %d bytes", st.Bytes, st.Limit)
	}
	position, err := s.Log.AppendGuarded(ctx, tick(1), 0)
	must(t, err)
	must(t, s.Log.Append(ctx, []eventlog.Entry{tick(2), tick(3)}))
	wantLast(t, s.Log, position+2)
	big := event(5000)
	big.Body = make([]byte, 16<<10)
	if err := s.Log.Append(ctx, []eventlog.Entry{tick(4), big}); !errors.Is(err, eventlog.ErrFull) {
		t.Errorf("a tick together with a large event: %v, want ErrFull", err)
	}
	wantLast(t, s.Log, position+2)
}

func endedContext(t *testing.T, s Streams) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Log.Append(ctx, events(0, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v, want context.Canceled", err)
	}
	if _, err := s.Log.AppendGuarded(ctx, tick(0), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("guarded append: %v, want context.Canceled", err)
	}
	if err := s.Alerts.Publish(ctx, alert("high", "a", 1, "x")); !errors.Is(err, context.Canceled) {
		t.Errorf("publish: %v, want context.Canceled", err)
	}
}

func wantLast(t *testing.T, l eventlog.Log, want uint64) {
	t.Helper()
	st, err := l.State(within(t))
	must(t, err)
	if st.Last != want {
		t.Fatalf("the log ends at %d, want %d", st.Last, want)
	}
}
