package badger

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/overstay/overstay/store"
)

// The program is what crash and damage tests run: commit n is a function of n,
// so that the state at any position is known without asking the store.

// programBatch is commit n: two keys are put and now and then one is deleted.
func programBatch(n uint64) *store.Batch {
	b := store.NewBatch()
	b.Position = store.Position{LogID: "program", Epoch: 1, Seq: n, Anchor: fmt.Sprint("anchor of ", n)}
	b.Put(programKey(n%50), fmt.Appendf(nil, "%d", n))
	b.Put(programKey(100+n%7), bytes.Repeat([]byte{byte(n)}, int(n%40)*1000))
	if n%3 == 0 {
		b.Delete(programKey(n * 11 % 50))
	}
	return b
}

func programKey(k uint64) []byte { return fmt.Appendf(nil, "key/%03d", k) }

// programState is what must be there after commit n.
func programState(n uint64) map[string]string {
	state := map[string]string{}
	for i := uint64(1); i <= n; i++ {
		for key, op := range programBatch(i).Ops {
			if op.Value == nil {
				delete(state, key)
			} else {
				state[key] = string(op.Value)
			}
		}
	}
	return state
}

// checkProgram compares everything that is in the store with what must be there
// at its position, and returns the position.
func checkProgram(s *Store) (uint64, error) {
	p, err := s.Position()
	if err != nil {
		return 0, err
	}
	if p.Seq > 0 && p != programBatch(p.Seq).Position {
		return p.Seq, fmt.Errorf("no commit has position %+v", p)
	}
	if s.Commits() != p.Seq {
		return p.Seq, fmt.Errorf("there are %d commits at position %d", s.Commits(), p.Seq)
	}
	want := programState(p.Seq)
	var wrong error
	err = s.Scan(nil, nil, func(key, value []byte) bool {
		if w, ok := want[string(key)]; !ok || w != string(value) {
			wrong = fmt.Errorf("at position %d the value of %s has %d bytes and is not the one committed", p.Seq, key, len(value))
		}
		delete(want, string(key))
		return wrong == nil
	})
	switch {
	case err != nil:
		return p.Seq, err
	case wrong != nil:
		return p.Seq, wrong
	case len(want) > 0:
		return p.Seq, fmt.Errorf("at position %d there are %d keys missing", p.Seq, len(want))
	}
	return p.Seq, nil
}

// TestMain lets the test binary be the process that is killed, or that dies.
func TestMain(m *testing.M) {
	switch role := os.Getenv("OVERSTAY_STORE_TEST"); role {
	case "":
		os.Exit(m.Run())
	case "commit":
		commitForEver(os.Args[1])
	case "open":
		openAll(os.Args[1:])
	default:
		fmt.Fprintf(os.Stderr, "unknown role %q\n", role)
		os.Exit(2)
	}
}
