package jetstream

import (
	"slices"

	"github.com/overstay/overstay/store/eventlog"
)

// lane is a queue of calls whose senders take turns.
type lane struct {
	calls   chan *call
	waiting []*call  // in the order of their arrival
	line    []string // the senders of those, in the order of their turns
	left    int      // what the first may still take of a turn that the end of a group cut
}

func newLane() lane { return lane{calls: make(chan *call, groupMessages)} }

// gather adds the calls that have come meanwhile, up to about a group.
func (l *lane) gather() {
	for len(l.waiting) < groupMessages {
		select {
		case c := <-l.calls:
			l.waiting = append(l.waiting, c)
		default:
			return
		}
	}
}

// A turn is so many entries of one sender. What is left over when there are too few
// senders to fill a group is shared out in further rounds.
const turn = 100

// group takes the next entries: of each sender a turn, round after round, and of one
// sender in the order of its calls. As long as all that waits is less than a batch
// is worth it goes one by one, and only one entry of each sender: whoever comes then
// waits for one round. A call from a source that finds no space fails before any of
// it is sent.
func (l *lane) group(most int, space func(bytes int) bool) []item {
	each, turns := turn, -1
	l.lineUp()
	if l.size() < batchWorth {
		each, turns, l.left = 1, len(l.line), 0
	}
	g := &group{most: most, space: space}
	for ; len(l.line) > 0 && turns != 0; turns-- {
		mine := each
		if l.left > 0 {
			mine, l.left = l.left, 0
		}
		n, more := l.take(l.line[0], mine, g)
		if g.full && more && n < mine {
			l.left = mine - n
			return g.items
		}
		if more {
			l.line = append(l.line, l.line[0])
		}
		l.line = l.line[1:]
		if g.full {
			break
		}
	}
	return g.items
}

// group is what is appended together.
type group struct {
	most  int // entries
	items []item
	bytes int
	full  bool
	space func(bytes int) bool
}

// lineUp lets those who have come meanwhile stand at the end of the line.
func (l *lane) lineUp() {
	for _, c := range l.waiting {
		if !slices.Contains(l.line, c.sender()) {
			l.line = append(l.line, c.sender())
		}
	}
}

// size is how many entries wait, counted no further than matters.
func (l *lane) size() (n int) {
	for _, c := range l.waiting {
		if n += len(c.entries) - c.taken; n >= batchWorth {
			return n
		}
	}
	return n
}

// take moves up to n entries of a sender into the group, and reports whether it has
// more.
func (l *lane) take(sender string, n int, g *group) (taken int, more bool) {
	for _, c := range l.waiting {
		if c.sender() != sender || c.err != nil {
			continue
		}
		if c.taken == 0 && c.source && !g.space(g.bytes+c.bytes) {
			c.err = eventlog.ErrFull
			continue
		}
		for ; c.taken < len(c.entries); c.taken++ {
			e := c.entries[c.taken]
			size := sizeOf(e)
			g.full = g.full || len(g.items) == g.most || g.bytes+size > groupBytes && len(g.items) > 0
			if taken == n || g.full {
				return taken, true
			}
			g.items = append(g.items, item{c, e})
			g.bytes += size
			taken++
		}
	}
	return taken, false
}
