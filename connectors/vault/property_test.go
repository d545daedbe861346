package vault_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/vault"
	"github.com/overstay/overstay/events"
	"pgregory.net/rapid"
)

// However the lines of the real server arrive, in pieces of any size, with
// restarts at any moment, the same is told of every access.
func TestArrivalDoesNotMatter(t *testing.T) {
	files := map[string]string{"audit": sample(t, "audit.log"), "clear": sample(t, "audit-hmac_accessor-false.log"), "server": sample(t, "server.log")}
	lines := arrivals(t, files)
	whole := read(t, vault.Config{Name: "prod", ServerLogs: []string{files["server"]}, AuditFiles: []vault.AuditFile{
		{Path: files["audit"], Device: "file"}, {Path: files["clear"], Device: "file-plainacc"},
	}}, nil)
	want := sorted(whole.evs)
	// A step takes a second, so that a copy is never later than it is waited for.
	rapid.Check(t, func(rt *rapid.T) {
		v := newFake(t)
		cfg := vault.Config{Name: "prod", ServerLogs: []string{v.dir + "/server"}, AuditFiles: []vault.AuditFile{
			{Path: v.dir + "/audit", Device: "file"}, {Path: v.dir + "/clear", Device: "file-plainacc"},
		}}
		defer func() { _ = os.RemoveAll(v.dir) }()
		for name := range files {
			v.write(v.dir+"/"+name, "")
		}
		var got []events.Event
		var cursor connectors.Cursor
		for rest := lines; ; {
			var steps []func()
			for range rapid.IntRange(1, 6).Draw(rt, "steps before a restart") {
				n := min(rapid.IntRange(1, 40).Draw(rt, "lines"), len(rest))
				piece := rest[:n]
				rest = rest[n:]
				steps = append(steps, func() {
					for _, l := range piece {
						v.write(v.dir+"/"+l.file, l.text)
					}
				})
			}
			if len(rest) == 0 {
				// Copies that never come are waited for by the clock.
				steps = append(steps, func() {}, func() {}, func() {}, func() {})
			}
			l := follow(t, cfg, cursor, steps...)
			got, cursor = append(got, l.evs...), l.cursor
			if len(rest) == 0 {
				break
			}
		}
		if g := sorted(got); !slices.Equal(g, want) {
			for i := range max(len(g), len(want)) {
				if i >= len(g) || i >= len(want) || g[i] != want[i] {
					rt.Fatalf("told %d events, want %d; the first difference is\n%s\nwant\n%s", len(g), len(want), at(g, i), at(want, i))
				}
			}
		}
	})
}

func at(s []string, i int) string {
	if i >= len(s) {
		return "(nothing)"
	}
	return s[i]
}

type arrival struct {
	at         time.Time
	file, text string
}

// arrivals are all lines in the order in which they can have been written: a
// server log's time is cut, so that its line comes when its millisecond is over.
func arrivals(t *testing.T, files map[string]string) (all []arrival) {
	for _, name := range []string{"audit", "clear", "server"} {
		text, err := os.ReadFile(files[name])
		if err != nil {
			t.Fatal(err)
		}
		var last time.Time
		for line := range strings.Lines(string(text)) {
			var rec struct{ Time time.Time }
			if name != "server" {
				if err := json.Unmarshal([]byte(line), &rec); err != nil {
					t.Fatal(err)
				}
			} else if at, err := time.Parse("2006-01-02T15:04:05.000Z", line[:min(24, len(line)-1)]); err == nil {
				rec.Time = at.Add(time.Millisecond - 1)
			}
			if rec.Time.Before(last) {
				rec.Time = last
			}
			last = rec.Time
			all = append(all, arrival{rec.Time, name, line})
		}
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return a.at.Compare(b.at) })
	return all
}

// sorted tells each event on a line of its own, in an order that does not hang on
// when it was told.
func sorted(evs []events.Event) []string {
	var out []string
	for _, ev := range evs {
		if ev.Type.Class() != "source" {
			out = append(out, ev.ID+" "+strings.TrimSpace(tell([]events.Event{ev})))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
