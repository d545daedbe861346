package correlator

import (
	"slices"
	"strings"
)

// memState is the state as a plain map: slow, and nothing to get wrong.
type memState map[string]string

func (m memState) Get(key []byte) []byte {
	v, ok := m[string(key)]
	if !ok {
		return nil
	}
	return append([]byte{}, v...)
}

func (m memState) Put(key, value []byte) { m[string(key)] = string(value) }
func (m memState) Delete(key []byte)     { delete(m, string(key)) }

func (m memState) Scan(prefix, from []byte, fn func(key, value []byte) bool) {
	var keys []string
	for k := range m {
		if strings.HasPrefix(k, string(prefix)) && k >= string(from) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		if !fn([]byte(k), []byte(m[k])) {
			return
		}
	}
}
