package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/memory"
	"github.com/overstay/overstay/store/sections"
)

var at = store.Position{LogID: "OVERSTAY_EVENTS@2026-03-02T09:00:00Z", Epoch: 2, Seq: 4711, Anchor: "ab12"}

// filled is a store with so many records of mixed sizes.
func filled(t testing.TB, into store.Store, records int) store.Store {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	b := store.NewBatch()
	for i := range records {
		value := make([]byte, rng.IntN(400))
		for j := range value {
			value[j] = byte(rng.Uint32())
		}
		b.Put(fmt.Appendf(nil, "a/%06d\x00\xff", rng.IntN(1_000_000)), value)
		if i == records-1 || len(b.Ops) == 5000 {
			b.Position = at
			if err := into.Commit(b); err != nil {
				t.Fatal(err)
			}
			b = store.NewBatch()
		}
	}
	return into
}

func snapshot(t testing.TB, s store.Store) store.Snapshot {
	t.Helper()
	snap, err := s.(store.Snapshotter).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := snap.Close(); err != nil {
			t.Error(err)
		}
	})
	return snap
}

var header = Header{Semantics: "rules-1", State: "7", Taken: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}

// written is a checkpoint as bytes.
func written(t testing.TB, s store.Store) ([]byte, Info) {
	t.Helper()
	var b bytes.Buffer
	info, err := Write(&b, header, snapshot(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), info
}

func discard(_, _ []byte) error { return nil }

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, records := range []int{0, 1, 20_000} {
		s := memory.New()
		if records > 0 {
			filled(t, s, records)
		}
		file, wrote := written(t, s)
		copied := memory.New()
		info, err := Load(copied, func(fn func(key, value []byte) error) (Info, error) {
			return Read(bytes.NewReader(file), "c", fn)
		})
		if err != nil {
			t.Fatal(err)
		}
		if info != wrote || info.Semantics != "rules-1" || info.Position != snapshot(t, s).Position() {
			t.Errorf("%d records: read %+v, wrote %+v", records, info, wrote)
		}
		again, sum := written(t, copied)
		if !bytes.Equal(again, file) || sum.SHA256 != wrote.SHA256 {
			t.Errorf("%d records: the copy's checkpoint is another one", records)
		}
		t.Logf("%d records, %d bytes, %d packed", info.Records, info.Bytes, len(file))
	}
}

// TestStoresGiveOneCheckpoint: what a state is in does not show.
func TestStoresGiveOneCheckpoint(t *testing.T) {
	disk, err := badger.Open(t.TempDir(), badger.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	fromDisk, _ := written(t, filled(t, disk, 12_000))
	fromMemory, _ := written(t, filled(t, memory.New(), 12_000))
	if !bytes.Equal(fromDisk, fromMemory) {
		t.Error("the checkpoints differ")
	}
}

// TestAnyToolUnpacksIt: it is a zstd file with the records in it.
func TestAnyToolUnpacksIt(t *testing.T) {
	file, info := written(t, filled(t, memory.New(), 3000))
	r, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(plain), "\n")
	if !strings.Contains(first, `"overstayCheckpoint":1,`) || !strings.Contains(first, `"seq":4711,`) {
		t.Errorf("the first line is %s", first)
	}
	if last := rest[info.Bytes:]; last != fmt.Sprintf(`{"records":%d,"bytes":%d,"sha256":%q}`+"\n", info.Records, info.Bytes, info.SHA256) {
		t.Errorf("the last line is %s", last)
	}
}

