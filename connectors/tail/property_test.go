package tail_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/overstay/overstay/connectors/tail"
	"pgregory.net/rapid"
)

// Whatever a writer, a rotation, a reader and its restarts do in whatever order,
// each line is read once and in order.
func TestEveryLineOnceInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWriter(t)
		defer func() { w.must(os.RemoveAll(w.path)) }()
		f := open(t, w.path, tail.Position{})
		var written, got []string
		n := 0
		line := func() string { n++; return fmt.Sprintf("%06d a line of the log", n) }
		partial := ""
		read := func() {
			lines, skips := drain(t, f)
			if len(skips) > 0 {
				rt.Fatalf("skipped %v", skips)
			}
			got = append(got, lines...)
		}
		endLine := func() {
			if partial != "" {
				w.write(partial[5:] + "\n")
				written, partial = append(written, partial), ""
			}
		}
		w.write("the first line\n") // reading begins with what is there then
		written = append(written, "the first line")
		read()
		rt.Repeat(map[string]func(*rapid.T){
			"write": func(rt *rapid.T) {
				endLine()
				for range rapid.IntRange(1, 5).Draw(rt, "lines") {
					l := line()
					w.write(l + "\n")
					written = append(written, l)
				}
			},
			"write part of a line": func(*rapid.T) {
				endLine()
				partial = line()
				w.write(partial[:5])
			},
			"rotate": func(rt *rapid.T) {
				endLine()
				if len(written) == 0 {
					rt.Skip("nothing to rotate")
				}
				w.rename()
				if rapid.Bool().Draw(rt, "late writer") {
					l := line()
					w.write(l + "\n")
					written = append(written, l)
					read()
				}
				w.reopen()
				l := line()
				w.write(l + "\n")
				written = append(written, l)
			},
			"copy and truncate": func(rt *rapid.T) {
				endLine()
				// Two cuts between two looks, or a cut before the first byte
				// was seen, leave nothing by which to know the copy.
				for i := range 2 {
					l := line()
					w.write(l + "\n")
					written = append(written, l)
					if i == 0 {
						read()
					}
				}
				w.copyTruncate()
			},
			"read": func(*rapid.T) { read() },
			"restart": func(*rapid.T) {
				from := f.Position()
				w.must(f.Close())
				f = open(t, w.path, from)
			},
			"": func(rt *rapid.T) {
				if len(got) > len(written) || !slices.Equal(got, written[:len(got)]) {
					rt.Fatalf("read %q of %q", got, written)
				}
			},
		})
		endLine()
		read()
		if !slices.Equal(got, written) {
			rt.Fatalf("read %d lines %q, written %d %q", len(got), got, len(written), written)
		}
	})
}
