package tail

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// MaxLine is the default limit of one line in bytes.
const MaxLine = 1 << 20

const (
	chunk   = 64 << 10
	maxDone = 16 // more rotations than this between two looks are not told apart from copies
)

// File is one path and all the files that rotation puts there, one after the
// other. It is not safe for use by several goroutines.
type File struct {
	path    string
	maxLine int

	f    *os.File
	pos  Position    // behind the last complete line
	buf  []byte      // read behind pos, not yet a complete line
	over int64       // bytes of a too long line that were dropped behind pos
	seen fs.FileInfo // as last checked
	done []Position  // the last files that were read to their end
	left []Skip      // found while opening

	presence Presence
}

// Open prepares to read from a position on; the zero offset is the beginning of
// what is there now. A file that is not there is no error: it may come. maxLine
// 0 means [MaxLine].
func Open(path string, from Position, maxLine int) (*File, error) {
	if maxLine <= 0 {
		maxLine = MaxLine
	}
	t := &File{path: path, maxLine: maxLine, pos: Position{Path: path}}
	if from.Offset == 0 && from.Inode == 0 {
		return t, nil
	}
	from.Path = path
	f, err := from.locate()
	if err != nil {
		return nil, err
	}
	if f == nil {
		t.lost(from.Line, "the file that was read before is gone")
		return t, nil
	}
	t.f, t.pos = f, from
	return t, nil
}

// Close closes the file. The position stays usable.
func (t *File) Close() error {
	if t.f == nil {
		return nil
	}
	err := t.f.Close()
	t.f = nil
	if err != nil {
		return fmt.Errorf("closing %s: %w", t.path, err)
	}
	return nil
}

// Position is behind the last line that was handed over.
func (t *File) Position() Position { return t.pos }

// Read returns at most limit lines that are there now, and never waits. atEnd
// says that there was no complete line more, in this file or a following one.
func (t *File) Read(limit int) (lines []Line, skips []Skip, atEnd bool, err error) {
	skips, t.left = t.left, nil
	t.look()
	for len(lines) < limit {
		if t.f == nil {
			if there, err := t.openPath(); err != nil || !there {
				return lines, skips, true, err
			}
		}
		if err := t.check(&skips); err != nil {
			return lines, skips, false, err
		}
		more, err := t.readLines(limit-len(lines), &lines, &skips)
		if err != nil {
			return lines, skips, false, err
		}
		if more {
			continue
		}
		switched, err := t.advance(&lines, &skips)
		if err != nil || !switched {
			return lines, skips, true, err
		}
	}
	return lines, skips, false, nil
}

// Rest returns the unterminated last line, when the input is known to have
// ended. Otherwise it is a line that is still being written.
func (t *File) Rest() ([]Line, []Skip) {
	var lines []Line
	var skips []Skip
	t.finish(&lines, &skips)
	return lines, skips
}

func (t *File) openPath() (there bool, err error) {
	f, err := openIfThere(t.path)
	if err != nil || f == nil {
		t.presence = Missing
		return false, err
	}
	t.start(f, Position{Path: t.path})
	t.presence = There
	return true, nil
}

// start goes on in f from p.
func (t *File) start(f *os.File, p Position) {
	if t.f != nil {
		closeRead(t.f)
	}
	t.f, t.pos, t.buf, t.over, t.seen = f, p, nil, 0, nil
}

// check looks whether the open file is still the one that pos speaks of, and
// takes its identity while it is young. A file that was cut short is left for
// its copy, or begun anew.
func (t *File) check(skips *[]Skip) error {
	fi, err := t.f.Stat()
	if err != nil {
		return fmt.Errorf("looking at %s: %w", t.path, err)
	}
	if t.seen != nil && fi.Size() == t.seen.Size() && fi.ModTime().Equal(t.seen.ModTime()) {
		return nil
	}
	t.seen = fi
	if t.pos.PrefixLen > 0 || fi.Size() < t.pos.Offset {
		same, err := t.pos.holds(t.f)
		if err != nil {
			return err
		}
		if !same {
			if err := t.truncated(skips); err != nil {
				return err
			}
			return t.check(skips)
		}
	}
	t.pos.Device, t.pos.Inode = inode(fi)
	if t.pos.PrefixLen > 0 {
		return t.identify()
	}
	return nil
}

