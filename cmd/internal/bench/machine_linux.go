package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func thisMachine() Machine {
	m := Machine{Processor: "unknown processor", Cores: runtime.GOMAXPROCS(0), System: runtime.GOOS + "/" + runtime.GOARCH}
	if name, ok := field("/proc/cpuinfo", "model name"); ok {
		m.Processor = name
	}
	if text, ok := field("/proc/meminfo", "MemTotal"); ok {
		m.Memory = kibibytes(text)
	}
	return m
}

// resident is how much memory the process has.
func resident() (footprint, error) {
	rss, ok := field("/proc/self/status", "VmRSS")
	anon, alsoOK := field("/proc/self/status", "RssAnon")
	if !ok || !alsoOK {
		return footprint{}, fmt.Errorf("the kernel does not say how much memory the process has")
	}
	return footprint{kibibytes(rss), kibibytes(anon)}, nil
}

// processorTime is what the process has used of it so far, 0 where that is not known.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// field reads a line "name: value" of one of the kernel's files.
func field(file, name string) (string, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

func kibibytes(text string) uint64 {
	n, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(text, "kB")), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
