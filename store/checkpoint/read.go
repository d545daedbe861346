package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// FormatError means that a file is a checkpoint of another version's, or none.
type FormatError struct {
	File string
	Have int
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("checkpoint %s has format %d, and this program reads %d", e.File, e.Have, format)
}

// Read verifies a checkpoint and hands out its records in order. They are valid
// during the call only, and are a state only once Read has returned without an
// error: a *DamagedError, a *FormatError, that of the reader, or that of fn.
func Read(r io.Reader, name string, fn func(key, value []byte) error) (Info, error) {
	s, err := newReader(r, name)
	if err != nil {
		return Info{}, err
	}
	defer s.dec.Close()
	h, err := s.header()
	if err != nil {
		return Info{}, err
	}
	sum, err := s.records(fn)
	return Info{h, sum}, err
}

// ReadHeader reads and verifies the first section only.
func ReadHeader(r io.Reader, name string) (Header, error) {
	s, err := newReader(r, name)
	if err != nil {
		return Header{}, err
	}
	defer s.dec.Close()
	return s.header()
}

// reader reads labelled frames.
type reader struct {
	r      io.Reader
	name   string
	dec    *zstd.Decoder
	number int
	offset int64 // of the section being read
	next   int64
	packed []byte
	plain  []byte
}

func newReader(r io.Reader, name string) (*reader, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPlain), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("prepare to unpack checkpoint %s: %w", name, err)
	}
	return &reader{r: r, name: name, dec: dec, number: -1}, nil
}

func (s *reader) damaged(err error) error { return &DamagedError{s.name, s.number, s.offset, err} }

// fill reads wholly; a file that ends early is damaged, one that cannot be read is
// the machine's trouble.
func (s *reader) fill(b []byte) error {
	n, err := io.ReadFull(s.r, b)
	s.next += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return s.damaged(errors.New("the file ends within it"))
	}
	if err != nil {
		return fmt.Errorf("read checkpoint %s at byte %d: %w", s.name, s.next, err)
	}
	return nil
}

// section reads the next one.
func (s *reader) section() (kind byte, plain []byte, err error) {
	s.number++
	s.offset = s.next
	var head [labelSize]byte
	if err := s.fill(head[:]); err != nil {
		return 0, nil, err
	}
	l, err := decodeLabel(head[:])
	if err == nil && int(l.number) != s.number {
		err = fmt.Errorf("it says that it is section %d", l.number)
	}
	if err != nil {
		return 0, nil, s.damaged(err)
	}
	s.packed = slices.Grow(s.packed[:0], int(l.packed))[:l.packed]
	s.plain = slices.Grow(s.plain[:0], int(l.plain))
	if err := s.fill(s.packed); err != nil {
		return 0, nil, err
	}
	if crc32.Checksum(s.packed, castagnoli) != l.crc {
		return 0, nil, s.damaged(errors.New("it fails its checksum"))
	}
	s.plain, err = s.dec.DecodeAll(s.packed, s.plain[:0])
	if err != nil {
		return 0, nil, s.damaged(fmt.Errorf("it does not unpack: %w", err))
	}
	if len(s.plain) != int(l.plain) {
		return 0, nil, s.damaged(fmt.Errorf("it has %d bytes and should have %d", len(s.plain), l.plain))
	}
	return l.kind, s.plain, nil
}

func (s *reader) header() (Header, error) {
	var h Header
	kind, plain, err := s.section()
	if err != nil {
		return h, err
	}
	if kind != kindHeader {
		return h, s.damaged(errors.New("it is not the header"))
	}
	if err := json.Unmarshal(plain, &h); err != nil {
		return h, s.damaged(fmt.Errorf("the header is unreadable: %w", err))
	}
	if h.Format != format {
		return h, &FormatError{s.name, h.Format}
	}
	return h, nil
}

// records hands out what stands between header and sum, and compares the two.
func (s *reader) records(fn func(key, value []byte) error) (Sum, error) {
	hash := sha256.New()
	var have Sum
	var last []byte
	for {
		kind, plain, err := s.section()
		if err != nil {
			return have, err
		}
		if kind == kindSum {
			have.SHA256 = hex.EncodeToString(hash.Sum(nil))
			return have, s.end(plain, have)
		}
		if kind != kindRecords {
			return have, s.damaged(errors.New("it holds no records"))
		}
		hash.Write(plain)
		have.Bytes += uint64(len(plain))
		for rest := plain; len(rest) > 0; have.Records++ {
			key, value, tail, ok := cut(rest)
			if !ok || have.Records > 0 && bytes.Compare(key, last) <= 0 {
				return have, s.damaged(fmt.Errorf("record %d is cut off or out of order", have.Records))
			}
			if err := fn(key, value); err != nil {
				return have, err
			}
			last, rest = append(last[:0], key...), tail
		}
	}
}

// cut splits off the first record.
func cut(b []byte) (key, value, rest []byte, ok bool) {
	if key, b, ok = cutSized(b); !ok {
		return nil, nil, nil, false
	}
	value, rest, ok = cutSized(b)
	return key, value, rest, ok
}

func cutSized(b []byte) (part, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(size)], b[n+int(size):], true
}

// end checks the sum, and that nothing follows.
func (s *reader) end(plain []byte, have Sum) error {
	var want Sum
	if err := json.Unmarshal(plain, &want); err != nil {
		return s.damaged(fmt.Errorf("the sum is unreadable: %w", err))
	}
	if have != want {
		return s.damaged(fmt.Errorf("there are %d records of %d bytes (%s), and there should be %d of %d (%s)",
			have.Records, have.Bytes, have.SHA256, want.Records, want.Bytes, want.SHA256))
	}
	var one [1]byte
	n, err := io.ReadFull(s.r, one[:])
	if n > 0 {
		return s.damaged(errors.New("something follows it"))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the end of checkpoint %s: %w", s.name, err)
	}
	return nil
}
