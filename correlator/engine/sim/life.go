package sim

import (
	"context"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

func (l *life) background() context.Context { return context.Background() }

// handed notes what the log gave to a process, to know what a commit took in.
func (l *life) handed(m eventlog.Message) { l.seen = append(l.seen, m) }

// taken are the messages that a commit took in: those that were handed out and
// not yet committed, up to its position.
func (l *life) taken(was, now store.Position) []eventlog.Message {
	n := 0
	for n < len(l.seen) && l.seen[n].Position <= now.Seq {
		n++
	}
	got := l.seen[:n:n]
	l.seen = l.seen[n:]
	if was.LogID == now.LogID && was.Epoch == now.Epoch {
		for len(got) > 0 && got[0].Position <= was.Seq {
			got = got[1:]
		}
	}
	return got
}
