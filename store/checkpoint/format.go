package checkpoint

import (
	"time"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/sections"
)

// format is the number of the file's layout. A file of another one is refused.
const format = 1

// Header is what a checkpoint says of itself.
type Header struct {
	Format int `json:"overstayCheckpoint"`
	// Position is that of the commit whose state this is.
	Position store.Position `json:"position"`
	// Semantics and State name the program's rules and its records' encoding.
	Semantics string    `json:"semantics"`
	State     string    `json:"state"`
	Taken     time.Time `json:"taken"` // by the machine's clock
}

// Sum is what a checkpoint's records come to.
type Sum struct {
	Records uint64 `json:"records"`
	Bytes   uint64 `json:"bytes"`  // of the records as written, before packing
	SHA256  string `json:"sha256"` // of the same: equal for equal states
}

// Info is everything about a verified checkpoint but its records.
type Info struct {
	Header
	Sum
}

// DamagedError means that a checkpoint is not as it was written.
type DamagedError = sections.DamagedError

// what names the kind of file in errors.
const what = "checkpoint"

// The kinds of sections, in the order in which they come.
const (
	kindHeader  = 'H'
	kindRecords = 'R'
	kindSum     = 'E'
)

const (
	// sectionBytes is how many plain bytes a section is closed at. One record may
	// go beyond: keys and values are bounded by the stores, below 1.1 MiB.
	sectionBytes = 1 << 20
	maxRecorded  = 2 << 20 // more than any key or value
)
