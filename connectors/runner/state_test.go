package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

func TestLostPlaceRaisesTheEpoch(t *testing.T) {
	clock := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, k keeper)
		want   string
	}{
		{"nothing is lost", func(*testing.T, keeper) {}, "3 1.3"},
		{"state file is missing", func(t *testing.T, k keeper) { remove(t, k.path(".json")) }, "1 2.1"},
		{"state file is cut off", func(t *testing.T, k keeper) { write(t, k.path(".json"), `{"place":{"uri":`) }, "1 2.1"},
		{"state file is empty", func(t *testing.T, k keeper) { write(t, k.path(".json"), "") }, "1 2.1"},
		{"one bit of the cursor is wrong", flipCursor, "1 2.1"},
		{"state file is another source's", func(t *testing.T, k keeper) {
			if err := k.store(place{URI: "test://other", Epoch: 9}); err != nil {
				t.Fatal(err)
			}
		}, "1 2.1"},
		{"state and epoch are unreadable", func(t *testing.T, k keeper) {
			write(t, k.path(".json"), "")
			write(t, k.path(".epoch"), "?")
		}, fmt.Sprintf("1 %d.1", clock.Unix())},
		{"state is unreadable, epoch is missing", func(t *testing.T, k keeper) {
			write(t, k.path(".json"), "")
			remove(t, k.path(".epoch"))
		}, fmt.Sprintf("1 %d.1", clock.Unix())},
		{"the folder is new", func(t *testing.T, k keeper) {
			remove(t, k.path(".json"))
			remove(t, k.path(".epoch"))
		}, "1 1.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, l := t.TempDir(), &log{}
			run(t, newRunner(t, counting(2), &log{}, dir))
			r := New(counting(3), l, Options{Dir: dir, Logger: quiet, Now: func() time.Time { return clock }})
			c.damage(t, r.keeper)
			run(t, r)
			if got := l.lines(); len(got) == 0 || got[0] != c.want {
				t.Errorf("the first event is %q, not %q", got, c.want)
			}
			lost := strings.HasPrefix(c.want, "1 ") && c.want != "1 1.1"
			if s := r.Snapshot(); lost != (s.LastError != "") {
				t.Errorf("the status says %q", s.LastError)
			}
			again := &log{}
			run(t, newRunner(t, counting(4), again, dir))
			if got := again.lines(); len(got) != 1 || !strings.HasPrefix(got[0], "4 ") {
				t.Errorf("after the recovery the next start published %q", got)
			}
		})
	}
}

func flipCursor(t *testing.T, k keeper) {
	t.Helper()
	b, err := os.ReadFile(k.path(".json"))
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(b), `"cursor":"`) + len(`"cursor":"`)
	b[at+1] ^= 1
	write(t, k.path(".json"), string(b))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestUnusableFolderIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	r := newRunner(t, counting(1), &log{}, filepath.Join(file, "sources"))
	if err := r.Run(t.Context()); err == nil {
		t.Error("a folder that cannot be made was no error")
	}
	r = newRunner(t, counting(1), &log{}, t.TempDir())
	if err := os.Mkdir(r.keeper.path(".json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context()); err == nil {
		t.Error("a state file that cannot be read was no error")
	}
}

// TestFileNamesAreApart: any two URIs have two names, which stay in the folder.
func TestFileNamesAreApart(t *testing.T) {
	uri := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", ".", "..", "/", "vault://prod", "vault://Prod", "vault:%2F%2Fprod", "a/../../etc",
		strings.Repeat("long/", 100), strings.Repeat("long/", 100) + "x",
	}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := uri.Draw(t, "a"), uri.Draw(t, "b")
		pathA, pathB := keeper{dir: "/dir", uri: a}.path(".json"), keeper{dir: "/dir", uri: b}.path(".json")
		if (a == b) != strings.EqualFold(pathA, pathB) {
			t.Fatalf("%q and %q have files %s and %s", a, b, pathA, pathB)
		}
		if name := filepath.Base(pathA); filepath.Dir(pathA) != "/dir" || len(name) > 200 {
			t.Fatalf("%q has file %q", a, pathA)
		}
	})
}

// TestNumbersSurviveEveryFailure: whatever the log and the disk refuse, each
// event has one number, the numbers have no hole, and no event is missing.
func TestNumbersSurviveEveryFailure(t *testing.T) {
	dirs := t.TempDir()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		dir := filepath.Join(dirs, fmt.Sprint(round))
		n := rapid.IntRange(1, 5).Draw(rt, "events")
		failures := rapid.SliceOfN(rapid.SampledFrom([]string{"", "refused", "taken", "disk"}), 0, 6).Draw(rt, "failures")
		l := &log{}
		at := 0
		for attempt(rt, newRunner(t, counting(n), l, dir), l, failures, &at) {
		}
		if got := unique(l.lines()); len(got) != n {
			rt.Fatalf("%d events were published as %q", n, l.lines())
		}
		for i, line := range unique(l.lines()) {
			if want := fmt.Sprintf("%d 1.%d", i+1, i+1); line != want {
				rt.Fatalf("%q was published instead of %q", line, want)
			}
		}
	})
}

// attempt is one process: it runs the source until its end or a failure. at
// counts the batches of all attempts.
func attempt(t *rapid.T, r *Runner, l *log, failures []string, at *int) (failed bool) {
	if err := os.MkdirAll(r.keeper.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p, why, err := r.keeper.load()
	if err != nil || why != nil {
		t.Fatalf("the place was lost: %v, %v", why, err)
	}
	block := r.keeper.path(".json") + ".tmp"
	l.fail = func(evs []events.Event) error {
		*at++
		if *at > len(failures) {
			return nil
		}
		switch failures[*at-1] {
		case "refused":
			return errors.New("refused")
		case "taken":
			l.got = append(l.got, evs...)
			return errors.New("no answer")
		case "disk":
			return os.Mkdir(block, 0o700)
		}
		return nil
	}
	out := &output{runner: r, place: p}
	failed = r.source.Run(t.Context(), p.Cursor, out) != nil
	if err := os.Remove(block); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return failed
}

func unique(lines []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, line := range lines {
		if !seen[line] {
			seen[line] = true
			out = append(out, line)
		}
	}
	return out
}
