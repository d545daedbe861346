package sim

import (
	"context"

	"github.com/overstay/overstay/store"
)

// strange reports whether the log is, at a boot, not the one that the state was
// made from, as far as the message at its position tells.
func (w *World) strange(d *disk) bool {
	st, err := w.broker.log.State(context.Background())
	if err != nil {
		w.violate("the log has no state: %v", err)
	}
	at := d.head.Position
	if at.LogID == "" {
		return false
	}
	if at.LogID != st.ID || at.Seq > st.Last {
		return true
	}
	if at.Seq < st.First || d.story == nil || len(d.story.messages) == 0 {
		return false
	}
	took := d.story.messages[len(d.story.messages)-1]
	m, err := w.broker.log.At(context.Background(), at.Seq)
	return took.Position == at.Seq && (err != nil || identity(m) != identity(took))
}

// judgeLoud looks at what a process commits: after a boot over a strange log a new
// epoch must have begun, and positions that are skipped must have been said.
func (w *World) judgeLoud(l *life, was, now store.Position, taken *chapter) {
	if l.strange && was.Epoch == now.Epoch {
		w.violate("%s goes on in epoch %d, and the log is another one", l, now.Epoch)
	}
	l.strange = false
	next := was.Seq + 1
	if was.Epoch != now.Epoch {
		return
	}
	for _, m := range taken.messages {
		if m.Position > next {
			w.violate("%s passes over positions %d to %d and says nothing", l, next, m.Position-1)
			return
		}
		next = m.Position + 1
	}
}
