package tail_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors/tail"
	"pgregory.net/rapid"
)

// remove takes the log away; the writer keeps the file open until reopen. What is
// left of it has a name that no rotation gives, by which it is stamped.
func (w *writer) remove() {
	w.t.Helper()
	w.gen++
	w.at = filepath.Join(filepath.Dir(w.path), fmt.Sprintf("removed.%d", w.gen))
	w.must(os.Rename(w.path, w.at))
}

// replace puts a copy in the log's place, as rsync does, and goes on in it.
func (w *writer) replace() {
	w.t.Helper()
	b, err := os.ReadFile(w.path)
	w.must(err)
	w.must(os.WriteFile(w.path+"~", b, 0o600))
	w.must(os.Rename(w.path+"~", w.path))
	w.reopen()
}

// watch is a reader with its clock.
type watch struct {
	*writer
	f    *tail.File
	away tail.Absence
	now  time.Time
}

func newWatch(t *testing.T) *watch {
	t.Helper()
	w := newWriter(t)
	return &watch{writer: w, f: open(t, w.path, tail.Position{}), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// look reads to the end, so much later than the look before.
func (w *watch) look(after time.Duration, presence tail.Presence, told string, lines ...string) {
	w.t.Helper()
	w.now = w.now.Add(after)
	want(w.t, w.f, lines...)
	got := ""
	if err := w.away.Look(w.now, w.f); err != nil {
		got = err.Error()
	}
	if w.f.Presence() != presence || got != strings.ReplaceAll(told, "PATH", w.path) {
		w.t.Fatalf("the file is %d and %q is told; want %d and %q", w.f.Presence(), got, presence, told)
	}
}

const (
	never = "PATH is not there; nothing is claimed until it is"
	gone  = "PATH is not there any more; nothing is claimed until it is"
	other = "PATH is another file than the one that was read, and none that came after it; nothing is claimed until it is"
)

func TestNeverThere(t *testing.T) {
	w := newWatch(t)
	w.look(0, tail.Missing, never)
	w.look(time.Hour, tail.Missing, never)
	w.write("a\n")
	w.look(time.Second, tail.There, "", "a")
}

// TestRemoved: what the open descriptor still yields is read, and a minute later
// the file is there again.
func TestRemoved(t *testing.T) {
	w := newWatch(t)
	w.write("a\n")
	w.look(0, tail.There, "", "a")
	w.write("b\n")
	w.remove()
	w.look(time.Second, tail.Moved, "", "b")
	w.write("c\n")
	w.look(tail.Rotation, tail.Moved, "", "c")
	w.look(time.Nanosecond, tail.Moved, gone)
	w.write("d\n")
	w.look(time.Minute, tail.Moved, gone, "d")
	w.reopen()
	w.look(time.Second, tail.There, "")
	w.write("e\n")
	w.look(time.Second, tail.There, "", "e")
	w.remove()
	w.look(time.Second, tail.Moved, "") // it counts anew
}

func TestRenameAndCreateIsNotTold(t *testing.T) {
	w := newWatch(t)
	w.write("a\n")
	w.look(0, tail.There, "", "a")
	for range 20 { // each within the time, all together beyond it
		w.rename()
		w.look(0, tail.Moved, "")
		w.write("b\n")
		w.look(tail.Rotation, tail.Moved, "", "b")
		w.must(os.WriteFile(w.path, nil, 0o600))
		w.write("c\n") // before the signal
		w.look(time.Second, tail.There, "", "c")
		w.reopen()
		w.write(fmt.Sprintf("d%d\n", w.gen))
		w.look(0, tail.There, "", fmt.Sprintf("d%d", w.gen))
	}
}

func TestCopyAndTruncateIsNotTold(t *testing.T) {
	w := newWatch(t)
	w.write("a\n")
	w.look(0, tail.There, "", "a")
	w.write("b\n")
	w.copyTruncate()
	w.look(time.Minute, tail.There, "", "b")
	w.write("c\n")
	w.look(time.Minute, tail.There, "", "c")
}

// TestSymlinkSwitched: Teleport writes a file a day, and events.log points to it.
func TestSymlinkSwitched(t *testing.T) {
	w := newWatch(t)
	day := func(name, text string) string {
		path := filepath.Join(filepath.Dir(w.path), name)
		w.must(os.WriteFile(path, []byte(text), 0o600))
		w.stamp(path)
		return path
	}
	w.must(os.Symlink(day("2026-11-21.log", "a\n"), w.path))
	w.look(0, tail.There, "", "a")
	next := day("2026-11-22.log", "b\n")
	w.must(os.Remove(w.path))
	w.look(time.Second, tail.Moved, "")
	w.must(os.Symlink(next, w.path))
	w.look(time.Second, tail.There, "", "b")
	w.must(os.Remove(next))
	w.look(time.Second, tail.Moved, "")
	w.look(time.Minute, tail.Moved, gone)
}

// TestCopyInItsPlace: rsync, and whoever restores a file, makes a new one that
// begins as the old one. Reading goes on where it was.
func TestCopyInItsPlace(t *testing.T) {
	w := newWatch(t)
	w.write("a\nb\n")
	w.look(0, tail.There, "", "a", "b")
	w.write("c\nhal")
	w.replace()
	w.write("f\n")
	w.look(time.Second, tail.There, "", "c", "half")
	w.replace()
	w.look(time.Second, tail.There, "")
}

// TestCopyBesideTheFileThatIsWritten: a copy in the log's place is gone on in when
// it has more than was read, and not while the writer may still hold the original.
func TestCopyBesideTheFileThatIsWritten(t *testing.T) {
	copied := func(t *testing.T, text string) *watch {
		w := newWatch(t)
		w.write(text)
		w.look(0, tail.There, "", "a")
		w.rename()
		b, err := os.ReadFile(w.at)
		w.must(err)
		w.must(os.WriteFile(w.path, b, 0o600))
		w.stamp(w.path)
		w.look(time.Second, tail.There, "")
		return w
	}
	t.Run("the original goes on", func(t *testing.T) {
		w := copied(t, "a\n")
		w.write("b\n")
		w.look(time.Second, tail.Replaced, "", "b")
	})
	t.Run("the original ends its last line", func(t *testing.T) {
		w := copied(t, "a\nhal")
		w.write("f\n")
		w.look(time.Second, tail.Replaced, "", "half")
	})
	t.Run("the copy goes on", func(t *testing.T) {
		w := copied(t, "a\n")
		w.reopen()
		w.write("b\n")
		w.look(time.Second, tail.There, "", "b")
	})
	t.Run("the original is removed", func(t *testing.T) {
		w := copied(t, "a\n")
		old := w.at
		w.reopen()
		w.must(os.Remove(old))
		w.look(time.Second, tail.There, "")
		w.write("b\n")
		w.rename()
		w.look(time.Second, tail.Moved, "", "b")
	})
	t.Run("the copy has another line where the original has part of one", func(t *testing.T) {
		w, banner := newWatch(t), strings.Repeat("=", 600)
		w.write(banner + "\nhal")
		w.look(0, tail.There, "", banner)
		w.rename()
		w.must(os.WriteFile(w.path, []byte(banner+"\nb\n"), 0o600))
		w.stamp(w.path)
		w.look(time.Second, tail.There, "", "b")
	})
}

// TestAnotherFileInItsPlace: it begins alike and goes on differently, so that it
// is not known which of its lines are new.
func TestAnotherFileInItsPlace(t *testing.T) {
	w := newWatch(t)
	banner := strings.Repeat("=", 600)
	w.write(banner + "\nread\n")
	w.look(0, tail.There, "", banner, "read")
	w.remove()
	w.must(os.WriteFile(w.path, []byte(banner+"\nelse\nmore\n"), 0o600))
	w.stamp(w.path)
	w.look(time.Second, tail.Replaced, "")
	w.look(time.Minute, tail.Replaced, other)
	w.must(os.Remove(w.path))
	w.reopen()
	w.write("c\n")
	w.look(time.Second, tail.There, "", "c")
}

func TestSeveralFilesAreTold(t *testing.T) {
	w := newWatch(t)
	second := open(t, w.path+".second", tail.Position{})
	w.write("a\n")
	w.look(0, tail.There, "", "a")
	want(t, second)
	if err := w.away.Look(w.now, w.f, second); err == nil || err.Error() != w.path+".second is not there; nothing is claimed until it is" {
		t.Errorf("told %v", err)
	}
}

// Whatever is done to the file, a reader that finds it there at the end of its
// look has read every line that was written by then; and when the writer is back
// at the path, so is the file.
func TestThereMeansReadToTheEnd(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWriter(t)
		defer func() { w.must(os.RemoveAll(w.path)) }()
		f := open(t, w.path, tail.Position{})
		var written, got []string
		write := func() {
			l := fmt.Sprintf("%06d a line of the log", len(written)+1)
			w.write(l + "\n")
			written = append(written, l)
		}
		look := func(allowed ...tail.Presence) {
			lines, skips := drain(t, f)
			got = append(got, lines...)
			p := f.Presence()
			if len(skips) > 0 || !slices.Contains(allowed, p) {
				rt.Fatalf("skipped %v, and the file is %d, want one of %d", skips, p, allowed)
			}
			if p == tail.There && !slices.Equal(got, written) {
				rt.Fatalf("it is there, and of %d lines %d were read, the last %q", len(written), len(got), got[max(0, len(got)-5):])
			}
		}
		some := func(rt *rapid.T) {
			for range rapid.IntRange(0, 3).Draw(rt, "lines") {
				write()
			}
		}
		write()
		look(tail.There)
		rt.Repeat(map[string]func(*rapid.T){
			"write": func(rt *rapid.T) { some(rt); look(tail.There) },
			"rename and create": func(rt *rapid.T) {
				some(rt)
				w.rename()
				some(rt)
				look(tail.Moved)
				w.must(os.WriteFile(w.path, nil, 0o600))
				some(rt)
				look(tail.There)
				w.reopen()
				write()
				look(tail.There)
			},
			"remove": func(rt *rapid.T) {
				some(rt)
				w.remove()
				some(rt)
				look(tail.Moved)
				w.reopen()
				look(tail.There)
				write()
				look(tail.There)
			},
			"copy and truncate": func(rt *rapid.T) {
				write()
				look(tail.There)
				write()
				w.copyTruncate()
				look(tail.There)
				write() // a file that was never seen but empty cannot be followed when it is moved
				look(tail.There)
			},
			"copy in its place": func(rt *rapid.T) {
				w.replace()
				some(rt)
				look(tail.There)
			},
		})
	})
}
