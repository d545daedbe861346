package events

import (
	"crypto/sha256"
	"encoding/hex"
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

// Count is how many items were added.
func (s *SnapshotHash) Count() int { return s.count }

// Sum is the hex SHA-256 so far.
func (s *SnapshotHash) Sum() string { return hex.EncodeToString(s.h.Sum(nil)) }
