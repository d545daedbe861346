package events

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
)

// SnapshotHash adds up the items of a snapshot, in order over all parts, so that
// a lost or altered part shows.
type SnapshotHash struct {
	h     hash.Hash
	count int
}

// NewSnapshotHash starts an empty one.
func NewSnapshotHash() *SnapshotHash { return &SnapshotHash{h: sha256.New()} }

// Add takes the next item.
func (s *SnapshotHash) Add(item SnapshotItem) {
	for _, part := range []string{item.ID, string(item.Subject), item.Scope.System, item.Scope.Resource,
		item.Scope.Role, item.Scope.Level, string(item.Path)} {
		s.h.Write([]byte(part))
		s.h.Write([]byte{0})
	}
	s.count++
}

// MarshalBinary gives how far it has come, for [SnapshotHash.UnmarshalBinary] to
// go on from.
func (s *SnapshotHash) MarshalBinary() ([]byte, error) {
	h, ok := s.h.(encoding.BinaryAppender)
	if !ok {
		return nil, fmt.Errorf("marshal snapshot hash: %T keeps its state to itself", s.h)
	}
	return h.AppendBinary(binary.BigEndian.AppendUint64(nil, uint64(s.count)))
}

// UnmarshalBinary goes on from where MarshalBinary was called.
func (s *SnapshotHash) UnmarshalBinary(b []byte) error {
	if len(b) < 8 {
		return fmt.Errorf("unmarshal snapshot hash: %d bytes", len(b))
	}
	fresh := sha256.New()
	h, ok := fresh.(encoding.BinaryUnmarshaler)
	if !ok {
		return fmt.Errorf("unmarshal snapshot hash: %T takes no state", fresh)
	}
	if err := h.UnmarshalBinary(b[8:]); err != nil {
		return fmt.Errorf("unmarshal snapshot hash: %w", err)
	}
	s.h, s.count = fresh, int(binary.BigEndian.Uint64(b))
	return nil
}

// Count is how many items were added.
func (s *SnapshotHash) Count() int { return s.count }

// Sum is the hex SHA-256 so far.
func (s *SnapshotHash) Sum() string { return hex.EncodeToString(s.h.Sum(nil)) }
