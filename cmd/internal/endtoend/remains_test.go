package endtoend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// remains are what a program has left on disk.
type remains struct {
	events map[string]int   // source|id: how often it is in the log
	alerts map[string]ended // by id
	seals  map[string]ended // by approval
	// damage are the alerts that say that the log is damaged.
	damage map[string]ended
	total  int // messages in the alert stream
}

func newRemains() remains {
	return remains{alerts: map[string]ended{}, seals: map[string]ended{}, damage: map[string]ended{}}
}

// ended is what an alert came to: nothing in it depends on when it was told.
type ended struct {
	Revisions []uint64
	Final     string
}

// inspect opens the streams of a program that has ended.
func inspect(t *testing.T, p *program) remains {
	t.Helper()
	ctx := t.Context()
	server, err := jetstream.Embed(ctx, jetstream.Options{Dir: filepath.Join(p.dir, "nats"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	conn, err := server.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	streams, err := jetstream.Open(ctx, conn, jetstream.StreamOptions{MaxStore: server.MaxStore()})
	if err != nil {
		t.Fatal(err)
	}
	defer streams.Close()
	out := newRemains()
	out.events = loggedEvents(t, streams.Events())
	tail, err := streams.AlertsReader().Tail(ctx, eventlog.TailOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer tail.Close()
	for {
		m, err := tail.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out.total++
		out.take(t, m)
	}
}

func loggedEvents(t *testing.T, log eventlog.Log) map[string]int {
	t.Helper()
	st, err := log.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := log.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out := map[string]int{}
	for {
		m, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type.FromSource() {
			out[key(ev)]++
		}
		if m.Position == st.Last {
			return out
		}
	}
}

// publication is what is compared of an alert's or seal's body.
type publication struct {
	Type          string `json:"type"`
	CorrelationID string `json:"correlationid"` // the id, of alerts
	Data          struct {
		Unmapped struct {
			Overstay struct{ Rule, State, Closing, Approval string } `json:"overstay"`
		} `json:"unmapped"`
		Evidences []struct {
			Data struct{ Kind, ID, From, To, End, Basis string } `json:"data"`
		} `json:"evidences"`

		Approval struct{ ID, Source string } `json:"approval"` // of seals, as below
		Facets   []struct {
			Facet, End, Basis, Overrun string
			Count                      int
		} `json:"facets"`
	} `json:"data"`
}

func (r remains) take(t *testing.T, m eventlog.Message) {
	t.Helper()
	var p publication
	if err := json.Unmarshal(m.Body, &p); err != nil {
		t.Fatal(err)
	}
	revision, err := strconv.ParseUint(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:], 10, 64)
	if err != nil {
		t.Fatalf("subject %s: %v", m.Subject, err)
	}
	d := p.Data
	if !strings.HasPrefix(p.Type, correlator.TypeAlertPrefix) {
		id := d.Approval.Source + "|" + d.Approval.ID
		r.seals[id] = r.seals[id].and(revision, fmt.Sprint(p.Type, d.Facets))
		return
	}
	final := fmt.Sprint(d.Unmapped.Overstay)
	for _, e := range d.Evidences {
		if e.Data.From != "" {
			final += fmt.Sprint(" ", e.Data)
		}
	}
	of := r.alerts
	if d.Unmapped.Overstay.Rule == "OV-025" {
		of = r.damage
	}
	of[p.CorrelationID] = of[p.CorrelationID].and(revision, final)
}

// and is what it came to with one more revision. The highest counts, whichever came
// last: one that was lost and published again stands behind later ones.
func (e ended) and(revision uint64, final string) ended {
	if len(e.Revisions) == 0 || revision > slices.Max(e.Revisions) {
		e.Final = final
	}
	return ended{append(slices.Clone(e.Revisions), revision), e.Final}
}

// contiguous reports whether revisions count 1, 2, 3 and so on, in whatever order.
func contiguous(revisions []uint64) bool {
	for i, r := range slices.Sorted(slices.Values(revisions)) {
		if r != uint64(i)+1 {
			return false
		}
	}
	return len(revisions) > 0
}

// sameEnds compares what two runs came to.
func sameEnds(t *testing.T, what string, want, got map[string]ended) {
	t.Helper()
	for _, d := range differences(what, want, got) {
		t.Error(d)
	}
	for id, g := range got {
		if !slices.IsSorted(g.Revisions) {
			t.Errorf("%s %s has its revisions in the order %v", what, id, g.Revisions)
		}
	}
}

// differences says what is otherwise in got than in want.
func differences(what string, want, got map[string]ended) []string {
	var out []string
	differ := func(format string, v ...any) { out = append(out, what+" "+fmt.Sprintf(format, v...)) }
	for id, w := range want {
		g, ok := got[id]
		switch {
		case !ok:
			differ("%s is missing: %s", id, w.Final)
		case g.Final != w.Final:
			differ("%s came to\n%s\nand not to\n%s", id, g.Final, w.Final)
		case !contiguous(g.Revisions):
			differ("%s has the revisions %v", id, g.Revisions)
		}
	}
	for id, g := range got {
		if _, ok := want[id]; !ok {
			differ("%s is told, and should not be: %s", id, g.Final)
		}
	}
	return out
}
