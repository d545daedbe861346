package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/sections"
)

// Partial is the name of a file that is not whole yet.
func Partial(path string) string { return path + ".part" }

// Writer writes one archive: first the messages of the log in order, then the
// alerts, then Finish.
type Writer struct {
	path  string
	file  *os.File
	h     Header
	out   *sections.Writer
	index []Segment
	sum   Sum
	log   hash.Hash
	told  hash.Hash

	kind  byte // of the section being gathered
	plain []byte
	seg   Segment
	last  uint64 // position taken last
}

// Create begins an archive at path, whose format it fills in. state hands out the
// records of h.Checkpoint, if there is one, as [checkpoint.File.Read] does.
func Create(path string, h Header, state func(fn func(key, value []byte) error) (checkpoint.Info, error)) (*Writer, error) {
	h.Format = format
	file, err := os.OpenFile(Partial(path), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("begin an archive: %w", err)
	}
	w, err := begin(path, file, h)
	if err == nil && h.Checkpoint != nil {
		err = w.addState(state)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}

func newWriter(path string, file *os.File, h Header) *Writer {
	return &Writer{path: path, file: file, h: h, log: sha256.New(), told: sha256.New(), last: h.From - 1, sum: Sum{End: true, Latest: map[string]uint64{}}}
}

func begin(path string, file *os.File, h Header) (*Writer, error) {
	w := newWriter(path, file, h)
	var err error
	if w.out, err = sections.NewWriter(file, "an "+what, 0, 0); err != nil {
		return nil, err
	}
	return w, w.out.Line(kindHeader, h)
}

func (w *Writer) addState(state func(fn func(key, value []byte) error) (checkpoint.Info, error)) error {
	info, err := state(func(key, value []byte) (err error) {
		if err := w.room(kindState); err != nil {
			return err
		}
		w.plain, err = appendJSON(w.plain, record{key, value})
		w.seg.Lines++
		return err
	})
	if err == nil && info.Sum != w.h.Checkpoint.Sum {
		err = fmt.Errorf("the checkpoint at position %d is another one than a moment ago", info.Position.Seq)
	}
	if err != nil {
		return fmt.Errorf("copy the state before the range: %w", err)
	}
	return w.flush()
}

// Header is the archive's.
func (w *Writer) Header() Header { return w.h }

// Next is the position that the next message must have at least.
func (w *Writer) Next() uint64 { return w.last + 1 }

// Message adds a message of the log. Positions grow, and lie in the range.
func (w *Writer) Message(m eventlog.Message) error {
	if m.Position <= w.last || m.Position > w.h.To {
		return fmt.Errorf("archive: position %d after %d, in a range that ends at %d", m.Position, w.last, w.h.To)
	}
	if err := w.add(kindLog, m); err != nil {
		return err
	}
	w.last = m.Position
	w.note(m)
	return nil
}

// note keeps what the sum says of a message, besides the hash of its section.
func (w *Writer) note(m eventlog.Message) {
	w.sum.Messages++
	if !eventlog.FromSource(m.Subject) {
		w.sum.Latest[m.Subject] = m.Position
	}
}

// Alert adds what was told at a position of the alert stream.
func (w *Writer) Alert(m eventlog.Message) error {
	if err := w.add(kindAlerts, m); err != nil {
		return err
	}
	w.sum.Alerts++
	for _, part := range [][]byte{[]byte(m.Subject), m.Body} {
		w.told.Write(part)
		w.told.Write([]byte{0})
	}
	return nil
}

func (w *Writer) add(kind byte, m eventlog.Message) (err error) {
	if err := w.room(kind); err != nil {
		return err
	}
	if w.plain, err = appendLine(w.plain, kind, m); err != nil {
		return err
	}
	if w.seg.Lines == 0 {
		w.seg.From = m.Position
	}
	w.seg.Lines++
	w.seg.To = m.Position
	return nil
}

// room closes the section that is being gathered when it is full or of another kind.
func (w *Writer) room(kind byte) error {
	if w.kind != kind || len(w.plain) >= sectionBytes {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.kind = kind
	return nil
}

func (w *Writer) flush() error {
	if len(w.plain) == 0 {
		return nil
	}
	sum := sha256.Sum256(w.plain)
	w.seg.Section, w.seg.Offset, w.seg.Kind, w.seg.SHA256 = w.out.Number(), w.out.Offset(), kindNames[w.kind], hex.EncodeToString(sum[:])
	if w.kind == kindLog {
		w.log.Write(w.plain)
	}
	if err := w.out.Write(w.kind, w.plain); err != nil {
		return err
	}
	w.index = append(w.index, w.seg)
	w.plain, w.seg = w.plain[:0], Segment{}
	return nil
}

// Finish writes index and sum, syncs, reads everything back, and gives the file its
// name.
func (w *Writer) Finish() (Sum, error) {
	err := w.finish()
	if err = errors.Join(err, w.file.Close()); err != nil {
		return w.sum, fmt.Errorf("finish the archive %s: %w", w.path, err)
	}
	a, err := open(Partial(w.path), nil)
	if err == nil {
		err = a.Close()
	}
	if err == nil {
		err = os.Rename(Partial(w.path), w.path)
	}
	if err != nil {
		return w.sum, fmt.Errorf("read the archive %s back: %w", w.path, err)
	}
	return w.sum, sections.SyncDir(filepath.Dir(w.path))
}

func (w *Writer) finish() (err error) {
	if err := w.flush(); err != nil {
		return err
	}
	var text []byte
	for _, s := range w.index {
		if text, err = appendJSON(text, s); err != nil {
			return err
		}
		if len(text) >= sectionBytes {
			if err := w.out.Write(kindIndex, text); err != nil {
				return err
			}
			text = text[:0]
		}
	}
	if err := w.out.Write(kindIndex, text); err != nil {
		return err
	}
	w.sum.LogSHA256, w.sum.AlertsSHA256 = hex.EncodeToString(w.log.Sum(nil)), hex.EncodeToString(w.told.Sum(nil))
	if err := w.out.Line(kindEnd, w.sum); err != nil {
		return err
	}
	return w.file.Sync()
}

// Interrupt lets go of a file that is not whole; [Resume] goes on with it.
func (w *Writer) Interrupt() error {
	var err error
	if w.kind == kindLog {
		err = w.flush()
	}
	if err = errors.Join(err, w.file.Close()); err != nil {
		return fmt.Errorf("interrupt the archive %s: %w", w.path, err)
	}
	return nil
}

// Resume goes on with an archive whose writing was interrupted, after its last
// whole section of the log. It is nil where there is nothing to go on with.
func Resume(path string) (*Writer, error) {
	file, err := os.OpenFile(Partial(path), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("go on with an archive: %w", err)
	}
	w, err := resume(path, file)
	if w == nil || err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}

func resume(path string, file *os.File) (*Writer, error) {
	r, err := sections.NewReader(file, what, path, 0, 0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	h, err := readHeader(r, path)
	if err != nil {
		return nil, nil //nolint:nilerr // cut off within its first section: nothing is lost by beginning anew
	}
	w := newWriter(path, file, h)
	number, end, whole := 1, r.Next(), h.Checkpoint == nil
	for {
		kind, plain, err := r.Read()
		if err != nil || kind != kindState && kind != kindLog {
			break // what comes from here on is written again
		}
		if err := w.taken(kind, plain, number, r.Offset()); err != nil {
			return nil, err
		}
		whole = whole || kind == kindLog
		number, end = number+1, r.Next()
	}
	if !whole {
		return nil, nil // half of a state is none
	}
	if err := file.Truncate(end); err != nil {
		return nil, fmt.Errorf("go on with the archive %s: %w", path, err)
	}
	if _, err := file.Seek(end, io.SeekStart); err != nil {
		return nil, fmt.Errorf("go on with the archive %s: %w", path, err)
	}
	w.out, err = sections.NewWriter(file, "an "+what, number, end)
	return w, err
}

// taken counts a section that is there.
func (w *Writer) taken(kind byte, plain []byte, number int, offset int64) error {
	sum := sha256.Sum256(plain)
	seg := Segment{Section: number, Kind: kindNames[kind], Offset: offset, SHA256: hex.EncodeToString(sum[:])}
	for text := range strings.Lines(string(plain)) {
		seg.Lines++
		if kind != kindLog {
			continue
		}
		m, err := readLine([]byte(text), kind)
		if err != nil {
			return fmt.Errorf("go on with the archive %s, segment %d: %w", w.path, number, err)
		}
		if seg.Lines == 1 {
			seg.From = m.Position
		}
		seg.To, w.last = m.Position, m.Position
		w.note(m)
	}
	if kind == kindLog {
		w.log.Write(plain)
	}
	w.index = append(w.index, seg)
	return nil
}
