package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/overstay/overstay/store"
)

// Write writes a snapshot under a header, whose format and position it fills in.
func Write(w io.Writer, h Header, snap store.Snapshot) (Info, error) {
	h.Format, h.Position = format, snap.Position()
	info := Info{Header: h}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
	if err != nil {
		return info, fmt.Errorf("prepare to pack a checkpoint: %w", err)
	}
	s := &sections{w: w, enc: enc}
	if err := s.line(kindHeader, h); err != nil {
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
	return info, s.line(kindSum, info.Sum)
}

// recorder gathers records into sections.
type recorder struct {
	out     *sections
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
	err := r.out.write(kindRecords, r.plain)
	r.plain = r.plain[:0]
	return err
}

// sections writes labelled frames.
type sections struct {
	w      io.Writer
	enc    *zstd.Encoder
	number uint32
	packed []byte
}

func (s *sections) line(kind byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write a line of a checkpoint: %w", err)
	}
	return s.write(kind, append(text, '\n'))
}

func (s *sections) write(kind byte, plain []byte) error {
	if len(plain) > maxPlain || s.number >= maxSections {
		return fmt.Errorf("section %d of a checkpoint would have %d bytes", s.number, len(plain))
	}
	s.packed = s.enc.EncodeAll(plain, s.packed[:0])
	l := label{kind: kind, number: s.number, packed: uint32(len(s.packed)), plain: uint32(len(plain)), crc: crc32.Checksum(s.packed, castagnoli)}
	s.number++
	for _, b := range [][]byte{l.encode(), s.packed} {
		if _, err := s.w.Write(b); err != nil {
			return fmt.Errorf("write section %d of a checkpoint: %w", l.number, err)
		}
	}
	return nil
}
