package strictyaml

import (
	"fmt"
	"slices"
	"strings"
)

// DidYouMean is a hint naming the known word that is nearest to what was
// written, or the known words where none is near and they are few.
func DidYouMean(written string, known []string) string {
	if hint := Nearest(written, known); hint != "" {
		return hint
	}
	if len(known) == 0 || len(known) > 16 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	return "known: " + strings.Join(sorted, ", ")
}

// Nearest is DidYouMean for messages that list the known words themselves.
func Nearest(written string, known []string) string {
	if near, ok := nearest(written, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// nearest allows one slip in three characters, two at most: farther away, a
// suggestion misleads more than it helps.
func nearest(written string, known []string) (string, bool) {
	if len(written) > 64 {
		return "", false
	}
	best, least := "", min(2, len(written)/3)+1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := distance(strings.ToLower(written), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best, best != ""
}

// distance is the number of bytes to insert, delete, replace or swap with their
// neighbour.
func distance(a, b string) int {
	twoBack, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], twoBack[j-2]+1)
			}
		}
		twoBack, last, row = last, row, twoBack
	}
	return last[len(b)]
}
