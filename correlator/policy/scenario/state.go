package scenario

import (
	"strings"

	"github.com/tidwall/btree"

	"github.com/overstay/overstay/correlator"
)

// memory is a state that lives as long as the scenario is played.
type memory struct{ records btree.Map[string, []byte] }

var _ correlator.State = (*memory)(nil)

// Get implements correlator.State.
func (m *memory) Get(key []byte) []byte {
	v, _ := m.records.Get(string(key))
	return v
}

// Put implements correlator.State.
func (m *memory) Put(key, value []byte) { m.records.Set(string(key), value) }

// Delete implements correlator.State.
func (m *memory) Delete(key []byte) { m.records.Delete(string(key)) }

// Scan implements correlator.State.
func (m *memory) Scan(prefix, from []byte, fn func(key, value []byte) bool) {
	p := string(prefix)
	m.records.Ascend(max(p, string(from)), func(k string, v []byte) bool {
		return strings.HasPrefix(k, p) && fn([]byte(k), v)
	})
}