// identify remembers the first bytes of the open file. It must not be called
// before there is a whole line: the first few bytes of every log are alike.
func (t *File) identify() error {
	fi, err := t.f.Stat()
	if err != nil {
		return fmt.Errorf("looking at %s: %w", t.path, err)
	}
	n := min(prefixBytes, fi.Size())
	if n <= t.pos.PrefixLen {
		return nil
	}
	sum, err := hashPrefix(t.f, n)
	if err == nil && sum != "" {
		t.pos.Prefix, t.pos.PrefixLen = sum, n
	}
	return err
}

// truncated handles copy and truncate: what was written after our last line and
// before the cut is in the copy.
func (t *File) truncated(skips *[]Skip) error {
	old := t.pos
	rest, err := old.locate()
	if err != nil {
		return err
	}
	if rest != nil {
		t.start(rest, old)
		return nil
	}
	t.lost(old.Line, "the file was cut short and there is no copy of it")
	*skips, t.left = append(*skips, t.left...), nil
	t.pos, t.buf, t.over, t.seen = Position{Path: t.path}, nil, 0, nil
	return nil
}

// readLines reads one chunk and cuts it into lines. more is false at the end of
// the open file.
func (t *File) readLines(limit int, lines *[]Line, skips *[]Skip) (more bool, err error) {
	if !bytes.Contains(t.buf, []byte{'\n'}) {
		n, err := t.fill()
		if err != nil {
			return false, err
		}
		if n == 0 {
			return false, nil
		}
	}
	if t.pos.PrefixLen == 0 && bytes.Contains(t.buf, []byte{'\n'}) {
		if err := t.identify(); err != nil {
			return false, err
		}
	}
	for ; limit > 0; limit-- {
		i := bytes.IndexByte(t.buf, '\n')
		if i < 0 {
			break
		}
		t.take(i, 1, lines, skips)
	}
	if len(t.buf) > t.maxLine && !bytes.Contains(t.buf, []byte{'\n'}) {
		t.over += int64(len(t.buf))
		t.buf = t.buf[:0]
	}
	return true, nil
}

func (t *File) fill() (int, error) {
	at := t.pos.Offset + t.over + int64(len(t.buf))
	part := make([]byte, chunk)
	n, err := t.f.ReadAt(part, at)
	if err != nil && err != io.EOF {
		return 0, fmt.Errorf("reading %s at byte %d: %w", t.path, at, err)
	}
	t.buf = append(t.buf, part[:n]...)
	return n, nil
}

// take cuts the first n bytes and a terminator of term bytes off the buffer.
func (t *File) take(n, term int, lines *[]Line, skips *[]Skip) {
	t.pos.Offset += t.over + int64(n+term)
	t.pos.Line++
	l := Line{Path: t.path, Number: t.pos.Line, After: t.pos}
	if length := t.over + int64(n); length > int64(t.maxLine) {
		*skips = append(*skips, Skip{l.Place(), fmt.Errorf("%w: %d bytes, more than %d", ErrTooLong, length, t.maxLine)})
	} else {
		l.Text = bytes.Clone(bytes.TrimSuffix(t.buf[:n], []byte{'\r'}))
		*lines = append(*lines, l)
	}
	t.buf, t.over = t.buf[n+term:], 0
}

// finish hands over an unterminated last line: nobody will write its end.
func (t *File) finish(lines *[]Line, skips *[]Skip) {
	if int64(len(t.buf))+t.over > 0 {
		t.take(len(t.buf), 0, lines, skips)
	}
}

func (t *File) lost(line int64, why string) {
	t.left = append(t.left, Skip{
		Place: fmt.Sprintf("%s:%d", t.path, line),
		Err:   fmt.Errorf("%w: %s; what was written after line %d is not known", ErrLost, why, line),
	})
}
