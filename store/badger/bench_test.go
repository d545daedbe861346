package badger

import (
	"fmt"
	"testing"

	"github.com/overstay/overstay/store"
)

func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b, b.TempDir())
			defer closeStore(b, s)
			n := 0
			for b.Loop() {
				batch := store.NewBatch()
				for range size {
					n++
					batch.Put(benchKey(n), make([]byte, 200))
				}
				if err := s.Commit(batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "ops/s")
		})
	}
}

// filled has so many keys, flushed to tables and opened again.
func filled(b *testing.B, keys int) *Store {
	b.Helper()
	dir := b.TempDir()
	s := open(b, dir)
	for n := 0; n < keys; {
		batch := store.NewBatch()
		for range 5000 {
			batch.Put(benchKey(n), make([]byte, 200))
			n++
		}
		if err := s.Commit(batch); err != nil {
			b.Fatal(err)
		}
	}
	closeStore(b, s)
	s = open(b, dir)
	b.Cleanup(func() { closeStore(b, s) })
	return s
}

// benchKey spreads consecutive numbers over the key space.
func benchKey(n int) []byte { return fmt.Appendf(nil, "access/%08d", n*7919%10_000_019) }

func BenchmarkGet(b *testing.B) {
	s := filled(b, 200_000)
	n := 0
	for b.Loop() {
		if _, err := s.Get(benchKey(n % 200_000)); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func BenchmarkScan(b *testing.B) {
	s := filled(b, 200_000)
	keys := 0
	for b.Loop() {
		err := s.Scan([]byte("access/"), nil, func(_, _ []byte) bool {
			keys++
			return true
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(keys)/b.Elapsed().Seconds(), "keys/s")
}

// BenchmarkOpen is what a restart waits for: tables and journal verified.
func BenchmarkOpen(b *testing.B) {
	s := filled(b, 1_000_000)
	size, err := s.Size()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		again := open(b, s.dir)
		if err := again.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/(1<<20), "MiB")
}
