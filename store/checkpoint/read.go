package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/overstay/overstay/store/sections"
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
	defer s.Close()
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
	defer s.Close()
	return s.header()
}

// reader reads a checkpoint's sections.
type reader struct {
	*sections.Reader
	name string
}

func newReader(r io.Reader, name string) (*reader, error) {
	s, err := sections.NewReader(r, what, name, 0, 0)
	if err != nil {
		return nil, err
	}
	return &reader{s, name}, nil
}

func (s *reader) header() (Header, error) {
	var h Header
	kind, plain, err := s.Reader.Read()
	if err != nil {
		return h, err
	}
	if kind != kindHeader {
		return h, s.Damaged(errors.New("it is not the header"))
	}
	if err := json.Unmarshal(plain, &h); err != nil {
		return h, s.Damaged(fmt.Errorf("the header is unreadable: %w", err))
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
		kind, plain, err := s.Reader.Read()
		if err != nil {
			return have, err
		}
		if kind == kindSum {
			have.SHA256 = hex.EncodeToString(hash.Sum(nil))
			return have, s.end(plain, have)
		}
		if kind != kindRecords {
			return have, s.Damaged(errors.New("it holds no records"))
		}
		hash.Write(plain)
		have.Bytes += uint64(len(plain))
		for rest := plain; len(rest) > 0; have.Records++ {
			key, value, tail, ok := cut(rest)
			if !ok || have.Records > 0 && bytes.Compare(key, last) <= 0 {
				return have, s.Damaged(fmt.Errorf("record %d is cut off or out of order", have.Records))
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
		return s.Damaged(fmt.Errorf("the sum is unreadable: %w", err))
	}
	if have != want {
		return s.Damaged(fmt.Errorf("there are %d records of %d bytes (%s), and there should be %d of %d (%s)",
			have.Records, have.Bytes, have.SHA256, want.Records, want.Bytes, want.SHA256))
	}
	return s.End()
}
