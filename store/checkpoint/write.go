package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/sections"
)

// Write writes a snapshot under a header, whose format and position it fills in.
func Write(w io.Writer, h Header, snap store.Snapshot) (Info, error) {
	h.Format, h.Position = format, snap.Position()
	info := Info{Header: h}
	s, err := sections.NewWriter(w, "a checkpoint", 0, 0)
	if err != nil {
		return info, err
	}
	if err := s.Line(kindHeader, h); err != nil {
		return info, err
	}
	r := recorder{out: s, sum: sha256.New()}
	var failed error
	err = snap.Scan(nil, nil, func(key, value []byte) bool {
		failed = r.add(key, value)
		return failed == nil
	})
	if err := errors.Join(err, failed); err != nil {
		return info, fmt.Errorf("copy the state into a checkpoint: %w", err)
	}
	if err := r.flush(); err != nil {
		return info, err
	}
	info.Sum = Sum{Records: r.records, Bytes: r.bytes, SHA256: hex.EncodeToString(r.sum.Sum(nil))}
	return info, s.Line(kindSum, info.Sum)
}

// recorder gathers records into sections.
type recorder struct {
	out     *sections.Writer
	plain   []byte
	sum     hash.Hash
	records uint64
	bytes   uint64
}

func (r *recorder) add(key, value []byte) error {
	if string(key) == Incomplete {
		return errors.New("the state is itself half of a copy")
	}
	if len(key) > maxRecorded || len(value) > maxRecorded {
		return fmt.Errorf("a record has %d and %d bytes", len(key), len(value))
	}
	r.plain = binary.AppendUvarint(r.plain, uint64(len(key)))
	r.plain = append(r.plain, key...)
	r.plain = binary.AppendUvarint(r.plain, uint64(len(value)))
	r.plain = append(r.plain, value...)
	r.records++
	if len(r.plain) < sectionBytes {
		return nil
	}
	return r.flush()
}

func (r *recorder) flush() error {
	if len(r.plain) == 0 {
		return nil
	}
	r.sum.Write(r.plain)
	r.bytes += uint64(len(r.plain))
	err := r.out.Write(kindRecords, r.plain)
	r.plain = r.plain[:0]
	return err
}
