package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/store"
)

// behavesLikeAMap runs random programs on the store and on a map. The store is
// one for all programs; each begins by deleting what the last one left.
func behavesLikeAMap(t *testing.T, s store.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		wipe(rt, s)
		m := &model{store: s, keys: map[string]string{}}
		rt.Repeat(map[string]func(*rapid.T){
			"commit": m.commit,
			"get":    m.get,
			"scan":   m.scan,
			"":       m.position,
		})
	})
}

// key draws short keys of few letters, the edges of the byte among them, so that
// prefixes meet.
var key = rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 'a', 'b', 0xfe, 0xff}), 0, 4),
	func(b []byte) string { return string(b) })

type model struct {
	store store.Store
	keys  map[string]string
	at    store.Position
}

func wipe(t *rapid.T, s store.Store) {
	b := store.NewBatch()
	err := s.Scan(nil, nil, func(key, _ []byte) bool {
		b.Delete(key)
		return true
	})
	if err := errors.Join(err, s.Commit(b)); err != nil {
		t.Fatal(err)
	}
}

func (m *model) commit(t *rapid.T) {
	b := store.NewBatch()
	for range rapid.IntRange(0, 8).Draw(t, "ops") {
		k := key.Draw(t, "key")
		if rapid.Bool().Draw(t, "delete") {
			b.Delete([]byte(k))
			delete(m.keys, k)
			continue
		}
		v := rapid.StringN(0, 5, -1).Draw(t, "value")
		b.Put([]byte(k), []byte(v))
		m.keys[k] = v
	}
	m.at.Seq++
	b.Position = m.at
	if err := m.store.Commit(b); err != nil {
		t.Fatal(err)
	}
}

func (m *model) get(t *rapid.T) {
	k := key.Draw(t, "key")
	got, err := m.store.Get([]byte(k))
	want, there := m.keys[k]
	switch {
	case !there && !errors.Is(err, store.ErrNotFound):
		t.Fatalf("Get(%q) of a key that is not there returned %q, %v", k, got, err)
	case there && (err != nil || string(got) != want):
		t.Fatalf("Get(%q) returned %q, %v instead of %q", k, got, err, want)
	}
}

func (m *model) scan(t *rapid.T) {
	prefix, from := key.Draw(t, "prefix"), key.Draw(t, "from")
	stop := rapid.IntRange(1, 20).Draw(t, "stop")
	var got, want []string
	err := m.store.Scan([]byte(prefix), []byte(from), func(k, v []byte) bool {
		got = append(got, fmt.Sprintf("%q=%q", k, v))
		return len(got) < stop
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.SortedFunc(maps.Keys(m.keys), func(a, b string) int { return bytes.Compare([]byte(a), []byte(b)) }) {
		if strings.HasPrefix(k, prefix) && k >= from && len(want) < stop {
			want = append(want, fmt.Sprintf("%q=%q", k, m.keys[k]))
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("Scan(%q, %q) saw %v instead of %v", prefix, from, got, want)
	}
}

func (m *model) position(t *rapid.T) {
	if p, err := m.store.Position(); err != nil || m.at.Seq > 0 && p != m.at {
		t.Fatalf("Position is %+v, %v instead of %+v", p, err, m.at)
	}
}
