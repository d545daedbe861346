package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/memory"
)

func openFolder(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func seqs(t *testing.T, f *Folder) []uint64 {
	t.Helper()
	files, err := f.List()
	if err != nil {
		t.Fatal(err)
	}
	var out []uint64
	for _, c := range files {
		out = append(out, c.Seq)
	}
	return out
}

func TestAFolderListsTheNewestFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	f := openFolder(t, dir)
	s := filled(t, memory.New(), 100)
	for _, p := range []store.Position{{LogID: "l", Epoch: 1, Seq: 900}, {LogID: "l", Epoch: 2, Seq: 80}, {LogID: "l", Epoch: 1, Seq: 1000}} {
		b := store.NewBatch()
		b.Position = p
		if err := s.Commit(b); err != nil {
			t.Fatal(err)
		}
		c, info, err := f.Write(header, snapshot(t, s))
		if err != nil {
			t.Fatal(err)
		}
		h, err := c.Header()
		if err != nil || h.Position != p || info.Position != p || h.State != "7" {
			t.Errorf("%+v, %+v, %v", h, info, err)
		}
	}
	for _, name := range []string{"notes.txt", "1-2.zst", "000001-00000000000000000900.zst.bak"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := seqs(t, f), []uint64{80, 1000, 900}; !slices.Equal(got, want) {
		t.Errorf("listed %d, not %d", got, want)
	}
	files, err := f.List()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(files[1]); err != nil {
		t.Fatal(err)
	}
	if got, want := seqs(t, f), []uint64{80, 900}; !slices.Equal(got, want) {
		t.Errorf("listed %d, not %d", got, want)
	}
}

// TestAnInterruptedWriteIsNoCheckpoint: neither one that fails, nor one whose
// process died.
func TestAnInterruptedWriteIsNoCheckpoint(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "123.part"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := openFolder(t, dir)
	broken := errors.New("the disk is gone")
	if _, _, err := f.Write(header, brokenSnapshot{snapshot(t, filled(t, memory.New(), 100)), broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

type brokenSnapshot struct {
	store.Snapshot
	err error
}

func (s brokenSnapshot) Scan(_, _ []byte, fn func(key, value []byte) bool) error {
	fn([]byte("a"), []byte("b"))
	return s.err
}
