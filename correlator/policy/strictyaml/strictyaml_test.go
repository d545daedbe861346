package strictyaml

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func read(text string, r Reader) []string {
	var lines []string
	for _, p := range (Source{File: "f", Text: []byte(text)}).Read(r) {
		lines = append(lines, p.String())
	}
	return lines
}

func TestScalars(t *testing.T) {
	var d time.Duration
	var n int
	var size int64
	var share float64
	var on bool
	fields := Object(Fields{
		"duration": Duration(&d, 0, 400*day),
		"int":      Int(&n, -10, 10),
		"size":     Size(&size, 0, 1<<40),
		"share":    Share(&share),
		"bool":     Bool(&on),
	})
	for text, want := range map[string]any{
		"duration: 90s": 90 * time.Second, "duration: 1h30m": 90 * time.Minute, "duration: 90d": 90 * day, "duration: 0s": time.Duration(0),
		"int: -10": -10, "int: 7": 7, "size: 64MiB": int64(64 << 20), "size: 1 KiB": int64(1024), "size: 0B": int64(0),
		"share: 0.25": 0.25, "share: 1": 1.0, "bool: true": true,
	} {
		d, n, size, share, on = -1, -1, -1, -1, false
		if problems := read(text, fields); problems != nil {
			t.Errorf("%s: %q", text, problems)
		}
		got := map[string]any{"duration": d, "int": n, "size": size, "share": share, "bool": on}
		key, _, _ := strings.Cut(text, ":")
		if !reflect.DeepEqual(got[key], want) {
			t.Errorf("%s gives %v, want %v", text, got[key], want)
		}
	}
	for _, text := range []string{
		"duration: 1w", "duration: -1d", "duration: 9999999999d", "duration: 401d", "duration: [1s]",
		"int: 11", "int: 1.5", "int: 0x10000000000000000", "int: '7'", "size: 1KB", "size: -1KiB", "size: 9999999TiB", "size: 2TiB",
		"share: 1.1", "share: -0.1", "share: .nan", "share: '1'", "bool: yes", "bool: 1", "bool:",
	} {
		if problems := read(text, fields); len(problems) != 1 {
			t.Errorf("%s: problems %q, want one", text, problems)
		}
	}
}

// Durations and sizes are shown to people as they may be written.
func TestWhatIsShownCanBeWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(1000*day)).Draw(t, "d"))
		if got, err := ParseDuration(Days(d)); err != nil || got != d {
			t.Fatalf("%d is shown as %s, which is %d, %v", d, Days(d), got, err)
		}
		n := rapid.Int64Range(0, 1<<62).Draw(t, "n")
		if got, ok := ParseBytes(Bytes(n)); !ok || got != n {
			t.Fatalf("%d is shown as %s, which is %d", n, Bytes(n), got)
		}
	})
}

// Keys lists what a table reads, through lists, maps and choices.
func TestKeys(t *testing.T) {
	var a []string
	var kind string
	r := Object(Fields{
		"list": List(&a, func(*string) Reader { return Object(Fields{"x": Bool(new(bool))}) }),
		"map":  Map(func(string, Value) Reader { return Object(Fields{"y": Bool(new(bool))}) }),
		"kind": Choice("type", &kind, map[string]Fields{"a": {"z": Bool(new(bool))}, "b": {}}),
	})
	want := []string{"kind", "kind.type", "kind.z", "list", "list[].x", "map", "map.*.y"}
	if got := r.Keys(); !reflect.DeepEqual(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
}

// A problem is one line, whatever the file holds.
func TestAProblemIsOneLine(t *testing.T) {
	for _, text := range []string{`"a\nb": 1`, `"a\u0085b": 1`, "a: \"x\\ny\"", `"\u001b[2J": 1`} {
		for _, line := range read(text, Object(Fields{"a": Word(new(string), "w")})) {
			if strings.ContainsFunc(line, func(r rune) bool { return r < 0x20 || (0x7f <= r && r < 0xa0) }) {
				t.Errorf("%q", line)
			}
		}
	}
}

// marks reports every string, so that a test sees which places are told.
func marks() Reader {
	var item Reader
	item = Map(func(string, Value) Reader {
		return Func(func(v Value) {
			switch {
			case v.IsMapping():
				item.Read(v)
			case len(v.Elements()) > 0:
				v.Items(func(_ int, e Value) { e.Report("", "here") })
			default:
				v.Report("", "here")
			}
		})
	})
	return item
}

// drawDocument draws nested mappings with comments, blank lines and text in other
// scripts, in which every value is "@", and says where the @ are.
func drawDocument(t *rapid.T) (text string, places []string) {
	var b strings.Builder
	line := 1
	end := func(s string) { b.WriteString(s + "\n"); line++ }
	var block func(indent int, path string)
	block = func(indent int, path string) {
		pad := strings.Repeat(" ", indent)
		for i := range rapid.IntRange(1, 4).Draw(t, "keys") {
			key := rapid.SampledFrom([]string{"k", "käse", "鍵", "'q'"}).Draw(t, "key")
			name := fmt.Sprintf("%s%d", strings.Trim(key, "'"), i)
			key = strings.Replace(key, strings.Trim(key, "'"), name, 1)
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				end(pad + "# @ comment")
			case 1:
				end("")
			case 2:
				if indent < 8 {
					end(pad + key + ":")
					block(indent+rapid.IntRange(1, 4).Draw(t, "indent"), path+name+".")
					continue
				}
			case 3:
				end(pad + key + ": {a: '@', b: @b}")
				col := len([]rune(pad + key + ": {a: "))
				places = append(places, fmt.Sprintf("f:%d:%d: %s%s.a: here", line-1, col+1, path, name), fmt.Sprintf("f:%d:%d: %s%s.b: here", line-1, col+len("'@', b: ")+1, path, name))
				continue
			}
			end(pad + key + ": @")
			places = append(places, fmt.Sprintf("f:%d:%d: %s%s: here", line-1, len([]rune(pad+key+": "))+1, path, name))
		}
	}
	block(0, "")
	return strings.ReplaceAll(b.String(), "@", "x"), places
}

func TestPlacesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, want := drawDocument(t)
		if got := read(text, marks()); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\ngot  %q\nwant %q", text, got, want)
		}
	})
}

// A section read by itself tells the places of the whole file, and its text is
// the one that would stand in a file of its own.
func TestSectionsTellThePlacesOfTheFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inner, places := drawDocument(t)
		indent := rapid.IntRange(1, 4).Draw(t, "indent")
		before := rapid.SampledFrom([]string{"", "a: 1\n", "# c\n\na: [1,\n  2]\n"}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", "b: 2\n", "# of b\nb: 2\n", "\n# end\n"}).Draw(t, "after")
		var shifted strings.Builder
		for line := range strings.Lines(inner) {
			if strings.TrimSpace(line) != "" {
				line = strings.Repeat(" ", indent) + line
			}
			shifted.WriteString(line)
		}
		text := before + "section:\n" + shifted.String() + after
		var section Source
		var got []string
		read(text, Object(Fields{"a": Func(func(Value) {}), "b": Func(func(Value) {}), "section": Func(func(v Value) {
			section, _ = v.Section()
			section.Path = ""
			for _, p := range section.Read(marks()) {
				got = append(got, p.String())
			}
		})}))
		var want []string
		for _, p := range places {
			var line, col int
			var rest string
			if _, err := fmt.Sscanf(p, "f:%d:%d: %s", &line, &col, &rest); err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprintf("f:%d:%d: %s here", line+strings.Count(before, "\n")+1, col+indent, rest))
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\ngot  %q\nwant %q", text, got, want)
		}
		if trim := func(s string) string { return strings.Trim(s, "\n") }; !strings.HasSuffix(trim(inner), trim(string(section.Text))) {
			t.Fatalf("%s\nthe section is\n%s", text, section.Text)
		}
	})
}

// A section in a list ends where the next element begins, however either is
// written.
func TestSectionsInAList(t *testing.T) {
	for text, want := range map[string][]string{
		"- s:\n    a: 1\n    # of a\n    b: 2\n# of the next\n- s: {c: 3}\n- s: {d: 4,\n      e: 5}\n": {"a: 1\n# of a\nb: 2\n", "{c: 3}", "{d: 4,\n      e: 5}"},
		"- s: {a: 1}": {"{a: 1}"},
	} {
		var got []string
		problems := read(text, Func(func(v Value) {
			v.Items(func(_ int, e Value) {
				e.Entries(func(_ string, _, value Value) {
					section, _ := value.Section()
					got = append(got, string(section.Text))
				})
			})
		}))
		for i := range got {
			got[i] = strings.TrimRight(strings.TrimLeft(got[i], " "), "\n")
		}
		for i := range want {
			want[i] = strings.TrimRight(want[i], "\n")
		}
		if !reflect.DeepEqual(got, want) || len(problems) > 0 {
			t.Errorf("%s\nhas the sections %q\nnot            %q, %v", text, got, want, problems)
		}
	}
}

