package tail

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Presence is what a look found under a file's path. Only of a file that is There
// may a connector say that it was read to its end: what is written elsewhere is
// not seen.
type Presence int

const (
	// Missing: no file, and none is open.
	Missing Presence = iota
	// Moved: no file, but the one that was there is still open and read on. So
	// begins every rotation by rename, and every removal.
	Moved
	// Replaced: a file with lines that is neither the open one, nor goes on where
	// that one was left, nor came after it.
	Replaced
	// There: the file that is read, or an empty one that will be.
	There
)

// Presence is what the last Read found, and Missing before the first.
func (t *File) Presence() Presence { return t.presence }

// look notes whether there is a file under the path. That it is the open one only
// the end of that one tells, see [File.advance].
func (t *File) look() {
	switch _, err := os.Stat(t.path); {
	case err == nil:
		t.presence = There
	case t.f != nil:
		t.presence = Moved
	default:
		t.presence = Missing
	}
}

// sameBytes is how much before the place of reading two files must share, besides
// their first bytes, for one to be the other's continuation. Logs of a server
// begin alike; they do not go on alike.
const sameBytes = 4096

// replaced goes on in the file under the path when that is the open one with
// another inode number: a copy that came back, or one that rsync put there. A copy
// beside the open file, with nothing that was not read, has been read to its end as
// well; which of the two is written to shows when one grows.
func (t *File) replaced(own fs.FileInfo) (bool, error) {
	f, err := openIfThere(t.path)
	if err != nil || f == nil {
		return false, err
	}
	same, err := t.pos.holds(f)
	if err == nil && same {
		same, err = t.sameBefore(f, t.pos.Offset)
	}
	nothingNew := false
	if err == nil && same && hasName(own) {
		nothingNew, err = t.hasRead(f)
	}
	if err != nil || !same || nothingNew {
		closeRead(f)
		if nothingNew {
			t.presence = There
		}
		return false, err
	}
	t.start(f, t.pos)
	return true, nil
}

// hasRead reports whether a copy ends within what was read of the open file, the
// part of a line behind the last whole one included.
func (t *File) hasRead(f *os.File) (bool, error) {
	fi, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("looking at %s: %w", t.path, err)
	}
	if fi.Size() > t.pos.Offset+t.over+int64(len(t.buf)) {
		return false, nil
	}
	return t.sameBefore(f, fi.Size())
}

// sameBefore compares what the open file and f have before an offset.
func (t *File) sameBefore(f *os.File, offset int64) (bool, error) {
	n := min(sameBytes, offset)
	own, other := make([]byte, n), make([]byte, n)
	for file, part := range map[*os.File][]byte{t.f: own, f: other} {
		if _, err := file.ReadAt(part, offset-n); err != nil {
			return false, fmt.Errorf("comparing %s with what was read of it: %w", t.path, err)
		}
	}
	return bytes.Equal(own, other), nil
}

// Rotation is for how long a file may be away from its path before that is told. A
// rotation takes less: a rename, a re-creation, and the signal in between.
const Rotation = 10 * time.Second

// Absence knows since when files are away, by the looks of their reader. The zero
// value is ready to use.
type Absence struct{ since map[*File]time.Time }

// Look takes what the last Read of each file found, at the reader's own time, and
// returns what is to be told of it: nil when every file is there, or away for no
// longer than [Rotation]. A file that this reader never had is told at once.
func (a *Absence) Look(now time.Time, files ...*File) error {
	if a.since == nil {
		a.since = map[*File]time.Time{}
	}
	var away []string
	for _, f := range files {
		if f.presence == There {
			delete(a.since, f)
			continue
		}
		if _, known := a.since[f]; !known {
			a.since[f] = now
		}
		if f.presence == Missing || now.Sub(a.since[f]) > Rotation {
			away = append(away, fmt.Sprintf(absent[f.presence], f.path))
		}
	}
	if len(away) == 0 {
		return nil
	}
	return errors.New(strings.Join(away, "; "))
}

var absent = map[Presence]string{
	Missing:  "%s is not there; nothing is claimed until it is",
	Moved:    "%s is not there any more; nothing is claimed until it is",
	Replaced: "%s is another file than the one that was read, and none that came after it; nothing is claimed until it is",
}

// advance is called at the end of the open file. When another file has taken its
// place and is being written to, the writer has let go of the open one: what it
// holds by then is all that it will ever hold.
func (t *File) advance(lines *[]Line, skips *[]Skip) (switched bool, err error) {
	own, err := t.f.Stat()
	if err != nil {
		return false, fmt.Errorf("looking at %s: %w", t.path, err)
	}
	var at fs.FileInfo
	if at, err = os.Stat(t.path); err != nil {
		t.presence = Moved
	} else if t.presence = There; os.SameFile(at, own) {
		return false, nil
	} else if at.Size() > 0 {
		t.presence = Replaced // until it is taken up
		if same, err := t.replaced(own); err != nil || same {
			return same, err
		}
	}
	done := append(t.done, t.pos)
	next, err := successor(t.path, own, done)
	if err != nil || next == nil {
		return false, err
	}
	if n, err := t.fill(); err != nil || n > 0 {
		closeRead(next)
		return err == nil, err // not at its end after all: read on first
	}
	t.finish(lines, skips)
	t.done = done[max(0, len(done)-maxDone):]
	t.start(next, Position{Path: t.path})
	return true, nil
}
