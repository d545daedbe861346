package teleport

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/overstay/overstay/events"
)

// Mapper translates the audit records of one cluster, one after the other.
type Mapper struct {
	name     string
	source   string
	clusters map[string]string
	state    *state
}

// NewMapper makes a mapper for the cluster known here as name, an RFC 1123 name
// such as "prod". clusters gives names to other clusters that the log mentions
// (a leaf, the root of a leaf), by their cluster_name; one that is not listed
// goes by its cluster_name.
func NewMapper(name string, clusters map[string]string) *Mapper {
	return &Mapper{name: name, source: URI(name), clusters: clusters, state: newState()}
}

// URI is the CloudEvents source of a cluster's events.
func URI(name string) string { return "teleport://" + name }

// Outcome says what became of a record.
type Outcome int

// The outcomes. Only an unreadable record comes with an error.
const (
	// Mapped: the record gave events.
	Mapped Outcome = iota
	// Quiet: about access, but it says nothing that was not said before (a second
	// sign of life within a minute, a role that is already held).
	Quiet
	// NotAccess: not about access.
	NotAccess
	// Unreadable: not a record, or one about access that contradicts what
	// Teleport documents.
	Unreadable
)

func (o Outcome) String() string {
	return [...]string{"mapped", "quiet", "not-access", "unreadable"}[o]
}

// Verdict is what Map made of a line: the record's type, cut to a fit length, and
// the outcome.
type Verdict struct {
	Type    string
	Outcome Outcome
}

// Map translates one line. The events are in the order in which they belong into
// the log. An error says why the line is unreadable, without quoting it.
func (m *Mapper) Map(line []byte) ([]events.Event, Verdict, error) {
	rec, err := readRecord(line)
	if err != nil {
		return nil, Verdict{Outcome: Unreadable}, err
	}
	v := Verdict{Type: clean(rec.Event, 80)}
	if m.state.Cluster == "" {
		m.state.Cluster = clean(rec.Cluster, maxName)
	}
	mapping := m.mapping(rec.Event)
	if mapping == nil {
		v.Outcome = NotAccess
		m.note(rec)
		return nil, v, nil
	}
	if err := rec.dated(); err != nil {
		v.Outcome = Unreadable
		return nil, v, err
	}
	rec.source = m.source
	m.state.pass(rec.at)
	v.Outcome, err = mapping(rec)
	if err != nil {
		return nil, Verdict{v.Type, Unreadable}, err
	}
	return rec.out, v, nil
}

// note takes the time of a record that is not about access, where it has one:
// progress and coverage are about the log, not about access.
func (m *Mapper) note(rec *record) {
	if at, _, err := parseTime(rec.Time); err == nil {
		m.state.pass(at)
	}
}

// mapping is the translation of a type of record, or nil for one that is not
// about access. Types that Teleport will invent are not about access until
// somebody has read what they mean.
func (m *Mapper) mapping(typ string) func(*record) (Outcome, error) {
	switch class, _, _ := strings.Cut(typ, "."); class {
	case "access_request":
		return m.approvalMapping(typ)
	case "session", "app", "db", "windows", "linux", "mcp", "kube", "desktop", "exec", "resize",
		"sftp", "scp", "port", "x11-forward", "subsystem":
		return m.sessionMapping(typ)
	case "cert", "spiffe", "bot":
		return m.certificateMapping(typ)
	case "user", "access_list":
		return m.directoryMapping(typ)
	case "lock":
		return m.lockMapping(typ)
	}
	return nil
}

// said is the outcome of a record that was understood.
func said(rec *record) Outcome {
	if len(rec.out) == 0 {
		return Quiet
	}
	return Mapped
}

// Snapshot is the mapper's memory, to be kept with the place in the log.
func (m *Mapper) Snapshot() ([]byte, error) {
	b, err := json.Marshal(m.state)
	if err != nil {
		return nil, fmt.Errorf("write the mapper's memory: %w", err)
	}
	return b, nil
}

// Restore takes a memory that Snapshot gave; nil is an empty one.
func (m *Mapper) Restore(b []byte) error {
	s, err := readState(b)
	if err != nil {
		return err
	}
	m.state = s
	return nil
}