func TestPlainScalars(t *testing.T) {
	text := "s: word\nq: \"1\"\ni: -7\nf: 1.5\nb: true\nx: 0x10\nn:\nl: [1]\n"
	got := map[string]any{}
	var wrong []string
	read(text, Func(func(v Value) {
		v.Entries(func(name string, _, value Value) {
			plain, ok := value.Plain()
			if !ok {
				wrong = append(wrong, name)
				return
			}
			got[name] = plain
		})
	}))
	want := map[string]any{"s": "word", "q": "1", "i": int64(-7), "f": 1.5, "b": true}
	if !reflect.DeepEqual(got, want) || strings.Join(wrong, "") != "xnl" {
		t.Errorf("got %v and %v", got, wrong)
	}
}

func TestACarriageReturnAloneIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\r\nb: 2\r\n": "", "a: 1\n# \rb: 2\n": "f:2:3: a carriage return stands alone (end lines with a line feed)",
		"a: 1\r": "f:1:5: a carriage return stands alone (end lines with a line feed)",
	} {
		if got := strings.Join(read(text, Func(func(Value) {})), "\n"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPlacesAreThoseOfTheLinesHoweverTheyEnd(t *testing.T) {
	text := "# c\na: # c\n  - 1\n\n# c\nb: |\n  x\n  y\nc: here\n"
	at := func(text string) (line int) {
		read(text, Func(func(v Value) {
			c, _ := v.Key("c")
			line = c.Line()
		}))
		return line
	}
	if lf, crlf := at(text), at(strings.ReplaceAll(text, "\n", "\r\n")); lf != 9 || crlf != 9 {
		t.Errorf("line 9 is line %d, and %d where lines end in a carriage return", lf, crlf)
	}
}

// TestProblemsAreListedWithinBounds: a wrong file does not fill a terminal; how many
// there are is said.
func TestProblemsAreListedWithinBounds(t *testing.T) {
	for n, last := range map[int]string{
		49: "f:49:1: k49: is not a known key",
		50: "f:50:1: k50: is not a known key",
		51: "and 1 more",
		99: "and 49 more",
	} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "k%d: 1\n", i+1)
		}
		err := Source{File: "f", Text: []byte(text.String())}.Read(Object(Fields{})).Err()
		if err == nil {
			t.Fatal("they are no problem")
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != min(n, 51) || lines[len(lines)-1] != last {
			t.Errorf("of %d there are %d lines, and the last is %q", n, len(lines), lines[len(lines)-1])
		}
	}
}

// TestSyntaxErrorsSayWhatToDo: each that a person is likely to make, in the parser's
// words or, where those cannot be seen, in ours; and every other.
func TestSyntaxErrorsSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"rules:\n\tOV-003: on\n":            `f:2:1: a tab stands where YAML reads only spaces (indent with spaces)`,
		"watch:\n  - {a: b}\n sources: c\n": `f:3:2: value is not allowed in this context (indent the keys of one mapping alike, and close no more brackets than are open)`,
		"a:\n  b: 1\n   c: 2\n":             `f:2:6: mapping value is not allowed in this context (put text that holds ": " in quotes, begin a mapping on a line of its own, and indent its keys alike)`,
		"watch: [{system: a}\n":             `f:1:8: sequence end token ']' not found (close the list with "]")`,
		"watch:\n  - {system: a\n":          `f:2:5: could not find flow mapping end token '}' (close the braces with "}")`,
		"watch: [{a: b} {c: d}]\n":          `f:1:16: ',' or ']' must be specified (put "," between the elements, or close the list with "]")`,
		"grace: session: 60s\n":             `f:1:8: mapping value is not allowed in this context (put text that holds ": " in quotes, begin a mapping on a line of its own, and indent its keys alike)`,
		"watch:\n  - {system: \"a}\n":       `f:2:14: could not find end character of double-quoted text (end the text with the quote that it begins with)`,
		"a: 1\nb 2\n":                       `f:2:1: non-map value is specified (write each entry of a mapping as "key: value", indented alike)`,
		"a b\nc: 1\n":                       `f:1:1: unexpected key name (write each entry of a mapping as "key: value", on a line of its own)`,
	} {
		if got := read(text, Object(Fields{})); len(got) != 1 || got[0] != want {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
	}
	if _, hint := syntaxHint("words of a later version"); hint == "" {
		t.Error("an error that is not known has no hint")
	}
}
