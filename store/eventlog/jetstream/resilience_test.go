package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// numbered appends 0..n-1, in calls of ten, until ctx ends.
func numbered(ctx context.Context, l eventlog.Log, n int) error {
	for i := 0; i < n; i += 10 {
		var es []eventlog.Entry
		for k := i; k < min(i+10, n); k++ {
			es = append(es, event("n"+strconv.Itoa(k), strconv.Itoa(k)))
		}
		if err := l.Append(ctx, es); err != nil {
			return fmt.Errorf("at %d: %w", i, err)
		}
	}
	return nil
}

// wantNumbered reads 0..n-1, each once and in order, calling back after each.
func wantNumbered(t *testing.T, r eventlog.Reader, n int, after func(i int)) {
	t.Helper()
	ctx := within(t)
	for i := range n {
		m, err := r.Next(ctx)
		must(t, err)
		if string(m.Body) != strconv.Itoa(i) || m.Position != uint64(i+1) {
			t.Fatalf("message %d is %q at %d", i, m.Body, m.Position)
		}
		after(i)
	}
}

// The connection breaks again and again, under the reader and under the appender.
func TestReadingAndAppendingThroughBrokenConnections(t *testing.T) {
	t.Parallel()
	_, nc, s := fresh(t, jetstream.StreamOptions{AckWait: time.Second, Stall: 200 * time.Millisecond})
	r, err := s.Events().Read(within(t), 1)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	const n = 2000
	appended := make(chan error, 1)
	go func() { appended <- numbered(within(t), s.Events(), n) }()
	wantNumbered(t, r, n, func(i int) {
		if i%400 == 200 {
			must(t, nc.ForceReconnect())
		}
	})
	must(t, <-appended)
	wantPositions(t, s, n)
}

// The server goes away in the middle and comes back on the same folder.
func TestReadingAndAppendingThroughARestart(t *testing.T) {
	t.Parallel()
	server, _, s := fresh(t, jetstream.StreamOptions{AckWait: time.Second, Stall: 200 * time.Millisecond})
	r, err := s.Events().Read(within(t), 1)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	all, err := s.AlertsReader().Tail(within(t), eventlog.TailOptions{Follow: true})
	must(t, err)
	defer func() { must(t, all.Close()) }()
	const n = 1000
	appended := make(chan error, 1)
	go func() { appended <- numbered(within(t), s.Events(), n) }()
	var restart sync.WaitGroup
	var restarted error
	wantNumbered(t, r, n, func(i int) {
		if i == 300 {
			restart.Go(func() { restarted = server.Restart(within(t)) })
			must(t, s.Alerts().Publish(within(t), alert("a")))
		}
	})
	restart.Wait()
	must(t, restarted)
	must(t, <-appended)
	m, err := all.Next(within(t))
	must(t, err)
	if string(m.Body) != "body of a" {
		t.Errorf("the alert is %q", m.Body)
	}
}

// Somebody removes the consumer under the reader.
func TestReadingWithoutAConsumer(t *testing.T) {
	t.Parallel()
	_, nc, s := fresh(t, jetstream.StreamOptions{Stall: 200 * time.Millisecond})
	must(t, numbered(within(t), s.Events(), 20))
	r, err := s.Events().Read(within(t), 1)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	js, err := natsjs.New(nc)
	must(t, err)
	stream, err := js.Stream(within(t), jetstream.EventsStream)
	must(t, err)
	removed := 0
	wantNumbered(t, r, 20, func(i int) {
		if i != 19 {
			return
		}
		for name := range stream.ConsumerNames(within(t)).Name() {
			must(t, stream.DeleteConsumer(within(t), name))
			removed++
		}
	})
	if removed != 1 {
		t.Fatalf("%d consumers were removed", removed)
	}
	must(t, s.Events().Append(within(t), []eventlog.Entry{event("after", "after")}))
	m, err := r.Next(within(t))
	must(t, err)
	if string(m.Body) != "after" || m.Position != 21 {
		t.Errorf("after the removal: %q at %d", m.Body, m.Position)
	}
}

