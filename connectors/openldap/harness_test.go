package openldap

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/openldap/slapdtest"
	"github.com/overstay/overstay/events"
)

// patience bounds a wait for something that should come at once.
const patience = 20 * time.Second

// hands is a clock whose time is real and whose timers a test fires.
type hands struct {
	probes, scans chan time.Time
	ahead         atomic.Int64 // nanoseconds before the system's clock
}

func newHands() *hands { return &hands{probes: make(chan time.Time), scans: make(chan time.Time)} }

func (h *hands) Now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

func (h *hands) After(d time.Duration) <-chan time.Time {
	if d == probeEvery {
		return h.probes
	}
	return h.scans
}

// run is a source at work.
type run struct {
	t     *testing.T
	hands *hands
	stop  context.CancelFunc
	done  chan error

	mu     sync.Mutex
	said   []events.Event
	cursor connectors.Cursor
	skips  []string
	news   chan struct{}
	read   int // what the test has looked at
}

func (r *run) Emit(ctx context.Context, evs []events.Event, next connectors.Cursor) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range evs {
		if err := evs[i].Validate(); err != nil {
			r.t.Errorf("%s is invalid: %v", evs[i].ID, err)
		}
	}
	r.said = append(r.said, evs...)
	r.cursor = slices.Clone(next)
	select {
	case r.news <- struct{}{}:
	default:
	}
	return ctx.Err()
}

func (r *run) Skip(reason, place string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skips = append(r.skips, fmt.Sprint(reason, " ", place, " ", err))
}

func (r *run) Waiting(reason error) {
	if reason != nil {
		r.t.Errorf("it waits: %v", reason)
	}
}

// follow runs a source of its own on a server until the test, or stop, ends it.
func follow(t *testing.T, c Config, from connectors.Cursor) *run {
	t.Helper()
	r := &run{t: t, hands: newHands(), done: make(chan error, 1), news: make(chan struct{}, 1)}
	s, err := New(c, WithClock(r.hands))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	go func() { r.done <- s.Run(ctx, from, r) }()
	t.Cleanup(func() { r.halt() })
	return r
}

// halt stops the run and gives its error, once.
func (r *run) halt() error {
	r.stop()
	return r.ended()
}

func (r *run) ended() error {
	r.t.Helper()
	select {
	case err := <-r.done:
		r.done <- err
		return err
	case <-time.After(patience):
		r.t.Fatal("Run did not return")
		return nil
	}
}

// until waits for the next event of a type and returns all up to it that the test
// has not seen yet.
func (r *run) until(typ events.Type) []events.Event {
	r.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		r.mu.Lock()
		for i := r.read; i < len(r.said); i++ {
			if r.said[i].Type == typ {
				evs := r.said[r.read : i+1]
				r.read = i + 1
				r.mu.Unlock()
				return evs
			}
		}
		r.mu.Unlock()
		select {
		case <-r.news:
		case err := <-r.done:
			r.done <- err
			r.t.Fatalf("Run ended before it said %s: %v", typ.Short(), err)
		case <-limit.C:
			r.t.Fatalf("nothing said %s; since the last look: %s", typ.Short(), r.since())
		}
	}
}

func (r *run) since() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return text(r.said[r.read:])
}

// settled fires a probe and returns what came before its progress: everything
// that the directory did until now.
func (r *run) settled() []events.Event {
	r.t.Helper()
	fire(r.t, r.hands.probes)
	evs := r.until(events.SourceProgress)
	return evs[:len(evs)-1]
}

// scanned fires a scan and returns it.
func (r *run) scanned() []events.Event {
	r.t.Helper()
	fire(r.t, r.hands.scans)
	return r.until(events.SourceSnapshotEnd)
}

func fire(t *testing.T, timer chan time.Time) {
	t.Helper()
	select {
	case timer <- time.Now():
	case <-time.After(patience):
		t.Fatal("nobody waits for the timer")
	}
}

// config reads a test server as its reader.
func config(t *testing.T, s *slapdtest.Server) Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(slapdtest.ReaderPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Config{
		Name: "corp", URL: s.URL, BindDN: slapdtest.ReaderDN, PasswordFile: file, BaseDN: slapdtest.Suffix,
		Disabled: append(DefaultDisabled(), DisableRule{Condition: UnderUnit, Value: slapdtest.Leavers}),
	}
}

// begun follows a server from its baseline on, and passes over that.
func begun(t *testing.T, s *slapdtest.Server) *run {
	t.Helper()
	return begunWith(t, config(t, s))
}

func begunWith(t *testing.T, c Config) *run {
	t.Helper()
	r := follow(t, c, nil)
	r.until(events.SourceProgress)
	return r
}

// text says events in lines that a person can compare: what, who, about what. An
// entryUUID is written as the name that its aliases give it.
func text(evs []events.Event) string {
	var b strings.Builder
	for _, ev := range evs {
		b.WriteString(line(ev) + "\n")
	}
	return b.String()
}

func line(ev events.Event) string {
	who := name(ev.Subject, ev.Data.Common().Aliases)
	switch d := ev.Data.(type) {
	case *events.Membership:
		s := ev.Type.What() + " " + who + " in " + role(d.Scope)
		if d.Path != "" {
			s += " (" + string(d.Path) + ")"
		}
		if d.End != nil {
			s += " " + string(d.End.Cause)
		}
		return s
	case *events.GroupNesting:
		return ev.Type.What() + " " + role(events.Scope{Role: ev.Subject.Local()}) + " in " + role(d.Scope)
	case *events.IdentityLink:
		return ev.Type.What() + " " + string(d.Other)
	case *events.SnapshotPart:
		var lines []string
		for _, item := range d.Items {
			lines = append(lines, "  "+strings.TrimSpace(name(item.Subject, item.Aliases)+" in "+role(item.Scope)+" "+string(item.Path)))
		}
		return ev.Type.What() + "\n" + strings.Join(lines, "\n")
	case *events.Account:
		return ev.Type.What() + " " + who
	}
	return ev.Type.What()
}

func name(id events.ID, aliases []events.ID) string {
	for _, a := range aliases {
		if a.Realm() == "ldap/corp/uid" {
			return a.Local()
		}
	}
	if id.Realm() == "ldap/corp/uuid" {
		return "somebody gone"
	}
	return string(id)
}

func role(s events.Scope) string { return strings.TrimSuffix(s.Role, ","+slapdtest.Groups) }

// compare takes what one change says as a set; its order is that of ids.
func compare(t *testing.T, evs []events.Event, want string) {
	t.Helper()
	if got, want := sortLines(text(evs)), sortLines(want); got != want {
		t.Errorf("said:\n%s\nwant:\n%s", got, want)
	}
}

func sortLines(text string) string {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\t", "")), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func dump(t *testing.T, ev events.Event) string {
	t.Helper()
	b, err := json.Marshal(ev)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
