package tail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors/tail"
)

// writer is what writes and rotates a log. Its clock stamps the files, so that
// the order of rotations does not hang on the file system's clock.
type writer struct {
	t    testing.TB
	path string
	open *os.File
	at   string // where the open file is now
	gen  int
	now  time.Time
}

func newWriter(t testing.TB) *writer {
	t.Helper()
	return &writer{t: t, path: filepath.Join(t.TempDir(), "audit.log"), now: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
}

func (w *writer) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) write(text string) {
	w.t.Helper()
	if w.open == nil {
		f, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		w.must(err)
		w.open, w.at = f, w.path
		w.t.Cleanup(func() { _ = f.Close() })
	}
	_, err := w.open.WriteString(text)
	w.must(err)
	w.stamp(w.at)
}

func (w *writer) stamp(path string) {
	w.now = w.now.Add(time.Second)
	if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() {
		w.must(os.Chtimes(path, w.now, w.now))
	}
}

// rename moves the log away; the writer keeps the old file open until reopen.
func (w *writer) rename() string {
	w.t.Helper()
	w.gen++
	to := fmt.Sprintf("%s.%d", w.path, w.gen)
	w.must(os.Rename(w.path, to))
	w.at = to
	return to
}

func (w *writer) reopen() {
	w.must(w.open.Close())
	w.open = nil
	w.write("")
}

func (w *writer) copyTruncate() string {
	w.t.Helper()
	w.gen++
	to := fmt.Sprintf("%s.%d", w.path, w.gen)
	b, err := os.ReadFile(w.path)
	w.must(err)
	w.must(os.WriteFile(to, b, 0o600))
	w.stamp(to)
	w.must(os.Truncate(w.path, 0))
	w.stamp(w.path)
	return to
}

func open(t testing.TB, path string, from tail.Position) *tail.File {
	t.Helper()
	f, err := tail.Open(path, from, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// drain reads to the present end.
func drain(t testing.TB, f *tail.File) (lines []string, skips []tail.Skip) {
	t.Helper()
	for {
		got, skipped, atEnd, err := f.Read(3)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got {
			lines = append(lines, string(l.Text))
		}
		skips = append(skips, skipped...)
		if atEnd {
			return lines, skips
		}
	}
}

func want(t testing.TB, f *tail.File, lines ...string) {
	t.Helper()
	got, skips := drain(t, f)
	if !slices.Equal(got, lines) || len(skips) > 0 {
		t.Fatalf("read %q and skipped %v, want %q", got, skips, lines)
	}
}

func TestFileThatIsNotThereYet(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	want(t, f)
	w.write("a\n")
	want(t, f, "a")
}

func TestLastLineStillBeingWritten(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("a\nhal")
	want(t, f, "a")
	w.write("f\r\n")
	want(t, f, "half")
}

func TestRotationWhileTheWriterHoldsTheOldFile(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("a\n")
	want(t, f, "a")
	w.rename()
	w.write("b\n") // into the renamed file
	want(t, f, "b")
	w.must(os.WriteFile(w.path, nil, 0o600)) // logrotate's create, before the signal
	w.write("c\n")
	want(t, f, "c")
	w.write("d\n")
	w.reopen()
	w.write("e\n")
	want(t, f, "d", "e")
}

func TestSeveralRotationsBetweenTwoLooks(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("a\n")
	want(t, f, "a")
	w.write("b\n")
	for _, line := range []string{"c\n", "d\n", "e\n"} {
		w.rename()
		w.reopen()
		w.write(line)
	}
	want(t, f, "b", "c", "d", "e")
}

func TestCopyAndTruncate(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("a\n")
	want(t, f, "a")
	w.write("b\n") // not read before the cut: only the copy has it
	w.copyTruncate()
	w.write("c\nc\nc\n") // longer than what was cut off
	want(t, f, "b", "c", "c", "c")
}

func TestTruncatedWithoutCopyIsReported(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("first\nsecond\n")
	want(t, f, "first", "second")
	w.must(os.Truncate(w.path, 0))
	w.write("new\n")
	lines, skips := drain(t, f)
	if !slices.Equal(lines, []string{"new"}) {
		t.Errorf("read %q", lines)
	}
	if len(skips) != 1 || !errors.Is(skips[0].Err, tail.ErrLost) || skips[0].Place != w.path+":2" {
		t.Errorf("skips %v, want one ErrLost at line 2", skips)
	}
}

func TestRestartAfterRotation(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("a\nb\n")
	got, _, _, err := f.Read(1)
	w.must(err)
	text, err := json.Marshal(got[0].After) // as a connector stores it
	w.must(err)
	w.rename()
	w.reopen()
	w.write("c\n")
	var from tail.Position
	w.must(json.Unmarshal(text, &from))
	want(t, open(t, w.path, from), "b", "c")
}

func TestRestartWhenTheOldFileIsGone(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("a\nb\n")
	want(t, f, "a", "b")
	w.must(os.Remove(w.rename()))
	w.reopen()
	w.write("c\n")
	lines, skips := drain(t, open(t, w.path, f.Position()))
	if !slices.Equal(lines, []string{"c"}) || len(skips) != 1 || !errors.Is(skips[0].Err, tail.ErrLost) {
		t.Errorf("read %q, skips %v; want c and a report of the loss", lines, skips)
	}
}

func TestTooLongLineIsSkippedWithItsPlace(t *testing.T) {
	w := newWriter(t)
	f := open(t, w.path, tail.Position{})
	w.write("a\n" + strings.Repeat("x", tail.MaxLine) + "\n" + strings.Repeat("y", 3*tail.MaxLine) + "\nb\n")
	lines, skips := drain(t, f)
	if len(lines) != 3 || lines[0] != "a" || len(lines[1]) != tail.MaxLine || lines[2] != "b" {
		t.Errorf("read %d lines, want a, the longest allowed, b", len(lines))
	}
	if len(skips) != 1 || !errors.Is(skips[0].Err, tail.ErrTooLong) || skips[0].Place != w.path+":3" {
		t.Errorf("skips %v, want line 3", skips)
	}
}

func TestFollowerReadsSeveralFilesAndEnds(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	for path, text := range map[string]string{one: "a\nb", two: "c\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := tail.Follow(tail.Config{Paths: []string{one, two}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.Next(t.Context())
	if err != nil || !b.AtEnd || len(b.Lines) != 3 {
		t.Fatalf("batch %+v, error %v; want three lines and the end", b, err)
	}
	if _, err := f.Next(t.Context()); err != io.EOF {
		t.Fatalf("error %v, want io.EOF", err)
	}
	again, err := tail.Follow(tail.Config{Paths: []string{one, two}}, b.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := again.Next(t.Context()); err != nil || len(b.Lines) != 0 {
		t.Errorf("read again from the cursor: %v, %v", b.Lines, err)
	}
}

func TestFollowerWaitsBetweenPolls(t *testing.T) {
	w := newWriter(t)
	waits := 0
	stop := errors.New("stopped by the test")
	f, err := tail.Follow(tail.Config{Paths: []string{w.path}, Follow: true, Wait: func(_ context.Context, d time.Duration) error {
		if waits++; waits == 3 {
			return stop
		}
		w.write("line\n")
		return nil
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	for {
		b, err := f.Next(t.Context())
		if errors.Is(err, stop) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		lines += len(b.Lines)
	}
	if lines != 2 {
		t.Errorf("read %d lines, want the 2 written while it waited", lines)
	}
}
