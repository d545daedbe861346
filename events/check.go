package events

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits on one event. They bound what a hostile or broken source can make the
// correlator hold; each is far above what the sources in docs/connectors emit.
const (
	MaxBody      = 256 << 10 // bytes of one structured CloudEvent
	MaxDepth     = 32        // nesting of its JSON
	MaxText      = 4 << 10   // bytes of one string
	MaxAliases   = 32
	MaxScopes    = 256
	MaxConsumers = 256
	MaxVotes     = 64
	MaxParents   = 16
	MaxRefs      = 32
	MaxItems     = 1000 // entries of one snapshot part
	MaxPolicy    = 192 << 10
)

// FieldError is one reason why a payload is refused, with the place.
type FieldError struct {
	Field  string // JSON path inside data, or a CloudEvents attribute
	Reason string
}

func (e FieldError) Error() string { return e.Field + " " + e.Reason }

// InvalidError lists everything that is wrong with an event, not only the first.
type InvalidError struct{ Fields []FieldError }

func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Error()
	}
	return strings.Join(parts, "; ")
}

// checker collects field errors. It keeps the way to the struct that is being
// checked and spells it only when something is wrong there, because nearly
// always nothing is.
type checker struct {
	errs []FieldError
	path []step
}

// step is one member on the way, and the index in it where that is a list.
type step struct {
	name  string
	index int // -1: not a list
}

// enter and leave enclose the checks of a member that is a struct.
func (c *checker) enter(name string) { c.path = append(c.path, step{name, -1}) }

// enterItem is enter for an entry of a list.
func (c *checker) enterItem(name string, i int) { c.path = append(c.path, step{name, i}) }

func (c *checker) leave() { c.path = c.path[:len(c.path)-1] }

func (c *checker) fail(field, format string, args ...any) {
	var b strings.Builder
	for _, s := range c.path {
		b.WriteString(s.name)
		if s.index >= 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
		}
		b.WriteByte('.')
	}
	b.WriteString(field)
	c.errs = append(c.errs, FieldError{b.String(), fmt.Sprintf(format, args...)})
}

func (c *checker) err() error {
	if len(c.errs) == 0 {
		return nil
	}
	return &InvalidError{c.errs}
}

// text checks an optional string.
func (c *checker) text(field, s string) {
	switch {
	case len(s) > MaxText:
		c.fail(field, "has %d bytes, more than %d", len(s), MaxText)
	case !utf8.ValidString(s):
		c.fail(field, "is not valid UTF-8")
	case strings.ContainsFunc(s, isControl):
		c.fail(field, "contains a control character or a Unicode noncharacter")
	}
}

func (c *checker) required(field, s string) {
	if s == "" {
		c.fail(field, "is required")
		return
	}
	c.text(field, s)
}

// check records an error of a rule that is shared with the decoder.
func (c *checker) check(field string, err error) {
	if err != nil {
		c.fail(field, "%v", err)
	}
}

// source checks the event's source. It must be spelt as a URI library would
// spell it again: two spellings of one source would be two sources, whose
// accesses never meet.
func (c *checker) source(s string) {
	c.required("source", s)
	if plainURI(s) {
		return
	}
	u, err := uriReference(s)
	c.check("source", err)
	if err == nil && u.String() != s {
		c.fail("source", "is not in normal form: write %q", u.String())
	}
}

// maxExact bounds counters: most JSON readers keep integers as doubles, and
// RFC 8785 does, so that a larger one would come out as another number.
const maxExact = 1<<53 - 1

func (c *checker) exact(field string, n uint64) {
	if n > maxExact {
		c.fail(field, "is %d, more than a JSON number can hold (%d)", n, uint64(maxExact))
	}
}

// noneIfEmpty makes an empty list nil: on the wire both are left out. One that is nil is
// left alone, so that an event that was validated can be encoded by many at once.
func noneIfEmpty[T any](list *[]T) {
	if *list != nil && len(*list) == 0 {
		*list = nil
	}
}

func (c *checker) id(field string, id ID) {
	if err := id.Validate(); err != nil {
		c.fail(field, "%v", err)
	}
}

func (c *checker) optionalID(field string, id ID) {
	if id != "" {
		c.id(field, id)
	}
}

func (c *checker) ids(field string, ids []ID, most int) {
	c.atMost(field, len(ids), most)
	for i, id := range ids {
		if id.Validate() != nil {
			c.id(fmt.Sprintf("%s[%d]", field, i), id)
		}
	}
}

func (c *checker) atMost(field string, n, most int) {
	if n > most {
		c.fail(field, "has %d entries, more than %d", n, most)
	}
}

// Years outside of which a time is taken for an encoding error (Go's zero time,
// an epoch in the wrong unit) and refused: a window that ends in 1601 or 9999
// would otherwise count as one.
const (
	minYear = 1990
	maxYear = 2200
)

func (c *checker) time(field string, t time.Time) {
	if t.IsZero() {
		return
	}
	if y := t.UTC().Year(); y < minYear || y > maxYear {
		c.fail(field, "is %s, outside of the years %d to %d; leave it out if it is not known", t.UTC().Format(time.RFC3339), minYear, maxYear)
	}
}

func (c *checker) requiredTime(field string, t time.Time) {
	if t.IsZero() {
		c.fail(field, "is required")
		return
	}
	c.time(field, t)
}

// enum checks that v is one of the allowed words. The empty word passes where
// the zero value has a documented meaning, which the caller lists as "".
func enum[T ~string](c *checker, field string, v T, allowed ...T) {
	if slices.Contains(allowed, v) {
		return
	}
	words := make([]string, 0, len(allowed))
	for _, a := range allowed {
		if a != "" {
			words = append(words, string(a))
		}
	}
	c.fail(field, "is %.60q, not one of %s", string(v), strings.Join(words, ", "))
}
