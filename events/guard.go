package events

import (
	"fmt"
	"unicode/utf8"
)

// guard makes the checks that a JSON reader makes late or not at all, over the
// bare bytes and before anything is built from them: UTF-8, the nesting, and
// nulls inside data. depth is the nesting that b already stands in.
//
// A null in data is refused because it is a third thing besides a value and no
// value, and sources differ in what they mean by it. At the top level it means
// "absent", as CloudEvents says.
func guard(b []byte, depth int) *DecodeError {
	if !utf8.Valid(b) {
		return refuse(ReasonNotUTF8, fmt.Sprintf("byte %d", firstInvalid(b)), "this byte is not UTF-8")
	}
	null := -1
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
		case '{', '[':
			if depth++; depth > MaxDepth {
				return refuse(ReasonTooDeep, fmt.Sprintf("byte %d", i), "nested deeper than %d", MaxDepth)
			}
		case '}', ']':
			depth--
		case 'n':
			if null < 0 && depth > 1 {
				null = i
			}
		}
	}
	if null >= 0 {
		return refuse(ReasonBadData, fmt.Sprintf("byte %d", null), "null is no value: leave the member out")
	}
	return nil
}

// tooDeep is the index of the bracket that nests deeper than is allowed, -1 where
// none does.
func tooDeep(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
		case '{', '[':
			if depth++; depth > MaxDepth {
				return i
			}
		case '}', ']':
			depth--
		}
	}
	return -1
}

// stringEnd is the index of the quote that ends the string which begins at i,
// or the last index where none does.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(b) - 1
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(b)
}
