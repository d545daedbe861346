package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
)

// held is a store whose commits wait for an answer.
type held struct {
	store.Store
	asked  chan *store.Batch
	answer chan error
}

func (h held) Commit(b *store.Batch) error {
	h.asked <- b
	if err := <-h.answer; err != nil {
		return err
	}
	return h.Store.Commit(b)
}

// heldWorld is a crowd's log before an engine whose commits wait, four messages each.
func heldWorld(t *testing.T) (w *world, cfg engine.Config, h held) {
	t.Helper()
	w = newWorld()
	w.append(t, crowd(t)...)
	cfg = w.config()
	h = held{w.store, make(chan *store.Batch), make(chan error)}
	cfg.Store, cfg.BatchMessages = h, 4
	return w, cfg, h
}

// TestOneCommitAtATime: the next batch is applied while one is committed, and waits for
// it; nobody hears of a batch before its own commit, and all are in their order.
func TestOneCommitAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, cfg, h := heldWorld(t)
		seen := uint64(0)
		cfg.Watch = watchLast(&seen)
		e, err := engine.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		last := w.last(t)
		told := 0
		for at := uint64(0); at < last; {
			b := <-h.asked
			synctest.Wait() // until nobody can do anything but wait for the answer
			select {
			case b := <-h.asked:
				t.Fatalf("a commit up to %d begins before the one before it has ended", b.Position.Seq)
			default:
			}
			if b.Position.Seq <= at {
				t.Fatalf("a commit up to %d after %d", b.Position.Seq, at)
			}
			if e.Applied() != at || len(w.alerts.Published()) != told {
				t.Fatalf("up to %d is said to be applied, and %d alerts are told, while %d is being committed", e.Applied(), len(w.alerts.Published()), b.Position.Seq)
			}
			if want := min(b.Position.Seq+4, last); seen != want {
				t.Fatalf("while %d is committed messages up to %d are applied, not %d", b.Position.Seq, seen, want)
			}
			at = b.Position.Seq
			h.answer <- nil
			synctest.Wait()
			told = len(w.alerts.Published())
		}
		stop()
		synctest.Wait()
		select {
		case <-h.asked: // what was published is marked at the end
			h.answer <- nil
		default:
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		whole := newWorld()
		whole.append(t, crowd(t)...)
		whole.mustPlay(t)
		if w.digest() != whole.digest() {
			t.Error("the alert stream is another one")
		}
	})
}

// TestCommitFailsUnderTheNext: a batch that was applied over one that is not committed
// is never committed itself, even if the engine is asked to stop meanwhile.
func TestCommitFailsUnderTheNext(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		t.Run(fmt.Sprint("stopped=", stopped), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, cfg, h := heldWorld(t)
				e, err := engine.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ended := make(chan error, 1)
				go func() { ended <- e.Run(ctx) }()
				for range 3 {
					<-h.asked
					h.answer <- nil
				}
				<-h.asked
				synctest.Wait()
				if stopped {
					stop()
					synctest.Wait()
				}
				disk := errors.New("input/output error")
				h.answer <- disk
				select {
				case err := <-ended:
					if !errors.Is(err, disk) {
						t.Errorf("the engine ends with %v", err)
					}
				case b := <-h.asked:
					t.Fatalf("a commit up to %d follows one of unknown result", b.Position.Seq)
				case <-time.After(time.Minute):
					t.Fatal("the engine goes on")
				}
				if got := w.position(t).Seq; got != 12 {
					t.Errorf("the state stands at %d, not 12", got)
				}
			})
		})
	}
}

// watchLast notes the position of the message that was applied last.
func watchLast(at *uint64) func(correlator.Message, correlator.Result, *correlator.View) {
	return func(m correlator.Message, _ correlator.Result, _ *correlator.View) { *at = m.Origin.Seq }
}

// counting is a store that counts commits.
type counting struct {
	store.Store
	commits *int
}

func (c counting) Commit(b *store.Batch) error {
	*c.commits++
	return c.Store.Commit(b)
}

// TestABatchGoesOnWhileAnotherIsCommitted: an engine that keeps up has a batch committed
// after a while, but not before the one that is being committed.
func TestABatchGoesOnWhileAnotherIsCommitted(t *testing.T) {
	for _, c := range []struct {
		commit time.Duration
		most   int // of commits, for a crowd's log
	}{{0, 1000}, {100 * time.Millisecond, 15}} {
		t.Run(c.commit.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, commits := newWorld(), 0
				w.append(t, crowd(t)...)
				n := int(w.last(t))
				e := w.live(t, func(cfg *engine.Config) {
					cfg.Manual = true
					cfg.Store = counting{unhurried{cfg.Store, c.commit}, &commits}
					cfg.Watch = func(correlator.Message, correlator.Result, *correlator.View) { <-time.After(6 * time.Millisecond) }
				})
				if err := e.WaitApplied(t.Context(), uint64(n)); err != nil {
					t.Fatal(err)
				}
				e.stop()
				t.Logf("%d commits of %d messages", commits, n)
				if commits > c.most {
					t.Errorf("%d commits of %d messages, each of which took 6 ms, where a commit took %s", commits, n, c.commit)
				}
				if c.commit == 0 && commits < n/4 {
					t.Errorf("%d commits of %d messages, each of which took 6 ms: what is due waits for more than 15", commits, n)
				}
			})
		})
	}
}
