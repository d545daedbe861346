package strictyaml

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// MaxString bounds a string, in bytes, where no shorter bound is given.
const MaxString = 4 << 10

// Check looks at a string and says what is wrong with it ("" for nothing), and
// what to do about that.
type Check func(s string) (message, hint string)

// String reads a string that is not empty and passes the checks.
func String[T ~string](into *T, checks ...Check) Reader {
	return line(into, append([]Check{notEmpty}, checks...))
}

// line reads a string of one line that passes the checks.
func line[T ~string](into *T, checks []Check) Reader {
	return Func(func(v Value) {
		s, ok := v.Text()
		if !ok || !v.passes(s, append([]Check{oneLiner}, checks...)) {
			return
		}
		*into = T(s)
	})
}

func notEmpty(s string) (string, string) {
	if s == "" {
		return "is empty", "give it a value or remove the key"
	}
	return "", ""
}

func oneLiner(s string) (string, string) {
	switch {
	case len(s) > MaxString:
		return fmt.Sprintf("has %d bytes, more than %d", len(s), MaxString), ""
	case strings.Contains(s, "\n"):
		return "has more than one line", ""
	}
	return "", ""
}

func (v Value) passes(s string, checks []Check) bool {
	for _, check := range checks {
		if message, hint := check(s); message != "" {
			v.Report(hint, "%s", message)
			return false
		}
	}
	return true
}

// Strings reads a list of different strings.
func Strings[T ~string](into *[]T, checks ...Check) Reader {
	return lines(into, append([]Check{notEmpty}, checks...))
}

// StringsOrEmpty is Strings where the empty string, written as "", is one like the
// others.
func StringsOrEmpty[T ~string](into *[]T, checks ...Check) Reader { return lines(into, checks) }

func lines[T ~string](into *[]T, checks []Check) Reader {
	return Func(func(v Value) {
		seen := map[T]bool{}
		List(into, func(t *T) Reader {
			return Func(func(e Value) {
				before := len(e.doc.problems)
				line(t, checks).read(e)
				if len(e.doc.problems) > before {
					return
				}
				if seen[*t] {
					e.Report("", "%q comes twice in the list", string(*t))
				}
				seen[*t] = true
			})
		}).read(v)
	})
}

// Word reads one of a few words.
func Word[T ~string](into *T, words ...T) Reader {
	known := make([]string, len(words))
	for i, w := range words {
		known[i] = string(w)
	}
	return Func(func(v Value) {
		s, ok := v.Text()
		if !ok {
			return
		}
		for _, w := range words {
			if string(w) == s {
				*into = w
				return
			}
		}
		v.Report(Nearest(s, known), "is %q, not one of %s", s, strings.Join(known, ", "))
	})
}

// Bool reads true or false, and nothing that only looks like it.
func Bool(into *bool) Reader {
	return Func(func(v Value) {
		b, ok := v.node.(*ast.BoolNode)
		if !ok {
			v.Report("write true or false", "is %s, not true or false", v.kind())
			return
		}
		*into = b.Value
	})
}

// BoolSet reads true or false into a pointer, for fields that tell "not stated".
func BoolSet(into **bool) Reader {
	return Func(func(v Value) {
		if _, ok := v.node.(*ast.BoolNode); ok {
			*into = new(bool)
			Bool(*into).read(v)
			return
		}
		Bool(new(bool)).read(v)
	})
}

// Int reads a whole number within bounds.
func Int(into *int, least, most int) Reader {
	return Func(func(v Value) {
		if _, ok := v.node.(*ast.IntegerNode); !ok {
			v.wrongType("a whole number")
			return
		}
		text, _ := v.scalar()
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			v.Report("", "is %s, not between %d and %d", text, least, most)
			return
		}
		*into = n
	})
}

// Share reads a number between 0 and 1.
func Share(into *float64) Reader {
	return Func(func(v Value) {
		switch v.node.(type) {
		case *ast.IntegerNode, *ast.FloatNode:
		default:
			v.wrongType("a number")
			return
		}
		text, _ := v.scalar()
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || !(f >= 0 && f <= 1) {
			v.Report("", "is %s, not between 0 and 1", text)
			return
		}
		*into = f
	})
}

// Duration reads "90s", "1h30m" or, in whole days, "90d", within bounds.
func Duration(into *time.Duration, least, most time.Duration) Reader {
	return Func(func(v Value) {
		text, ok := v.scalar()
		if !ok {
			v.wrongType("a duration")
			return
		}
		d, err := ParseDuration(text)
		switch {
		case err != nil:
			v.Report(`write a number and its unit, such as "90s", "15m" or "30d"`, "is %q, which is not a duration", text)
		case d < least || d > most:
			v.Report("", "is %s, not between %s and %s", text, Days(least), Days(most))
		default:
			*into = d
		}
	})
}

const day = 24 * time.Hour

// ParseDuration is time.ParseDuration with whole days besides.
func ParseDuration(s string) (time.Duration, error) {
	if digits, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || n > math.MaxInt64/uint64(day) {
			return 0, fmt.Errorf("%q is not a number of days", s)
		}
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("read duration: %w", err)
	}
	return d, nil
}

// Days writes a duration the way ParseDuration reads it, in days where it is so.
func Days(d time.Duration) string {
	switch {
	case d == 0:
		return "0s"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// units of Size, longest suffix first.
var units = []struct {
	suffix string
	bytes  int64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// Size reads a number of bytes, "64MiB", within bounds.
func Size(into *int64, least, most int64) Reader {
	return Func(func(v Value) {
		text, ok := v.scalar()
		if !ok {
			v.wrongType("a size")
			return
		}
		n, ok := ParseBytes(text)
		switch {
		case !ok:
			v.Report(`write a whole number and its unit, such as "64KiB" or "10GiB"`, "is %q, which is not a size", text)
		case n < least || n > most:
			v.Report("", "is %s, not between %s and %s", text, Bytes(least), Bytes(most))
		default:
			*into = n
		}
	})
}

// ParseBytes reads what Bytes writes: a whole number and its unit.
func ParseBytes(s string) (int64, bool) {
	for _, u := range units {
		if digits, ok := strings.CutSuffix(s, u.suffix); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 63)
			if err != nil || int64(n) > math.MaxInt64/u.bytes {
				return 0, false
			}
			return int64(n) * u.bytes, true
		}
	}
	return 0, false
}

// Bytes writes a size in its largest whole unit.
func Bytes(n int64) string {
	for _, u := range units {
		if n >= u.bytes && n%u.bytes == 0 {
			return fmt.Sprintf("%d%s", n/u.bytes, u.suffix)
		}
	}
	return fmt.Sprintf("%dB", n)
}

// Instant reads an RFC 3339 time.
func Instant(into *time.Time) Reader {
	return Func(func(v Value) {
		s, ok := v.Text()
		if !ok {
			return
		}
		t, err := time.Parse(time.RFC3339, s)
		if err != nil || t.Year() < 1990 || t.Year() > 2200 {
			v.Report(`write it with its zone, such as "2026-01-31T00:00:00Z"`, "is %q, which is not a time between 1990 and 2200", s)
			return
		}
		*into = t.UTC()
	})
}
