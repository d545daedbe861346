package sim

import (
	"errors"
	"fmt"
	"maps"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/journal"
	"github.com/overstay/overstay/store/memory"
)

// disk holds the state of one machine, with the journal of commits that package
// badger keeps: what each of the last commits wrote is remembered, so that a crash
// can take some of them back.
type disk struct {
	world *World
	now   *memory.Store
	head  journal.Record
	// recent are the last commits, oldest first, each with what was there before it.
	recent []written
	full   bool
	// story is what the state has taken in, newest first.
	story *chapter
	begun int // how often it was begun anew
}

// commits is a shorter journal than the real one, so that it is soon full.
var commits = journal.Journal{Kept: 64}

// written is one commit on the disk.
type written struct {
	before *memory.Store
	story  *chapter
	batch  *store.Batch
}

// chapter is what one commit took in.
type chapter struct {
	before   *chapter
	messages []eventlog.Message
}

// recalled is how many commits a crash can reach back.
const recalled = 32

func newDisk(w *World) *disk {
	d := &disk{world: w}
	d.begin()
	d.begun = 0
	return d
}

// open does what the program does at its start: a state that fails its check is
// begun anew.
func (d *disk) open() string {
	h, err := commits.Head(d.now)
	if !d.world.seams.Unverified {
		h, err = commits.Verify(d.now)
	}
	if err == nil {
		err = engine.CheckState(d.now)
	}
	if err != nil {
		d.begin()
		return "state begun anew: " + err.Error()
	}
	d.head = h
	return fmt.Sprintf("state at %d of epoch %d", h.Position.Seq, h.Position.Epoch)
}

// begin makes an empty state.
func (d *disk) begin() {
	d.now, d.recent, d.story = memory.New(), nil, nil
	d.begun++
	head, ops, err := commits.Begin()
	if err == nil {
		err = d.now.Commit(with(store.NewBatch(), ops))
	}
	if err != nil {
		d.world.violate("a state is not begun: %v", err)
	}
	d.head = head
}

// with is a batch and the journal's part of it.
func with(b *store.Batch, ops []journal.Op) *store.Batch {
	all := store.NewBatch()
	all.Position = b.Position
	maps.Copy(all.Ops, b.Ops)
	for _, op := range ops {
		all.Ops[string(op.Key)] = store.Op{Value: op.Value}
	}
	return all
}

// commit is what the disk does with a batch of one process.
func (d *disk) commit(l *life, b *store.Batch) error {
	if d.full {
		return &store.DiskFullError{Dir: l.machine.name}
	}
	head, ops, err := commits.Next(d.head, b)
	if err != nil {
		return err
	}
	w := written{d.now.Clone(), d.story, with(b, ops)}
	if err := d.now.Commit(w.batch); err != nil {
		return err
	}
	was := d.head.Position
	d.head = head
	d.recent = append(d.recent, w)
	if len(d.recent) > recalled {
		d.recent = d.recent[1:]
	}
	d.story = &chapter{d.story, l.taken(was, b.Position)}
	d.world.judgeLoud(l, was, d.head.Position, d.story)
	return nil
}

// loseEnd takes the last commits back, as a disk does that lied about its sync.
func (d *disk) loseEnd(n int) int {
	n = min(n, len(d.recent))
	if n == 0 {
		return 0
	}
	w := d.recent[len(d.recent)-n]
	d.now, d.story, d.recent = w.before, w.story, d.recent[:len(d.recent)-n]
	return n
}

// loseMiddle takes one commit back and keeps those after it: Badger does so when
// it cuts one of two logs short.
func (d *disk) loseMiddle(back int) bool {
	if len(d.recent) <= back || back == 0 {
		return false
	}
	from := len(d.recent) - 1 - back
	d.now = d.recent[from].before.Clone()
	for _, w := range d.recent[from+1:] {
		if err := d.now.Commit(w.batch); err != nil {
			d.world.violate("a commit that fitted fits no more: %v", err)
		}
	}
	d.recent = nil
	return true
}

// lifeStore is the store.Store of one process.
type lifeStore struct {
	*memory.Store
	l *life
}

func (d *disk) store(l *life) store.Store { return &lifeStore{d.now, l} }

// Commit implements store.Store.
func (s *lifeStore) Commit(b *store.Batch) error {
	l := s.l
	return l.ask(l.background(), kindCommit, func() error {
		if l.uncertain {
			l.world.violate("%s commits after a commit of unknown result", l)
		}
		err := l.machine.disk.commit(l, b)
		l.world.tell("%s: commits %d operations up to %d of epoch %d: %v", l, len(b.Ops), b.Position.Seq, b.Position.Epoch, err)
		if err != nil && !errors.Is(err, store.ErrTooBig) && !errors.Is(err, store.ErrDiskFull) {
			l.uncertain = true
		}
		return err
	})
}

// Close implements store.Store: the disk stays.
func (s *lifeStore) Close() error { return nil }
