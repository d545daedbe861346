package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/sections"
)

// Archive is a file that can be read.
type Archive struct {
	path     string
	file     *os.File
	header   Header
	sum      Sum
	segments map[byte][]Segment // by kind, in order
	missing  []Missing
}

// Magic are the first bytes by which a file is told to be made of sections.
var Magic = []byte{0x50, 0x2A, 0x4D, 0x18}

// Is reports whether a file is an archive, whole or not, by how it begins.
func Is(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, fmt.Errorf("look at the file: %w", err)
	}
	head := make([]byte, sections.LabelSize)
	_, err = io.ReadFull(file, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	// The kind stands in the highest byte of the third word.
	return string(head[:4]) == string(Magic) && head[11] == kindHeader, errors.Join(err, file.Close())
}

// Open opens an archive of which every byte is as it was written; a *DamagedError
// where not, a *FormatError of another version's. progress, which may be nil, is
// told how many bytes of how many were looked at.
func Open(path string, progress func(done, all int64)) (*Archive, error) { return open(path, progress) }

func open(path string, progress func(done, all int64)) (*Archive, error) {
	a, damage, err := read(path, progress)
	if err == nil && damage != nil {
		err = errors.Join(&DamagedError{a.missing[0], damage}, a.Close())
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Salvage opens what is whole of an archive. Missing lists the rest.
func Salvage(path string, progress func(done, all int64)) (*Archive, error) {
	a, _, err := read(path, progress)
	return a, err
}

// Header is what the archive says of itself; the zero Header where that is lost.
func (a *Archive) Header() Header { return a.header }

// Sum is what the archive comes to; the zero Sum where that is lost.
func (a *Archive) Sum() Sum { return a.sum }

// Missing are the parts that cannot be read; none in an archive from Open.
func (a *Archive) Missing() []Missing { return a.missing }

// Segments is the index.
func (a *Archive) Segments() []Segment {
	var all []Segment
	for _, kind := range []byte{kindState, kindLog, kindAlerts} {
		all = append(all, a.segments[kind]...)
	}
	return all
}

// Close closes the file.
func (a *Archive) Close() error {
	if err := a.file.Close(); err != nil {
		return fmt.Errorf("close the archive %s: %w", a.path, err)
	}
	return nil
}

// part is a section that is as it was written.
type part struct {
	label  sections.Label
	offset int64
}

// read looks at every section. damage is the first thing that is wrong.
func read(path string, progress func(done, all int64)) (a *Archive, damage, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the archive: %w", err)
	}
	a = &Archive{path: path, file: file, segments: map[byte][]Segment{}}
	st, err := file.Stat()
	if err == nil {
		var parts []part
		parts, damage, err = a.walk(st.Size(), progress)
		if err == nil {
			damage, err = a.understand(parts, st.Size(), damage)
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return a, damage, nil
}

// walk goes from section to section; after damage it looks for the next one.
func (a *Archive) walk(size int64, progress func(done, all int64)) (parts []part, damage, err error) {
	number, at := 0, int64(0)
	for at < size {
		r, err := sections.NewReader(bufio.NewReaderSize(io.NewSectionReader(a.file, at, size-at), 1<<18), what, a.path, number, at)
		if err != nil {
			return nil, nil, err
		}
		var broken error
		for at < size && broken == nil {
			var l sections.Label
			if l, broken = r.Check(); broken == nil {
				parts = append(parts, part{l, r.Offset()})
				number, at = number+1, r.Next()
				if progress != nil {
					progress(at, size)
				}
			}
		}
		r.Close()
		if broken == nil {
			break
		}
		var d *sections.DamagedError
		if !errors.As(broken, &d) {
			return nil, nil, broken
		}
		if damage == nil {
			damage = broken
		}
		lost := Missing{Section: number, Offset: at, Until: size}
		l, next, err := sections.Find(a.file, size, at+1, number)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, err
		}
		if err == nil {
			lost.Until, number = next, l.Number
		}
		a.missing = append(a.missing, lost)
		at = lost.Until
	}
	return parts, damage, nil
}

// understand reads header, index and sum, or makes an index of what there is.
func (a *Archive) understand(parts []part, size int64, damage error) (error, error) {
	if len(parts) > 0 && parts[0].label.Kind == kindHeader {
		r, err := a.at(parts[0].label.Number, parts[0].offset)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		if a.header, err = readHeader(r, a.path); err != nil {
			return nil, err
		}
	} else if damage == nil {
		damage = a.fault(0, 0, size, "it does not begin with a header")
	}
	n := len(parts)
	if damage == nil && (n < 3 || parts[n-1].label.Kind != kindEnd || parts[n-2].label.Kind != kindIndex) {
		damage = a.fault(n, size, size, "the file ends before its index")
	}
	if damage != nil {
		return damage, a.makeIndex(parts)
	}
	if err := a.readIndex(parts); err != nil {
		damage = a.fault(n-2, parts[n-2].offset, size, err.Error())
		return damage, a.makeIndex(parts)
	}
	return nil, nil
}

// fault notes a part that is missing though every section is sound.
func (a *Archive) fault(section int, offset, until int64, reason string) error {
	a.missing = append(a.missing, Missing{Section: section, Offset: offset, Until: until})
	return &sections.DamagedError{What: what, File: a.path, Section: section, Offset: offset, Err: errors.New(reason)}
}

// at reads the file from one section on.
func (a *Archive) at(number int, offset int64) (*sections.Reader, error) {
	return sections.NewReader(io.NewSectionReader(a.file, offset, 1<<62), what, a.path, number, offset)
}

func readHeader(r *sections.Reader, path string) (Header, error) {
	var h Header
	kind, plain, err := r.Read()
	if err != nil {
		return h, err
	}
	if kind != kindHeader {
		return h, r.Damaged(errors.New("it is not the header"))
	}
	if err := json.Unmarshal(plain, &h); err != nil {
		return h, r.Damaged(fmt.Errorf("the header is unreadable: %w", err))
	}
	if h.Format != format {
		return h, &FormatError{path, h.Format}
	}
	return h, nil
}

// readIndex reads index and sum, and compares the index with the sections.
func (a *Archive) readIndex(parts []part) error {
	indexed := map[int]Segment{}
	for _, p := range parts {
		if p.label.Kind != kindIndex && p.label.Kind != kindEnd {
			continue
		}
		plain, err := a.plain(p.label.Number, p.offset)
		if err != nil {
			return err
		}
		if p.label.Kind == kindEnd {
			if err := json.Unmarshal(plain, &a.sum); err != nil {
				return fmt.Errorf("the sum is unreadable: %w", err)
			}
			continue
		}
		for text := range strings.Lines(string(plain)) {
			var s Segment
			if err := json.Unmarshal([]byte(text), &s); err != nil {
				return fmt.Errorf("the index is unreadable: %w", err)
			}
			indexed[s.Section] = s
		}
	}
	for _, p := range parts {
		name, counts := kindNames[p.label.Kind]
		if !counts {
			continue
		}
		s, ok := indexed[p.label.Number]
		if !ok || s.Offset != p.offset || s.Kind != name {
			return fmt.Errorf("the index says something else of segment %d", p.label.Number)
		}
		a.segments[p.label.Kind] = append(a.segments[p.label.Kind], s)
	}
	return nil
}

// plain unpacks one section.
func (a *Archive) plain(number int, offset int64) ([]byte, error) {
	r, err := a.at(number, offset)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	_, plain, err := r.Read()
	return plain, err
}

// makeIndex reads every sound section, for want of an index to be trusted, and says
// which positions the missing ones may have held.
func (a *Archive) makeIndex(parts []part) error {
	a.segments = map[byte][]Segment{}
	for _, p := range parts {
		kind := p.label.Kind
		if kindNames[kind] == "" {
			continue
		}
		plain, err := a.plain(p.label.Number, p.offset)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(plain)
		s := Segment{Section: p.label.Number, Kind: kindNames[kind], Offset: p.offset, SHA256: hex.EncodeToString(sum[:])}
		for text := range strings.Lines(string(plain)) {
			s.Lines++
			if kind == kindState {
				continue
			}
			m, err := readLine([]byte(text), kind)
			if err != nil {
				return fmt.Errorf("archive %s, segment %d: %w", a.path, s.Section, err)
			}
			if s.Lines == 1 {
				s.From = m.Position
			}
			s.To = m.Position
		}
		a.segments[kind] = append(a.segments[kind], s)
	}
	for i := range a.missing {
		m := &a.missing[i]
		m.From, m.To = a.header.From, a.header.To
		for _, s := range a.segments[kindLog] {
			if s.Offset < m.Offset {
				m.From = s.To + 1
			} else if s.Offset >= m.Until {
				m.To = s.From - 1
				break
			}
		}
	}
	return nil
}

// State hands out the records of the state before the range, as
// [checkpoint.File.Read] does.
func (a *Archive) State(fn func(key, value []byte) error) (checkpoint.Info, error) {
	if a.header.Checkpoint == nil {
		return checkpoint.Info{}, fmt.Errorf("archive %s holds no state before its range", a.path)
	}
	var records uint64
	for _, s := range a.segments[kindState] {
		plain, err := a.plain(s.Section, s.Offset)
		if err != nil {
			return checkpoint.Info{}, err
		}
		for text := range strings.Lines(string(plain)) {
			var r record
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				return checkpoint.Info{}, fmt.Errorf("archive %s, segment %d: a record of the state is unreadable: %w", a.path, s.Section, err)
			}
			records++
			if err := fn(r.State, r.Value); err != nil {
				return checkpoint.Info{}, err
			}
		}
	}
	if want := a.header.Checkpoint.Records; records != want {
		return checkpoint.Info{}, fmt.Errorf("archive %s holds %d records of the state, and there should be %d", a.path, records, want)
	}
	return *a.header.Checkpoint, nil
}
