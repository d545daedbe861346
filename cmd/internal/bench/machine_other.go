//go:build !linux

package bench

import (
	"runtime"
	"time"
)

func thisMachine() Machine {
	return Machine{Processor: "unknown processor", Cores: runtime.GOMAXPROCS(0), System: runtime.GOOS + "/" + runtime.GOARCH}
}

// processorTime is not known here.
func processorTime() time.Duration { return 0 }

// resident is what the Go runtime has from the system: what files are mapped is not
// in it.
func resident() (footprint, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	n := m.Sys - m.HeapReleased
	return footprint{n, n}, nil
}
