package correlator

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
)

// The records that nearly every event reads or writes are kept compact: their fields in
// a fixed order, without names, numbers in as few bytes as they need, and a text that
// was written before as its number. One method says the order for both ways, so that
// what is read is what was written. There is one form of each record and no other: what
// is not exactly as it would be written is refused.

// coded is a record in the compact form.
type coded interface{ code(c *coder) }

// coder writes a record, or reads one.
type coder struct {
	reading bool
	out     []byte // what is written
	in      string // what is left to be read; the texts of a record are parts of it
	broken  bool   // it was not written so

	texts [maxTexts]string // the first ones, to be named by number
	known int
}

// maxTexts bounds the texts that can be named by number: who said it and in which event
// is most of what a record repeats, and stands near its beginning.
const maxTexts = 16

// write is a record's bytes. The coder can be used again.
func (c *coder) write(r coded) []byte {
	c.out, c.known = append(c.out[:0], compactVersion), 0
	r.code(c)
	return bytes.Clone(c.out)
}

// read fills an empty record, and reports whether the bytes are one.
func read(b []byte, r coded) bool {
	c := &coder{reading: true, in: string(b[1:])}
	r.code(c)
	return !c.broken && c.in == ""
}

// refuse stops reading.
func (c *coder) refuse() { c.broken, c.in = true, "" }

// word is a number without a sign.
func (c *coder) word(v uint64) uint64 {
	if !c.reading {
		c.out = binary.AppendUvarint(c.out, v)
		return v
	}
	v = 0
	for i := range min(len(c.in), binary.MaxVarintLen64) {
		b := c.in[i]
		if i == binary.MaxVarintLen64-1 && b > 1 {
			break // more than 64 bits
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b >= 0x80 {
			continue
		}
		if b == 0 && i > 0 {
			break // it could be shorter
		}
		c.in = c.in[i+1:]
		return v
	}
	c.refuse()
	return 0
}

// natural is a number that is never below 0.
func natural(v *uint64, c *coder) { *v = c.word(*v) }

// number is one that may be: those near 0 are short.
func number[T ~int | ~int64](v *T, c *coder) {
	n := int64(*v)
	w := c.word(uint64(n)<<1 ^ uint64(n>>63))
	*v = T(int64(w>>1) ^ -int64(w&1))
}

func flag(v *bool, c *coder) {
	var w uint64
	if *v {
		w = 1
	}
	if w = c.word(w); w > 1 {
		c.refuse()
	}
	*v = w == 1
}

// text is 2n and n bytes, or 2i+1 where it is the i-th of the record.
func text[T ~string](v *T, c *coder) {
	texts := c.texts[:c.known]
	if !c.reading {
		s := string(*v)
		if i := slices.Index(texts, s); i >= 0 {
			c.word(uint64(i)<<1 | 1)
			return
		}
		c.word(uint64(len(s)) << 1)
		c.out = append(c.out, s...)
		c.learn(s)
		return
	}
	w := c.word(0)
	n := w >> 1
	switch {
	case w&1 == 1 && n < uint64(len(texts)):
		*v = T(texts[n])
	case w&1 == 0 && n <= uint64(len(c.in)) && !slices.Contains(texts, c.in[:n]):
		s := c.in[:n]
		c.in = c.in[n:]
		c.learn(s)
		*v = T(s)
	default:
		c.refuse()
	}
}

// learn gives a text its number; the empty one is shorter without.
func (c *coder) learn(s string) {
	if s != "" && c.known < maxTexts {
		c.texts[c.known] = s
		c.known++
	}
}

// count is how many follow, each of at least a byte.
func (c *coder) count(n int) int {
	w := c.word(uint64(n))
	if c.reading && w > uint64(len(c.in)) {
		c.refuse()
		return 0
	}
	return int(w)
}

// list is how many there are, and each; an empty one is read as nil.
func list[T any](v *[]T, c *coder, each func(*T, *coder)) {
	n := c.count(len(*v))
	if c.reading && n > 0 {
		*v = make([]T, n)
	}
	for i := range n {
		if each(&(*v)[i], c); c.broken {
			return
		}
	}
}

// table is a list in the order of its keys; an empty one is read as nil.
func table[K ~string, V any](v *map[K]V, c *coder, each func(*V, *coder)) {
	n := c.count(len(*v))
	if !c.reading {
		for _, k := range slices.Sorted(maps.Keys(*v)) {
			e := (*v)[k]
			text(&k, c)
			each(&e, c)
		}
		return
	}
	if n == 0 {
		return
	}
	*v = make(map[K]V, n)
	var before K
	for i := range n {
		var k K
		var e V
		if text(&k, c); i > 0 && k <= before {
			c.refuse()
		}
		if each(&e, c); c.broken {
			return
		}
		(*v)[k], before = e, k
	}
}

// maybe is whether there is one, and it.
func maybe[T any](v **T, c *coder, each func(*T, *coder)) {
	there := *v != nil
	if flag(&there, c); !there {
		return
	}
	if c.reading {
		*v = new(T)
	}
	each(*v, c)
}
