package teleport

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/overstay/overstay/events"
)

// MaxLine bounds one audit record in bytes. Teleport trims its own events to
// 64 KiB for the file log; exporters have been seen to write more.
const MaxLine = 1 << 20

// maxUID is the longest uid that is used as it is. Real ones are UUIDs.
const maxUID = 128

// Errors that a line can be refused with; each is wrapped with what was wrong.
var (
	ErrNotJSON  = errors.New("not one JSON object")
	ErrTooLong  = errors.New("record too long")
	ErrNoEvent  = errors.New("no event field: not a Teleport audit record")
	ErrBadField = errors.New("field not in the form that Teleport writes")
)

// record is one audit record with what every mapping needs of it, and the
// events made of it so far.
type record struct {
	Event   string `json:"event"`
	UID     string `json:"uid"`
	Time    string `json:"time"`
	Cluster string `json:"cluster_name"`

	raw     []byte
	at      time.Time
	quality events.TimeQuality
	sum     string
	source  string
	out     []events.Event
}

// readRecord checks that the line is one JSON object, without duplicate keys or
// invalid UTF-8, and reads the common fields. Which of two values of one key is
// true is not ours to guess.
func readRecord(line []byte) (*record, error) {
	if len(line) > MaxLine {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrTooLong, len(line), MaxLine)
	}
	rec := &record{raw: line}
	if err := json.Unmarshal(line, rec); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotJSON, redact(err))
	}
	if rec.Event == "" {
		return nil, ErrNoEvent
	}
	return rec, nil
}

// dated reads the time, which only records about access need: exports are known
// to spoil it in others.
func (r *record) dated() error {
	at, quality, err := parseTime(r.Time)
	if err != nil {
		return fmt.Errorf("%w: time: %w", ErrBadField, err)
	}
	r.at, r.quality = at, quality
	sum := sha256.Sum256(r.raw)
	r.sum = hex.EncodeToString(sum[:])
	return nil
}

// fields reads the record's own fields into a struct of the kind's shape.
func (r *record) fields(into any) error {
	if err := json.Unmarshal(r.raw, into); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrBadField, clean(r.Event, 80), redact(err))
	}
	return nil
}

// id is the stem of the ids of this record's events: the audit event's own uid,
// which stays the same when an upload completer writes the event again.
func (r *record) id() string {
	if r.UID == "" || len(r.UID) > maxUID {
		return "sha256:" + r.sum
	}
	return r.UID
}

// say adds an event that follows from this record. key tells apart two events of
// one type from one record (a role, a member), and is part of the id.
func (r *record) say(t events.Type, key string, subject events.ID, data events.Data) error {
	return r.sayAt(t, key, subject, r.at, data)
}

func (r *record) sayAt(t events.Type, key string, subject events.ID, at time.Time, data events.Data) error {
	meta := data.Common()
	quality := r.quality
	meta.TimeQuality = &quality
	meta.RawSHA256 = r.sum
	id := r.id() + "#" + t.Short()
	if key != "" {
		id += ":" + key
	}
	ev, err := events.New(t, r.source, id, at, subject, data)
	if err != nil {
		return fmt.Errorf("%s as %s: %w", clean(r.Event, 80), t.Short(), err)
	}
	r.out = append(r.out, ev)
	return nil
}

// redact keeps what a JSON error says about the kind of fault and the place, and
// drops the value that it may quote: a record may hold secrets.
func redact(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		what := "invalid syntax"
		if errors.Is(err, jsontext.ErrDuplicateName) {
			what = "duplicate key"
		}
		return fmt.Errorf("%s at byte %d", what, syntax.ByteOffset)
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return fmt.Errorf("a JSON %s where %v is expected, at byte %d", semantic.JSONKind, semantic.GoType, semantic.ByteOffset)
	}
	return errors.New("unreadable")
}

// layouts of times, with and without a zone. Teleport writes the first; the
// others are what exporters make of it.
var layouts = []struct {
	layout string
	zoned  bool
}{
	{time.RFC3339Nano, true},
	{"2006-01-02 15:04:05.999999999Z07:00", true},
	{"2006-01-02T15:04:05.999999999", false},
	{"2006-01-02 15:04:05.999999999", false},
}

// parseTime reads a required time. A time without a zone is taken as UTC, which
// is what Teleport writes, and marked as an assumption.
func parseTime(s string) (time.Time, events.TimeQuality, error) {
	for _, l := range layouts {
		t, err := time.Parse(l.layout, s)
		if err != nil {
			continue
		}
		q := events.TimeQuality{Precision: events.Duration(precision(s)), Zone: "assumed"}
		if l.zoned {
			q.Zone = "stated"
		}
		return t.UTC(), q, nil
	}
	return time.Time{}, events.TimeQuality{}, fmt.Errorf("%q is not a time", clean(s, 40))
}

// optionalTime reads a time that may be absent: left out, Go's zero time
// ("0001-01-01T00:00:00Z") and the Unix epoch all mean "not set".
func optionalTime(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, _, err := parseTime(s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %s: %w", ErrBadField, field, err)
	}
	if t.Year() <= 1 || t.Equal(time.Unix(0, 0)) {
		return time.Time{}, nil
	}
	return t, nil
}

// precision is the step of the clock that wrote s, by its fractional digits.
// Trailing zeros are not written ("23.5" may be 23.500), so that anything but
// whole seconds is at least the millisecond that Teleport rounds to.
func precision(s string) time.Duration {
	_, frac, ok := strings.Cut(s, ".")
	if !ok {
		return time.Second
	}
	digits := 0
	for digits < len(frac) && '0' <= frac[digits] && frac[digits] <= '9' {
		digits++
	}
	switch {
	case digits <= 3:
		return time.Millisecond
	case digits <= 6:
		return time.Microsecond
	default:
		return time.Nanosecond
	}
}
