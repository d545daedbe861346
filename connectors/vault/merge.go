package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/overstay/overstay/connectors/tail"
)

// item is one line of one file, parsed.
type item struct {
	at     time.Time // by which lines of several files are ordered
	key    string    // of an audit line: equal in all copies of it
	view   view
	server serverLine
	err    error
	line   bool // false: not a line, a report of the tailer
	after  tail.Position
	read   time.Time // by our clock
	done   bool      // handled, perhaps together with another device's copy
	rank   int       // of its file in the configuration
}

// stream is one file with its lines that are not handled yet.
type stream struct {
	file   *tail.File
	path   string
	device string // "" for a server log
	queue  []*item
	last   time.Time // of the newest line read
	atEnd  bool
	pos    tail.Position // behind the last line handled
	rank   int
	index  map[string][]*item // the merge's, of all files
}

// readAhead is how many lines of a file are held in memory.
const readAhead = 1000

// fill reads what is there, up to the bound.
func (s *stream) fill(now time.Time) error {
	if len(s.queue) >= readAhead/2 {
		return nil
	}
	lines, skips, atEnd, err := s.file.Read(readAhead)
	if err != nil {
		return err
	}
	s.atEnd = atEnd
	s.report(skips, now)
	for _, l := range lines {
		s.push(l, now)
	}
	return nil
}

// rest takes an unterminated last line of a file that has ended.
func (s *stream) rest(now time.Time) {
	lines, skips := s.file.Rest()
	for _, l := range lines {
		s.push(l, now)
	}
	s.report(skips, now)
}

func (s *stream) report(skips []tail.Skip, now time.Time) {
	for _, sk := range skips {
		s.queue = append(s.queue, &item{at: s.last, err: sk.Err, view: view{place: sk.Place}, read: now})
	}
}

// push parses a line. One without a time of its own (the server's banner, a
// broken line) keeps its place behind its predecessor.
func (s *stream) push(l tail.Line, now time.Time) {
	sum := sha256.Sum256(l.Text)
	it := &item{line: true, rank: s.rank, after: l.After, read: now, view: view{device: s.device, raw: hex.EncodeToString(sum[:]), place: l.Place()}}
	if s.device == "" {
		it.server, it.err = parseServer(l.Text)
		// The line's time is cut, not rounded: it lies before the end of its step.
		if it.at = it.server.Time; !it.at.IsZero() {
			it.at = it.at.Add(it.server.Step - 1)
		}
	} else {
		it.view.rec, it.err = parseRecord(l.Text)
		it.at = it.view.rec.Time
		if it.err == nil {
			it.key = short(it.view.rec.Request.ID + " " + it.view.rec.Type)
			s.index[it.key] = append(s.index[it.key], it)
		}
	}
	it.at = later(s.last, it.at)
	s.last = it.at
	s.queue = append(s.queue, it)
}

// merge brings the lines of all files into one order.
type merge struct {
	index   map[string][]*item // audit lines not handled yet, by key
	streams []*stream          // server logs first, then audit files in order of configuration
	devices int
	lag     time.Duration
	follow  bool
	recent  []string // keys of the last lines handled
	alone   []string // and of those of which a copy was missing
	known   map[string]bool
}

// How many keys are remembered for copies that come late, in memory and, of lines
// that miss one, in the cursor.
const (
	maxRecent = 4096
	maxAlone  = 512
)

// fill reads on in all files. Server logs go first: whatever explains one of
// their lines was in an audit file before it.
func (m *merge) fill(now time.Time) error {
	for _, s := range m.streams {
		if err := s.fill(now); err != nil {
			return err
		}
		if s.atEnd && !m.follow {
			s.rest(now)
		}
	}
	return nil
}

// next takes the oldest line, with its copies. It returns nil when there is none,
// or when a copy of it is still waited for, or when a file has to be read on
// first to be sure that it is the oldest.
func (m *merge) next(now time.Time) (it *item, views []view) {
	s := m.oldest()
	if s == nil {
		return nil, nil
	}
	it = s.queue[0]
	copies := []*item{it}
	if it.key != "" {
		var complete bool
		copies, complete = m.copies(it.key)
		if !complete && m.follow && now.Sub(it.read) < m.lag {
			return nil, nil
		}
		delete(m.index, it.key)
		if !complete {
			m.alone = append(m.alone, it.key)
			m.alone = m.alone[max(0, len(m.alone)-maxAlone):]
		}
	}
	for _, c := range copies {
		c.done = true
		views = append(views, c.view)
	}
	for _, s := range m.streams {
		s.pop()
	}
	return it, views
}

func (m *merge) files() (n int) {
	for _, s := range m.streams {
		if s.device != "" {
			n++
		}
	}
	return n
}

func (m *merge) oldest() *stream {
	var best *stream
	for _, s := range m.streams {
		if len(s.queue) == 0 {
			if !s.atEnd {
				return nil
			}
			continue
		}
		if best == nil || s.queue[0].at.Before(best.queue[0].at) {
			best = s
		}
	}
	if best == nil || m.files() < 2 {
		return best
	}
	// A copy's time differs by as long as a device took to write.
	until := best.queue[0].at.Add(m.lag)
	for _, s := range m.streams {
		if !s.atEnd && s.last.Before(until) && len(s.queue) < readAhead/2 {
			return nil
		}
	}
	return best
}

// copies collects all copies of a line, those of the first configured device
// first. complete: every device has given one.
func (m *merge) copies(key string) (all []*item, complete bool) {
	all = m.index[key]
	slices.SortStableFunc(all, func(a, b *item) int { return a.rank - b.rank })
	seen := map[string]bool{}
	for _, it := range all {
		seen[it.view.device] = true
	}
	return all, len(seen) == m.devices
}

// pop takes away the lines at the head that were handled.
func (s *stream) pop() {
	for len(s.queue) > 0 && s.queue[0].done {
		if s.queue[0].line {
			s.pos = s.queue[0].after
		}
		s.queue = s.queue[1:]
	}
}

// errLost reports lines that are missing.
func errLost(err error) bool { return errors.Is(err, tail.ErrLost) }

// handled remembers a line's key, and reports whether it was known.
func (m *merge) handled(key string) (before bool) {
	if m.files() < 2 {
		return false
	}
	if m.known[key] {
		return true
	}
	m.known[key] = true
	m.recent = append(m.recent, key)
	if len(m.recent) > maxRecent {
		delete(m.known, m.recent[0])
		m.recent = slices.Delete(m.recent, 0, 1)
	}
	return false
}

// ahead lists the keys of copies that were handled although lines before them in
// their file were not: they are read again after a restart.
func (m *merge) ahead() []string {
	var keys []string
	for _, s := range m.streams {
		for _, it := range s.queue {
			if it.done {
				keys = append(keys, it.key)
			}
		}
	}
	return keys
}
