package teleport

import (
	"container/list"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// memory is a bounded map that forgets what it has not been told about for the
// longest time. Every entry also has a time after which it is of no more use.
// It is part of the cursor, so its order is part of its state: the same records
// make the same memory, restarts or not.
type memory[V any] struct {
	most  int
	byKey map[string]*list.Element
	order *list.List // of *memo[V], oldest first
}

type memo[V any] struct {
	Key   string    `json:"k"`
	Value V         `json:"v"`
	Until time.Time `json:"u"`
}

func newMemory[V any](most int) *memory[V] {
	return &memory[V]{most: most, byKey: map[string]*list.Element{}, order: list.New()}
}

func (m *memory[V]) get(key string) (V, bool) {
	if el, ok := m.byKey[key]; ok {
		return el.Value.(*memo[V]).Value, true
	}
	var none V
	return none, false
}

// put remembers value until the given time at least, unless it is crowded out.
func (m *memory[V]) put(key string, value V, until time.Time) {
	m.drop(key)
	m.byKey[key] = m.order.PushBack(&memo[V]{Key: key, Value: value, Until: until})
	if m.order.Len() > m.most {
		m.drop(m.order.Front().Value.(*memo[V]).Key)
	}
}

func (m *memory[V]) drop(key string) {
	if el, ok := m.byKey[key]; ok {
		m.order.Remove(el)
		delete(m.byKey, key)
	}
}

// sweep drops what is past its time.
func (m *memory[V]) sweep(now time.Time) {
	for el := m.order.Front(); el != nil; {
		next := el.Next()
		if entry := el.Value.(*memo[V]); entry.Until.Before(now) {
			m.drop(entry.Key)
		}
		el = next
	}
}

// MarshalJSON writes the entries in order.
func (m *memory[V]) MarshalJSON() ([]byte, error) {
	entries := make([]*memo[V], 0, m.order.Len())
	for el := m.order.Front(); el != nil; el = el.Next() {
		entries = append(entries, el.Value.(*memo[V]))
	}
	b, err := json.Marshal(entries)
	if err != nil {
		return nil, fmt.Errorf("write memory: %w", err)
	}
	return b, nil
}

// UnmarshalJSON reads what MarshalJSON wrote into a memory made by newMemory.
func (m *memory[V]) UnmarshalJSON(b []byte) error {
	var entries []memo[V]
	if err := json.Unmarshal(b, &entries); err != nil {
		return fmt.Errorf("read memory: %w", err)
	}
	for _, e := range entries {
		m.put(e.Key, e.Value, e.Until)
	}
	return nil
}
