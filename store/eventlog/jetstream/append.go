package jetstream

import (
	"context"
	"fmt"

	"github.com/overstay/overstay/store/eventlog"
)

// The limits of one group. The server takes 1,000 messages in a batch.
const (
	groupMessages = 1000
	groupBytes    = 4 << 20
)

// call is one Append on its way through the committer. Only the committer writes
// to it until done is closed.
type call struct {
	ctx     context.Context
	entries []eventlog.Entry
	taken   int // entries[:taken] are in a group or behind it
	acked   int
	source  bool // has entries from a source
	bytes   int
	err     error
	done    chan struct{}
}

// alive: there is still somebody waiting for it to succeed.
func (c *call) alive() bool { return c.err == nil && c.ctx.Err() == nil }

// sender is who appends: those take turns.
func (c *call) sender() string { return c.entries[0].Sender }

// Append hands the entries to the committer and waits for their fate.
func (l *log) Append(ctx context.Context, entries []eventlog.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	c := &call{ctx: ctx, entries: make([]eventlog.Entry, len(entries)), done: make(chan struct{})}
	for i, e := range entries {
		if err := eventlog.CheckEntry(e, eventlog.LogSubjects()); err != nil {
			return err
		}
		e.MsgID = idFor(e)
		c.entries[i] = e
		c.source = c.source || eventlog.FromSource(e.Subject)
		c.bytes += sizeOf(e)
	}
	if err := l.groups.submit(c); err != nil {
		return fmt.Errorf("jetstream: append of %d entries: %w", len(entries), err)
	}
	return nil
}

// submit returns when the call is over. A caller that gives up leaves at once; its
// entries may or may not be in the log then.
func (g *committer) submit(c *call) error {
	select {
	case g.laneOf(c).calls <- c:
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	case <-g.ctx.Done():
		return eventlog.ErrClosed
	}
	select {
	case <-c.done:
		return c.err
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	case <-g.ctx.Done():
		return eventlog.ErrClosed
	}
}