// The stream comes back empty, or shorter: the numbers will be used again, and a
// reader that went on by number would skip what is new.
func TestALogThatWentBackwards(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := embed(t, jetstream.Options{Dir: dir})
	nc := conn(t, server)
	s := open(t, nc, jetstream.StreamOptions{AckWait: time.Second, Stall: 200 * time.Millisecond})
	must(t, numbered(within(t), s.Events(), 20))
	before, err := s.Events().State(within(t))
	must(t, err)
	r, err := s.Events().Read(within(t), 1)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	wantNumbered(t, r, 20, func(int) {})

	server.Shutdown()
	must(t, os.RemoveAll(filepath.Join(dir, "jetstream")))
	must(t, server.Restart(within(t)))
	s = open(t, nc, jetstream.StreamOptions{AckWait: time.Second})
	must(t, numbered(within(t), s.Events(), 30))
	if m, err := r.Next(within(t)); !errors.Is(err, eventlog.ErrRegressed) {
		t.Errorf("read %+v, %v, want ErrRegressed", m, err)
	}
	after, err := s.Events().State(within(t))
	must(t, err)
	if after.ID == before.ID {
		t.Errorf("another stream has the same identity %s", after.ID)
	}
}

// A stream that is put back to an older copy of its files keeps its identity, and
// once others have written to it again it is as long as it was.
func TestALogThatWentBackwardsAndGrewAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files, older := filepath.Join(dir, "jetstream"), filepath.Join(t.TempDir(), "older")
	server := embed(t, jetstream.Options{Dir: dir})
	// The reader is slow to come back, so that the others are there before it.
	slow := conn(t, server)
	slow.Opts.ReconnectWait = 2 * time.Second
	o := jetstream.StreamOptions{AckWait: time.Second, Stall: 200 * time.Millisecond}
	s, others := open(t, slow, o), open(t, conn(t, server), o)
	must(t, numbered(within(t), others.Events(), 20))
	server.Shutdown()
	must(t, os.CopyFS(older, os.DirFS(files)))
	must(t, server.Restart(within(t)))
	must(t, others.Events().Append(within(t), []eventlog.Entry{event("a", "20"), event("b", "21"), event("c", "22")}))
	r, err := s.Events().Read(within(t), 1)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	wantNumbered(t, r, 23, func(int) {})

	server.Shutdown()
	must(t, os.RemoveAll(files))
	must(t, os.CopyFS(files, os.DirFS(older)))
	must(t, server.Restart(within(t)))
	for i := range 6 {
		id := strconv.Itoa(i)
		must(t, others.Events().Append(within(t), []eventlog.Entry{event("other"+id, "other "+id)}))
	}
	if m, err := r.Next(within(t)); !errors.Is(err, eventlog.ErrRegressed) {
		t.Errorf("read %q at %d, %v, want ErrRegressed", m.Body, m.Position, err)
	}
}

// A caller that gives up does not hold up the others, nor does Close hang.
func TestAppendWithoutAServer(t *testing.T) {
	t.Parallel()
	server, _, s := fresh(t, jetstream.StreamOptions{AckWait: 100 * time.Millisecond})
	server.Shutdown()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := s.Events().Append(ctx, []eventlog.Entry{event("1", "given up")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("append: %v, want context.DeadlineExceeded", err)
	}
	if err := s.Alerts().Publish(ctx, alert("a")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("publish: %v, want context.DeadlineExceeded", err)
	}
	waiting := make(chan error, 1)
	go func() { waiting <- s.Events().Append(within(t), []eventlog.Entry{event("2", "waits")}) }()
	must(t, server.Restart(within(t)))
	must(t, <-waiting)
	m, err := s.Events().At(within(t), 1)
	must(t, err)
	if string(m.Body) != "waits" {
		t.Errorf("the log has %q", m.Body)
	}
	server.Shutdown()
	go func() { waiting <- s.Events().Append(within(t), []eventlog.Entry{event("3", "closed")}) }()
	must(t, s.Close())
	if err := <-waiting; !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("append on closed streams: %v, want ErrClosed", err)
	}
}

// At the stream's own limit even our own entries are refused, as ErrFull.
func TestAtTheHardLimit(t *testing.T) {
	t.Parallel()
	_, _, s := fresh(t, jetstream.StreamOptions{Events: jetstream.Limits{MaxBytes: 64 << 10}})
	tick := eventlog.Entry{Subject: "overstay.clock.tick", Body: make([]byte, 1024)}
	acked, err := 0, error(nil)
	for ; err == nil && acked <= 64; acked++ {
		err = s.Events().Append(within(t), []eventlog.Entry{tick, tick})
	}
	if !errors.Is(err, eventlog.ErrFull) {
		t.Fatalf("ticks beyond the limit: %v, want ErrFull", err)
	}
	if _, err := s.Events().AppendGuarded(within(t), tick, 1); err == nil {
		t.Error("a guarded tick beyond the limit was taken")
	}
}
