package memory

import (
	"fmt"
	"runtime/debug"
	"strconv"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// Budget is how many bytes the process may keep for itself.
type Budget int64

// The bounds of a budget. Below Least there is no room for what must be there, the fewest
// records and an answer, and the garbage collector would work without end.
const (
	Default Budget = 512 << 20
	Least   Budget = 384 << 20
	Most    Budget = 1 << 40
)

func (b Budget) String() string { return strictyaml.Bytes(int64(b)) }

// outside is what the process has besides what the Go runtime counts: the pages of the
// program itself that are in use, and the kernel's tables of the mappings.
const outside = 32 << 20

// limit is how much of it the Go runtime may have.
func (b Budget) limit() int64 { return int64(b) - outside }

// recordBytes is what one decoded record takes, with the lists that it is on and what
// was found out about it: 1.6 to 2.4 KB were measured on the company's log and on many
// leases (docs/performance.md).
const recordBytes = 3 << 10

// needed is about what must be there whatever is kept, with an engine at full speed:
// Badger's tables in memory and what it builds of them, the server's blocks and the ids
// that it knows again, two batches.
const needed = 256 << 20

// fewest is how many records stay decoded at the least.
const fewest = 1 << 12

// Records is how many records stay decoded between batches: a sixteenth of what is beyond
// what must be there. The rest is for garbage: a record that is read and decoded again
// costs less than one that the collector has to follow in each of its rounds, which come
// the more often the more is alive (docs/performance.md).
func (b Budget) Records() int { return max(int((int64(b)-needed)/16/recordBytes), fewest) }

// Replay is how much more than at its beginning may be alive while the log is played
// for a question: half of what is beyond what must be there.
func (b Budget) Replay() uint64 { return uint64(b-needed) / 2 }

// percent is how much garbage may lie beside what is alive, where a limit bounds both:
// four times as much. It saves a quarter of the processor's time while little is alive.
const percent = 400

// Chosen is what the Go runtime was told, and by whom.
type Chosen struct {
	Limit   int64  // bytes
	Percent string // GOGC: a number, or "off"
	// Environment are the variables that were kept to.
	Environment []string
}

// Govern has the Go runtime keep the budget. Where the environment says otherwise, in
// GOMEMLIMIT or GOGC, it is kept to.
func (b Budget) Govern(getenv func(string) string) Chosen {
	c := Chosen{Percent: getenv("GOGC")}
	if c.Percent != "" {
		c.Environment = append(c.Environment, "GOGC")
	}
	if getenv("GOMEMLIMIT") != "" {
		c.Environment = append(c.Environment, "GOMEMLIMIT")
		c.Limit = debug.SetMemoryLimit(-1)
	} else {
		debug.SetMemoryLimit(b.limit())
		c.Limit = b.limit()
	}
	// Without a limit that much garbage would be memory that nobody granted.
	if c.Percent == "" && c.Limit <= b.limit() {
		debug.SetGCPercent(percent)
		c.Percent = strconv.Itoa(percent)
	}
	if c.Percent == "" {
		c.Percent = "100"
	}
	return c
}

// Parse reads a budget, "512MiB". The error says what is wrong with the text.
func Parse(text string) (Budget, error) {
	n, ok := strictyaml.ParseBytes(text)
	switch b := Budget(n); {
	case !ok:
		return 0, fmt.Errorf("%q is not a size", text)
	case b < Least || b > Most:
		return 0, fmt.Errorf("%s is not between %s and %s", text, Least, Most)
	default:
		return b, nil
	}
}
