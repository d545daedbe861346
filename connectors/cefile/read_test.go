package cefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

func fixture(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/events.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// hear reads and notes, for each line, what it gave.
func hear(rd Reader, r io.Reader) (heard []string, err error) {
	err = rd.Read(context.Background(), r, func(place string, ev events.Event, err error) error {
		row := place + " " + ev.ID
		if err != nil {
			row = place + " ! " + err.Error()
		}
		heard = append(heard, row)
		return nil
	})
	return heard, err
}

// TestEveryLineGivesAnEventOrItsReason: three good lines, and each bad one told
// with its place and without what it held.
func TestEveryLineGivesAnEventOrItsReason(t *testing.T) {
	heard, err := hear(Reader{Name: "events.jsonl"}, bytes.NewReader(fixture(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"events.jsonl:1 1",
		"events.jsonl:2 2",
		"events.jsonl:4 ! bad-attribute at /subject: subject is required for session.started",
		"events.jsonl:5 ! bad-json at ",
		"events.jsonl:6 ",
		"events.jsonl:7 ! unknown-type at /type",
		"events.jsonl:8 6",
	}
	if len(heard) != len(want) {
		t.Fatalf("heard %q", heard)
	}
	for i := range want {
		if !strings.HasPrefix(heard[i], want[i]) || strings.Contains(heard[i], "s3cr3t") {
			t.Errorf("heard %q instead of %q", heard[i], want[i])
		}
	}
}

func gzipped(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, text []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(text, nil)
}

// TestEveryFormReadsTheSame: plain, compressed, in several members, byte by byte,
// with foreign line breaks or a byte order mark.
func TestEveryFormReadsTheSame(t *testing.T) {
	text := fixture(t)
	half := bytes.IndexByte(text, '\n') + 1
	want, err := hear(Reader{}, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	skippable := []byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'}
	for name, form := range map[string][]byte{
		"gzip":                       gzipped(t, text),
		"gzip, two members":          slices.Concat(gzipped(t, text[:half]), gzipped(t, text[half:])),
		"zstd":                       zstded(t, text),
		"zstd, two frames":           slices.Concat(zstded(t, text[:half]), zstded(t, text[half:])),
		"zstd, a skippable frame":    slices.Concat(skippable, zstded(t, text)),
		"no line break at the end":   bytes.TrimRight(text, "\n"),
		"line breaks of Windows":     bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
		"byte order mark":            slices.Concat(utf8BOM, text),
		"empty lines behind the end": append(slices.Clone(text), "\n\n  \n"...),
	} {
		for _, r := range []io.Reader{bytes.NewReader(form), iotest.OneByteReader(bytes.NewReader(form))} {
			got, err := hear(Reader{}, r)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v\n%q", name, err, got)
			}
		}
	}
}

func TestEmptyInput(t *testing.T) {
	for name, text := range map[string][]byte{"nothing": nil, "gzip of nothing": gzipped(t, nil), "a line break": []byte("\n")} {
		if heard, err := hear(Reader{}, bytes.NewReader(text)); err != nil || len(heard) > 0 {
			t.Errorf("%s: %v, %q", name, err, heard)
		}
	}
}

// TestLongLine: it is refused, and the next one is read.
func TestLongLine(t *testing.T) {
	good := strings.SplitAfter(string(fixture(t)), "\n")[0]
	limit := len(good) - 1
	for _, text := range []string{strings.Repeat("x", 300_000) + "\n" + good, strings.Repeat("x", limit+1) + "\r\n" + good} {
		heard, err := hear(Reader{Limits: Limits{Line: limit}}, strings.NewReader(text))
		if err != nil || len(heard) != 2 || !strings.Contains(heard[0], "-:1 ! line is too long") || heard[1] != "-:2 1" {
			t.Errorf("%v: %q", err, heard)
		}
	}
}

// TestDamagedInput: everything before the damage is told, a line cut in two by it
// is not, and a disk's error is not called damage.
func TestDamagedInput(t *testing.T) {
	first := strings.SplitAfter(string(fixture(t)), "\n")[0]
	text := []byte(strings.Repeat(first, 2000))
	for name, whole := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstded(t, text)} {
		heard, err := hear(Reader{}, bytes.NewReader(whole[:len(whole)-6]))
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s cut off: %v", name, err)
		}
		for _, row := range heard {
			if strings.Contains(row, "!") {
				t.Errorf("%s cut off: a half line was told: %s", name, row)
			}
		}
		broken := errors.New("the disk is gone")
		_, err = hear(Reader{}, io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
			t.Errorf("%s on a broken disk: %v", name, err)
		}
	}
}

// TestBomb: a small file that becomes a large one is stopped, by size and by ratio.
func TestBomb(t *testing.T) {
	line := append(bytes.Repeat([]byte(" "), 1<<16), '\n')
	text := bytes.Repeat(line, 400) // 25 MiB of blanks
	for name, limits := range map[string]Limits{
		"size":  {Decompressed: 1 << 20, Ratio: 1 << 40},
		"ratio": {},
	} {
		for form, bomb := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstded(t, text)} {
			if _, err := hear(Reader{Limits: limits}, bytes.NewReader(bomb)); !errors.Is(err, ErrTooMuch) {
				t.Errorf("%s, limited by %s: %v", form, name, err)
			}
		}
	}
}

// TestStops: the receiver's error and a cancelled context end the reading.
func TestStops(t *testing.T) {
	enough := errors.New("enough")
	lines := 0
	err := Read(t.Context(), bytes.NewReader(fixture(t)), func(string, events.Event, error) error {
		lines++
		return enough
	})
	if !errors.Is(err, enough) || lines != 1 {
		t.Errorf("after %d lines: %v", lines, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	lines = 0
	err = Read(ctx, bytes.NewReader(fixture(t)), func(string, events.Event, error) error {
		lines++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || lines != 1 {
		t.Errorf("after %d lines: %v", lines, err)
	}
}

// TestLinesAreCountedRight: whatever the lengths of the lines and of the reads, a
// line's place is its number in the text.
func TestLinesAreCountedRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 7, 64<<10 - 1, 64 << 10, 64<<10 + 1}), 0, 12).Draw(t, "lengths")
		limit := rapid.SampledFrom([]int{5, 64 << 10, 1 << 20}).Draw(t, "limit")
		var text strings.Builder
		var want []string
		for i, n := range lengths {
			text.WriteString(strings.Repeat("x", n) + "\n")
			switch {
			case n > limit:
				want = append(want, fmt.Sprintf("-:%d long", i+1))
			case n > 0:
				want = append(want, fmt.Sprintf("-:%d", i+1))
			}
		}
		var got []string
		err := Reader{Limits: Limits{Line: limit}}.Read(context.Background(), strings.NewReader(text.String()),
			func(place string, _ events.Event, err error) error {
				if errors.Is(err, ErrTooLong) {
					place += " long"
				}
				got = append(got, place)
				return nil
			})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v\ngot  %q\nwant %q", err, got, want)
		}
	})
}

// FuzzRead: no input makes the reader fail in another way than it says.
func FuzzRead(f *testing.F) {
	text := fixture(f)
	f.Add(text)
	f.Add(gzipped(f, text))
	f.Add(zstded(f, text))
	f.Fuzz(func(t *testing.T, input []byte) {
		rd := Reader{Limits: Limits{Line: 4 << 10, Decompressed: 1 << 20}}
		err := rd.Read(context.Background(), bytes.NewReader(input), func(place string, ev events.Event, err error) error {
			if err == nil {
				return ev.Validate()
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooMuch) {
			t.Fatal(err)
		}
	})
}