// TestEveryFlippedBitIsFound: whatever bit of a file is another one, it is
// refused, and the place is named.
func TestEveryFlippedBitIsFound(t *testing.T) {
	file, _ := written(t, filled(t, memory.New(), 6))
	for i := range file {
		for bit := range 8 {
			file[i] ^= 1 << bit
			_, err := Read(bytes.NewReader(file), "day-1.zst", discard)
			var damaged *DamagedError
			if !errors.As(err, &damaged) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
			if damaged.Offset > int64(i) || !strings.Contains(err.Error(), "day-1.zst is damaged in section") {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
			file[i] ^= 1 << bit
		}
	}
	t.Logf("%d bits", len(file)*8)
}

// TestTheSectionIsNamed: in a large file, the section that holds the byte.
func TestTheSectionIsNamed(t *testing.T) {
	file, _ := written(t, filled(t, memory.New(), 15_000))
	rng := rand.New(rand.NewPCG(3, 4))
	hit := map[int]bool{}
	for range 60 {
		i := rng.IntN(len(file))
		file[i] ^= 0x10
		_, err := Read(bytes.NewReader(file), "c", discard)
		var damaged *DamagedError
		if !errors.As(err, &damaged) || damaged.Offset > int64(i) || int64(i) > damaged.Offset+sections.LabelSize+sections.MaxPacked {
			t.Fatalf("byte %d: %v", i, err)
		}
		hit[damaged.Section] = true
		file[i] ^= 0x10
	}
	if len(hit) < 3 {
		t.Errorf("only hit %v were hit", hit)
	}
}

func TestWhatIsCutOrJoinedIsRefused(t *testing.T) {
	file, _ := written(t, filled(t, memory.New(), 40))
	for n := range file {
		var damaged *DamagedError
		if _, err := Read(bytes.NewReader(file[:n]), "c", discard); !errors.As(err, &damaged) {
			t.Fatalf("%d of %d bytes: %v", n, len(file), err)
		}
	}
	for _, more := range [][]byte{{0}, file} {
		if _, err := Read(bytes.NewReader(append(bytes.Clone(file), more...)), "c", discard); err == nil {
			t.Errorf("%d bytes more are taken", len(more))
		}
	}
}

func TestAnotherFormatIsRefused(t *testing.T) {
	var b bytes.Buffer
	w, err := sections.NewWriter(&b, what, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Line(kindHeader, Header{Format: 2}); err != nil {
		t.Fatal(err)
	}
	var other *FormatError
	if _, err := Read(&b, "c", discard); !errors.As(err, &other) || other.Have != 2 {
		t.Errorf("%v", err)
	}
}

// TestHalfOfACheckpointIsNoState: a copy that ends anywhere leaves a store that
// says so, stands at no position, and cannot be copied on.
func TestHalfOfACheckpointIsNoState(t *testing.T) {
	file, _ := written(t, filled(t, memory.New(), 25_000))
	stop := errors.New("stop")
	for _, after := range []int{0, 1, 10_001, 24_000} {
		into := filled(t, memory.New(), 7000)
		n := 0
		_, err := Load(into, func(fn func(key, value []byte) error) (Info, error) {
			return Read(bytes.NewReader(file), "c", func(key, value []byte) error {
				if n++; n > after {
					return stop
				}
				return fn(key, value)
			})
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if whole, err := Complete(into); whole || err != nil {
			t.Errorf("after %d records: complete %v, %v", after, whole, err)
		}
		snap := snapshot(t, into)
		if snap.Position() != (store.Position{}) {
			t.Errorf("after %d records: it stands at %+v", after, snap.Position())
		}
		if _, err := Write(io.Discard, header, snap); err == nil {
			t.Errorf("after %d records: it is copied on", after)
		}
		if _, err := Load(into, func(fn func(key, value []byte) error) (Info, error) {
			return Read(bytes.NewReader(file), "c", fn)
		}); err != nil {
			t.Fatal(err)
		}
		if again, _ := written(t, into); !bytes.Equal(again, file) {
			t.Errorf("after %d records: the second attempt gives another state", after)
		}
		if whole, err := Complete(into); !whole || err != nil {
			t.Errorf("after %d records: complete %v, %v", after, whole, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	file, _ := written(f, filled(f, memory.New(), 10))
	f.Add(file)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := Read(bytes.NewReader(b), "c", discard)
		if err == nil && info.Format != format {
			t.Errorf("%+v is taken", info)
		}
	})
}
