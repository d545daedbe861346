package sections

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// DamagedError means that a file is not as it was written.
type DamagedError struct {
	What    string // the kind of file
	File    string
	Section int   // from 0
	Offset  int64 // where in the file the section begins, in bytes
	Err     error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s %s is damaged in section %d at byte %d: %v", e.What, e.File, e.Section, e.Offset, e.Err)
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// Reader reads labelled sections in order.
type Reader struct {
	r          io.Reader
	what, name string
	dec        *zstd.Decoder
	number     int
	offset     int64 // of the section being read
	next       int64
	packed     []byte
	plain      []byte
}

// NewReader reads from section number on, which begins at a byte of the file: 0 and
// 0 for all of it. what and name say in errors what the file is.
func NewReader(r io.Reader, what, name string, number int, offset int64) (*Reader, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxPlain), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("prepare to unpack %s %s: %w", what, name, err)
	}
	return &Reader{r: r, what: what, name: name, dec: dec, number: number - 1, next: offset}, nil
}

// Close frees the decoder, not the input.
func (r *Reader) Close() { r.dec.Close() }

// Damaged is a *DamagedError about the section that was read last.
func (r *Reader) Damaged(err error) error {
	return &DamagedError{r.what, r.name, r.number, r.offset, err}
}

// Offset is where the section that was read last begins, Next where it ends.
func (r *Reader) Offset() int64 { return r.offset }

// Next is where the next section begins.
func (r *Reader) Next() int64 { return r.next }

// fill reads wholly; a file that ends early is damaged, one that cannot be read is
// the machine's trouble.
func (r *Reader) fill(b []byte) error {
	n, err := io.ReadFull(r.r, b)
	r.next += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.Damaged(errors.New("the file ends within it"))
	}
	if err != nil {
		return fmt.Errorf("read %s %s at byte %d: %w", r.what, r.name, r.next, err)
	}
	return nil
}

// Read reads the next section. The bytes are valid until the call after.
func (r *Reader) Read() (kind byte, plain []byte, err error) {
	l, err := r.Check()
	if err != nil {
		return 0, nil, err
	}
	plain, err = r.Unpack(l)
	return l.Kind, plain, err
}

// Check reads the next section and compares it with its label, and leaves it
// packed.
func (r *Reader) Check() (Label, error) {
	r.number++
	r.offset = r.next
	var head [LabelSize]byte
	if err := r.fill(head[:]); err != nil {
		return Label{}, err
	}
	l, err := decodeLabel(head[:])
	if err == nil && l.Number != r.number {
		err = fmt.Errorf("it says that it is section %d", l.Number)
	}
	if err != nil {
		return Label{}, r.Damaged(err)
	}
	r.packed = slices.Grow(r.packed[:0], l.Packed)[:l.Packed]
	if err := r.fill(r.packed); err != nil {
		return Label{}, err
	}
	if crc32.Checksum(r.packed, castagnoli) != l.crc {
		return Label{}, r.Damaged(errors.New("it fails its checksum"))
	}
	return l, nil
}

// Unpack unpacks what [Reader.Check] read.
func (r *Reader) Unpack(l Label) (plain []byte, err error) {
	r.plain = slices.Grow(r.plain[:0], l.Plain)
	r.plain, err = r.dec.DecodeAll(r.packed, r.plain[:0])
	if err != nil {
		return nil, r.Damaged(fmt.Errorf("it does not unpack: %w", err))
	}
	if len(r.plain) != l.Plain {
		return nil, r.Damaged(fmt.Errorf("it has %d bytes and should have %d", len(r.plain), l.Plain))
	}
	return r.plain, nil
}

// End makes sure that nothing follows.
func (r *Reader) End() error {
	var one [1]byte
	n, err := io.ReadFull(r.r, one[:])
	if n > 0 {
		return r.Damaged(errors.New("something follows it"))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the end of %s %s: %w", r.what, r.name, err)
	}
	return nil
}

// Find looks for the next section from a byte of a file on that is as it was
// written, and whose number is at least min: after damage the rest is found so.
// io.EOF where there is none.
func Find(file io.ReaderAt, size, from int64, min int) (Label, int64, error) {
	magic := binary.LittleEndian.AppendUint32(nil, skippable)
	magic = binary.LittleEndian.AppendUint32(magic, labelBody)
	buf := make([]byte, 1<<20)
	for at := from; at+LabelSize <= size; {
		n, err := file.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return Label{}, 0, fmt.Errorf("look for a section from byte %d on: %w", at, err)
		}
		i := bytes.Index(buf[:n], magic)
		if i < 0 {
			if n <= len(magic) {
				break
			}
			at += int64(n - len(magic) + 1)
			continue
		}
		at += int64(i)
		l, err := sound(file, size, at)
		if err == nil && l.Number >= min {
			return l, at, nil
		}
		at++
	}
	return Label{}, 0, io.EOF
}

// sound reads the section at a byte and compares it with its label.
func sound(file io.ReaderAt, size, at int64) (Label, error) {
	var head [LabelSize]byte
	if _, err := file.ReadAt(head[:], at); err != nil {
		return Label{}, fmt.Errorf("read a label at byte %d: %w", at, err)
	}
	l, err := decodeLabel(head[:])
	if err != nil {
		return l, err
	}
	r, err := NewReader(io.NewSectionReader(file, at, size-at), "", "", l.Number, at)
	if err != nil {
		return l, err
	}
	defer r.Close()
	return r.Check()
}
