package correlator

import (
	"slices"
	"sort"
	"strings"
)

// sortedState is a state that is fast enough for a hundred thousand records, and
// counts what a step does to it.
type sortedState struct {
	values map[string]string
	keys   []string
	work   stateWork
}

// stateWork counts the operations on a state.
type stateWork struct{ gets, puts, deletes, scanned int }

func newSortedState() *sortedState { return &sortedState{values: map[string]string{}} }

func (s *sortedState) Get(key []byte) []byte {
	s.work.gets++
	if v, ok := s.values[string(key)]; ok {
		return []byte(v)
	}
	return nil
}

func (s *sortedState) Put(key, value []byte) {
	s.work.puts++
	k := string(key)
	if _, ok := s.values[k]; !ok {
		s.keys = slices.Insert(s.keys, sort.SearchStrings(s.keys, k), k)
	}
	s.values[k] = string(value)
}

func (s *sortedState) Delete(key []byte) {
	s.work.deletes++
	k := string(key)
	if _, ok := s.values[k]; ok {
		i := sort.SearchStrings(s.keys, k)
		s.keys = slices.Delete(s.keys, i, i+1)
		delete(s.values, k)
	}
}

func (s *sortedState) Scan(prefix, from []byte, fn func(key, value []byte) bool) {
	p := string(prefix)
	for i := sort.SearchStrings(s.keys, max(p, string(from))); i < len(s.keys) && strings.HasPrefix(s.keys[i], p); i++ {
		s.work.scanned++
		if !fn([]byte(s.keys[i]), []byte(s.values[s.keys[i]])) {
			return
		}
	}
}
