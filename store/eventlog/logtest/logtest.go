package logtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// Streams are what is proven.
type Streams struct {
	Log        eventlog.Log
	Alerts     eventlog.Alerts
	Tail       eventlog.AlertsReader
	Quarantine eventlog.Quarantine
}

// Open makes empty streams for one case, and closes them when it is over. The log
// holds so many bytes; 0 leaves it to the implementation.
type Open func(t *testing.T, limit int64) Streams

// Run proves everything.
func Run(t *testing.T, open Open) {
	cases := []struct {
		name  string
		limit int64
		prove func(*testing.T, Streams)
	}{
		{"appended entries are read in order", 0, inOrder},
		{"what is read is what was appended", 0, sameContent},
		{"a message id drops the copy", 0, duplicate},
		{"a duplicate leaves its companions alone", 0, duplicateAmongOthers},
		{"a large append is whole", 0, large},
		{"many callers each keep their order", 0, manyCallers},
		{"what does not belong is refused", 0, refusals},
		{"a refused entry harms no other caller", 0, refusedAlone},
		{"a reader starts in the middle", 0, middle},
		{"a reader beyond the end is an error", 0, beyond},
		{"a reader waits, and stops when told", 0, waiting},
		{"a closed reader says so", 0, closedReader},
		{"TryNext does not wait", 0, tryNext},
		{"At reads one message", 0, at},
		{"State describes the log", 0, state},
		{"a guarded append loses to an earlier one", 0, guarded},
		{"a full log refuses sources only", 256 << 10, full},
		{"an ended context appends nothing new", 0, endedContext},
		{"an alert is inserted once", 0, alertOnce},
		{"an alert with another body is refused", 0, alertDiffers},
		{"severity does not make another alert", 0, alertSeverity},
		{"alerts are inserted together", 0, alertsTogether},
		{"alerts of which one is there are not", 0, alertsNotTogether},
		{"alerts are tailed by position and subject", 0, tail},
		{"a tail follows", 0, follow},
		{"quarantine takes", 0, quarantined},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.prove(t, open(t, c.limit))
		})
	}
}

// patience is how long a case waits for something that must come. It is no
// tolerance: nothing passes or fails by being faster.
const patience = 30 * time.Second

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func event(n int) eventlog.Entry {
	return eventlog.Entry{
		Subject: "overstay.events.test.lease-issued",
		MsgID:   fmt.Sprintf("id-%d", n),
		Body:    fmt.Appendf(nil, "event %d", n),
	}
}

func tick(n int) eventlog.Entry {
	return eventlog.Entry{Subject: "overstay.clock.tick", Body: fmt.Appendf(nil, "tick %d", n)}
}

func events(from, to int) []eventlog.Entry {
	var es []eventlog.Entry
	for n := from; n < to; n++ {
		es = append(es, event(n))
	}
	return es
}

func readFrom(t *testing.T, l eventlog.Log, from uint64) eventlog.Reader {
	t.Helper()
	r, err := l.Read(within(t), from)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

func next(t *testing.T, r eventlog.Reader) eventlog.Message {
	t.Helper()
	m, err := r.Next(within(t))
	must(t, err)
	return m
}

// bodies reads n messages.
func bodies(t *testing.T, r eventlog.Reader, n int) []string {
	t.Helper()
	var out []string
	for range n {
		out = append(out, string(next(t, r).Body))
	}
	return out
}
