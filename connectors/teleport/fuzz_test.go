package teleport

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzMap: whatever a line holds, the mapper answers with valid events of its own
// source or with a reason, and its memory survives a restart.
func FuzzMap(f *testing.F) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range bytes.Split(text, []byte("\n")) {
			if len(line) > 0 && (line[0] == '{' || line[0] == '[') {
				f.Add(line)
			}
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		m := NewMapper("prod", nil)
		evs, v, err := m.Map(line)
		if (err != nil) != (v.Outcome == Unreadable) {
			t.Fatalf("outcome %s with error %v", v.Outcome, err)
		}
		if (len(evs) > 0) != (v.Outcome == Mapped) {
			t.Fatalf("outcome %s with %d events", v.Outcome, len(evs))
		}
		for _, ev := range evs {
			if err := ev.Validate(); err != nil {
				t.Errorf("%s: %v", ev.Type.Short(), err)
			}
			if ev.Source != "teleport://prod" || !ev.Type.FromSource() {
				t.Errorf("%s from %s", ev.Type, ev.Source)
			}
		}
		memory, err := m.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		again := NewMapper("prod", nil)
		if err := again.Restore(memory); err != nil {
			t.Fatal(err)
		}
		second, err := again.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(memory, second) {
			t.Errorf("memory changed by a restart:\n%s\n%s", memory, second)
		}
	})
}
