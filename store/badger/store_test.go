package badger

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/storetest"
)

var quiet = Options{Logger: slog.New(slog.DiscardHandler)}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func commitKeys(t testing.TB, s *Store, seq uint64, keys ...string) {
	t.Helper()
	b := store.NewBatch()
	b.Position = store.Position{LogID: "test", Seq: seq}
	for _, k := range keys {
		b.Put([]byte(k), []byte("of "+k))
	}
	if err := s.Commit(b); err != nil {
		t.Fatal(err)
	}
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s := open(t, t.TempDir())
		t.Cleanup(func() { closeStore(t, s) })
		return s
	})
}

func TestStateSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range uint64(3) {
		commitKeys(t, s, i+1, fmt.Sprint("k", i))
	}
	closeStore(t, s)

	s = open(t, dir)
	defer closeStore(t, s)
	if p, err := s.Position(); err != nil || p != (store.Position{LogID: "test", Seq: 3}) {
		t.Errorf("Position is %+v, %v", p, err)
	}
	if n := s.Commits(); n != 3 {
		t.Errorf("Commits is %d", n)
	}
	if v, err := s.Get([]byte("k1")); err != nil || string(v) != "of k1" {
		t.Errorf("Get(k1) = %q, %v", v, err)
	}
	if n, err := s.Size(); err != nil || n <= 0 || n > 64<<20 {
		t.Errorf("Size is %d, %v", n, err)
	}
	commitKeys(t, s, 4, "k4")
}

func TestSecondOpenNamesTheHolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer closeStore(t, s)
	_, err := Open(dir, quiet)
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() || !strings.Contains(err.Error(), "in use by this process itself") {
		t.Errorf("opening a store twice returned %v", err)
	}
	if err := Destroy(dir); !errors.As(err, &locked) {
		t.Errorf("Destroy of an open store returned %v", err)
	}
	commitKeys(t, s, 1, "still works")
}

func TestFullDiskIsRefusedBeforeItIsFull(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer closeStore(t, s)
	commitKeys(t, s, 1, "a")
	s.reserve = 1 << 62
	b := store.NewBatch()
	b.Put([]byte("a"), []byte("new"))
	err := s.Commit(b)
	var full *store.DiskFullError
	if !errors.Is(err, store.ErrDiskFull) || !errors.As(err, &full) || full.Dir != dir {
		t.Fatalf("Commit on a full disk returned %v", err)
	}
	if v, err := s.Get([]byte("a")); err != nil || string(v) != "of a" {
		t.Errorf("after the refused commit a is %q, %v", v, err)
	}
	s.reserve = 0
	commitKeys(t, s, 2, "b")
	if _, err := Open(t.TempDir(), Options{Logger: quiet.Logger, Reserve: 1 << 62}); !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("Open on a full disk returned %v", err)
	}
}

func TestCommitErrorIsFinal(t *testing.T) {
	s := open(t, t.TempDir())
	commitKeys(t, s, 1, "a")
	closeStore(t, s)
	first := s.Commit(store.NewBatch())
	if first == nil || errors.Is(first, store.ErrTooBig) {
		t.Fatalf("Commit to a closed store returned %v", first)
	}
	if again := s.Commit(store.NewBatch()); again != first {
		t.Errorf("the next Commit returned %v", again)
	}
}

func TestDestroyLeavesWhatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	commitKeys(t, s, 1, "a")
	closeStore(t, s)
	other := filepath.Join(dir, "README")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := OpenFresh(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, s)
	if p, err := s.Position(); err != nil || p != (store.Position{}) {
		t.Errorf("Position of the fresh store is %+v, %v", p, err)
	}
	if _, err := s.Get([]byte("a")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get from the fresh store returned %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
	if err := Destroy(filepath.Join(dir, "never there")); err != nil {
		t.Error(err)
	}
}

// TestZeroLengthFileIsOpened: a kill between making and sizing a log leaves one.
func TestZeroLengthFileIsOpened(t *testing.T) {
	for _, name := range []string{"00002.mem", "000002.vlog"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			commitKeys(t, s, 1, "a")
			closeStore(t, s)
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
			defer closeStore(t, s)
			if v, err := s.Get([]byte("a")); err != nil || string(v) != "of a" {
				t.Errorf("Get(a) = %q, %v", v, err)
			}
		})
	}
}

// TestDamagedValueIsFound changes a value behind the store's back.
func TestDamagedValueIsFound(t *testing.T) {
	s := open(t, t.TempDir())
	defer closeStore(t, s)
	commitKeys(t, s, 1, "a", "b")
	sealed := seal([]byte("a"), []byte("of a"))
	sealed[len(sealed)-1] ^= 1
	for _, bad := range [][]byte{sealed, []byte("x")} {
		if err := s.db.Update(func(txn *badgerdb.Txn) error { return txn.Set(userKey([]byte("a")), bad) }); err != nil {
			t.Fatal(err)
		}
		s.renew()
		if _, err := s.Get([]byte("a")); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("Get returned %v", err)
		}
		err := s.Scan(nil, nil, func(_, _ []byte) bool { return true })
		if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("Scan returned %v", err)
		}
	}
}
