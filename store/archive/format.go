package archive

import (
	"fmt"
	"time"

	"github.com/overstay/overstay/store/checkpoint"
)

// format is the number of the file's layout. A file of another one is refused.
const format = 1

const what = "archive"

// The kinds of sections, in the order in which they come.
const (
	kindHeader = 'H'
	kindState  = 'S'
	kindLog    = 'L'
	kindAlerts = 'A'
	kindIndex  = 'I'
	kindEnd    = 'E'
)

// sectionBytes is how many plain bytes a section is closed at. One line may go
// beyond: a body is bounded by eventlog.MaxBody, in base64 below 1.3 MiB.
const sectionBytes = 1 << 20

// Header is what an archive says of itself.
type Header struct {
	Format int `json:"overstayArchive"`
	// LogID is the incarnation of the log, and From to To the range of it.
	LogID string `json:"logId"`
	From  uint64 `json:"from"`
	To    uint64 `json:"to"`
	// Checkpoint is the state before the range, nil where the range begins with the
	// log's first message or no state reaches back to it.
	Checkpoint *checkpoint.Info `json:"checkpoint,omitempty"`
	// Semantics are those of the program that exported.
	Semantics string    `json:"semantics"`
	Made      time.Time `json:"made"` // by the machine's clock
}

// Segment is a line of the index: what a section holds.
type Segment struct {
	Section int    `json:"segment"`
	Kind    string `json:"kind"` // "state", "log" or "alerts"
	Offset  int64  `json:"offset"`
	Lines   int    `json:"lines"`
	// From and To are the first and last position, of the log or the alert stream.
	From uint64 `json:"from,omitempty"`
	To   uint64 `json:"to,omitempty"`
	// SHA256 is that of its lines.
	SHA256 string `json:"sha256"`
}

var kindNames = map[byte]string{kindState: "state", kindLog: "log", kindAlerts: "alerts"}

// Sum is what an archive comes to.
type Sum struct {
	End      bool   `json:"end"`
	Messages uint64 `json:"messages"`
	// LogSHA256 is that of the log's lines: equal for equal logs.
	LogSHA256 string `json:"logSha256"`
	Alerts    uint64 `json:"alerts"`
	// AlertsSHA256 is that of what was told: each subject and body, with a zero byte
	// after both. A replay that tells the same has the same.
	AlertsSHA256 string `json:"alertsSha256"`
	// Latest is the newest position on each subject that is not a source's.
	Latest map[string]uint64 `json:"latest,omitempty"`
}

// FormatError means that a file is an archive of another version's.
type FormatError struct {
	File string
	Have int
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("archive %s has format %d, and this program reads %d", e.File, e.Have, format)
}

// DamagedError means that an archive is not as it was written.
type DamagedError struct {
	Missing Missing
	Err     error // names the file, the section and the byte
}

func (e *DamagedError) Error() string { return fmt.Sprintf("%v; %s", e.Err, e.Missing) }

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// Missing is a part of a file that cannot be read.
type Missing struct {
	Section int   `json:"segment"` // the first
	Offset  int64 `json:"offset"`  // from this byte
	Until   int64 `json:"until"`   // up to this one
	// From and To are the positions of the log that it may have held; From > To:
	// none.
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

func (m Missing) String() string {
	if m.From > m.To {
		return "no position of the log is concerned"
	}
	return fmt.Sprintf("positions %d to %d are concerned", m.From, m.To)
}
