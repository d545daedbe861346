package engine

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
)

// Comparison is in what two states differ. What is not derived is left out: what
// has been published and is kept yet, and what was seen around the state, depend on
// when, and not on the log.
type Comparison struct {
	Same  bool             `json:"same"`
	Kinds []KindComparison `json:"kinds"`
	// First are the first differences in the order of the keys, at most so many.
	First []Difference `json:"first"`
}

// KindComparison counts the records of one kind.
type KindComparison struct {
	Kind    string `json:"kind"`
	Same    int    `json:"same"`
	Changed int    `json:"changed"`
	Missing int    `json:"missing"` // in the first, and not in the second
	Extra   int    `json:"extra"`   // in the second, and not in the first
}

// Difference is one record in which the states differ.
type Difference struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
	How  string `json:"how"` // "changed", "missing" or "extra"
}

const firstDifferences = 10

// Compare walks two states side by side.
func Compare(a, b store.Snapshot) (Comparison, error) {
	c := comparer{kinds: map[string]*KindComparison{}}
	var failed error
	nextA, stopA := iter.Pull2(records(a, &failed))
	defer stopA()
	nextB, stopB := iter.Pull2(records(b, &failed))
	defer stopB()
	keyA, valueA, inA := nextA()
	keyB, valueB, inB := nextB()
	for inA || inB {
		order := strings.Compare(keyA, keyB)
		switch {
		case !inB || inA && order < 0:
			c.count(keyA, "missing")
			keyA, valueA, inA = nextA()
		case !inA || order > 0:
			c.count(keyB, "extra")
			keyB, valueB, inB = nextB()
		default:
			if bytes.Equal(valueA, valueB) {
				c.count(keyA, "same")
			} else {
				c.count(keyA, "changed")
			}
			keyA, valueA, inA = nextA()
			keyB, valueB, inB = nextB()
		}
	}
	return c.result(), failed
}

// records iterates over copies of everything that was derived.
func records(s store.Snapshot, failed *error) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		err := s.Scan(nil, nil, func(k, v []byte) bool {
			return !derived(k) || yield(string(k), bytes.Clone(v))
		})
		*failed = errors.Join(*failed, err)
	}
}

// derived tells what follows from the log from what an engine notes for itself.
func derived(key []byte) bool {
	return !bytes.HasPrefix(key, []byte(keyOutbox)) && !slices.Contains([]string{keyMark, keyStock, keyEnd, keyQuiet, keyRestored}, string(key))
}

type comparer struct {
	kinds map[string]*KindComparison
	first []Difference
}

func (c *comparer) count(key, how string) {
	kind, text := "the engine's own", strings.TrimPrefix(key, "!")
	if text == key {
		kind, text = correlator.DescribeKey([]byte(key))
	}
	k := c.kinds[kind]
	if k == nil {
		k = &KindComparison{Kind: kind}
		c.kinds[kind] = k
	}
	switch how {
	case "same":
		k.Same++
		return
	case "changed":
		k.Changed++
	case "missing":
		k.Missing++
	case "extra":
		k.Extra++
	}
	if len(c.first) < firstDifferences {
		c.first = append(c.first, Difference{kind, text, how})
	}
}

func (c *comparer) result() Comparison {
	out := Comparison{Same: len(c.first) == 0, Kinds: []KindComparison{}, First: append([]Difference{}, c.first...)}
	for _, k := range c.kinds {
		out.Kinds = append(out.Kinds, *k)
	}
	slices.SortFunc(out.Kinds, func(a, b KindComparison) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}
