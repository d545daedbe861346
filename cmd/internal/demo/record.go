package demo

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// recording is what the connectors said, for another server to judge.
type recording struct {
	// At the cut the windows are over and access is not.
	before []events.Event
	// late is what happened before the cut and was told after it.
	late []events.Event
	cut  time.Time
}

// record reads what the connectors said out of the log. What they said of
// themselves (progress, where coverage begins) is left out, and so are their
// numbers: nobody promises anything about a file of events, and whoever judges
// them should say so.
func record(ctx context.Context, log eventlog.Log, cut time.Time, position uint64) (*recording, error) {
	rec := &recording{cut: cut}
	st, err := log.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	for at := st.First; at <= st.Last; at++ {
		m, err := log.At(ctx, at)
		if err != nil {
			return nil, fmt.Errorf("read the log: %w", err)
		}
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err != nil {
			return nil, fmt.Errorf("read the log at %d: %w", at, err)
		}
		if !ev.Type.FromSource() || ev.Type.Class() == events.SourceProgress.Class() {
			continue
		}
		ev.Sequence, ev.Recorded, ev.TraceParent = events.Sequence{}, time.Time{}, ""
		switch {
		case at <= position:
			rec.before = append(rec.before, ev)
		case !ev.Time.After(cut):
			rec.late = append(rec.late, ev)
		}
	}
	return rec, nil
}

// lines writes events as JSON Lines, moved in time so that the cut is now.
func lines(evs []events.Event, cut, now time.Time) ([]byte, error) {
	var out bytes.Buffer
	for _, ev := range evs {
		text, err := events.Encode(ev)
		if err != nil {
			return nil, err
		}
		text = move(text, now.Sub(cut).Truncate(time.Second))
		if _, err := events.Decode(text); err != nil {
			return nil, fmt.Errorf("move event %s to %s: %w", ev.ID, now.Format(time.RFC3339), err)
		}
		out.Write(text)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

var times = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`)

// move shifts every time in a text, those in ids included: a certificate is named
// after its end.
func move(text []byte, by time.Duration) []byte {
	return times.ReplaceAllFunc(text, func(at []byte) []byte {
		t, err := time.Parse(time.RFC3339Nano, string(at))
		if err != nil {
			return at // not a time
		}
		return []byte(t.Add(by).Format(time.RFC3339Nano))
	})
}
