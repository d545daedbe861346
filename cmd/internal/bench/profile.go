package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profile takes a profile of the processor's time of one part, where profiles are
// wanted, until it is stopped.
func (r *run) profile(part string) (stop func() error, err error) {
	if r.Profiles == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(filepath.Join(r.Profiles, part+".pprof"))
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", part, err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("profile %s: %w", part, err), f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// heapProfile leaves a profile of what is live on the heap, as of the last collection,
// and of all that was allocated, where profiles are wanted.
func (r *run) heapProfile(part string) error {
	if r.Profiles == "" {
		return nil
	}
	f, err := os.Create(filepath.Join(r.Profiles, part+".heap.pprof"))
	if err != nil {
		return fmt.Errorf("profile %s: %w", part, err)
	}
	return errors.Join(pprof.Lookup("heap").WriteTo(f, 0), f.Close())
}
