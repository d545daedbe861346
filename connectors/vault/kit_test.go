package vault_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/vault"
	"github.com/overstay/overstay/events"
)

// log is the output that a source under test writes to.
type log struct {
	mu     sync.Mutex
	evs    []events.Event
	cursor connectors.Cursor
	skips  []string
	waits  string // for what, now
}

func (l *log) Emit(ctx context.Context, evs []events.Event, next connectors.Cursor) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.evs, l.cursor = append(l.evs, evs...), next
	return ctx.Err()
}

func (l *log) Skip(reason, place string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if reason != connectors.SkipNotAccess {
		l.skips = append(l.skips, fmt.Sprintf("%s %s: %v", reason, filepath.Base(place), err))
	}
}

func (l *log) Waiting(reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = ""
	if reason != nil {
		l.waits = reason.Error()
	}
}

// read runs a source over a finite input.
func read(t testing.TB, cfg vault.Config, from connectors.Cursor) *log {
	t.Helper()
	src, err := vault.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := &log{}
	if err := src.Run(t.Context(), from, l); err != nil {
		t.Fatalf("Run: %v", err)
	}
	return l
}

// tell writes events as a person would tell them, one a line.
func tell(evs []events.Event) string {
	var b strings.Builder
	for _, ev := range evs {
		if ev.Type.Class() == "source" {
			continue
		}
		fmt.Fprintf(&b, "%s %s", ev.Time.Format("15:04:05.000"), ev.Type.Short())
		if m := ev.Data.Common(); m.Effect != events.Done {
			fmt.Fprintf(&b, " (%s)", m.Effect)
		}
		switch d := ev.Data.(type) {
		case *events.Lease:
			tellLease(&b, d)
		case *events.Use:
			fmt.Fprintf(&b, " %s", brief(d.Access.ID))
		case *events.EndedBefore:
			fmt.Fprintf(&b, " %s*", d.IDPrefix)
		case *events.IdentityLink:
			fmt.Fprintf(&b, " to %s", d.Other)
		}
		if ev.Subject != "" {
			fmt.Fprintf(&b, " of %s", brief(string(ev.Subject)))
		}
		for _, a := range ev.Data.Common().Aliases {
			fmt.Fprintf(&b, " alias %s", a)
		}
		if a := ev.Data.Common().Actor; a != "" {
			fmt.Fprintf(&b, " by %s", brief(string(a)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func tellLease(b *strings.Builder, d *events.Lease) {
	fmt.Fprintf(b, " %s", brief(d.LeaseID))
	if !d.Scope.IsZero() {
		fmt.Fprintf(b, " [%s]", d.Scope)
	}
	if e := d.Expiry; e != nil {
		fmt.Fprintf(b, " expires %s", e.Kind)
		if !e.At.IsZero() {
			fmt.Fprintf(b, " %s", e.At.UTC().Format("15:04:05.000"))
		}
	}
	for _, p := range d.Parents {
		fmt.Fprintf(b, " %s %s", p.Edge, brief(p.ID))
	}
	for _, a := range d.Approvals {
		fmt.Fprintf(b, " %s says %s", a.AssertedBy, a.ID)
	}
	if e := d.End; e != nil {
		fmt.Fprintf(b, " end %s %s", e.Basis, e.Cause)
	}
	if d.Error != "" {
		fmt.Fprintf(b, " error %q final %t", d.Error, d.Final)
	}
}

// brief cuts hashes, which nobody can read.
func brief(s string) string {
	if i := strings.Index(s, "hmac-sha256:"); i >= 0 && len(s) > i+18 {
		return s[:i] + "#" + s[i+12:i+18]
	}
	return s
}

// sample is a file of the shared samples.
func sample(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "../shared/samples/openbao/run-1", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a sample is missing: %v", err)
		}
		t.Skipf("the shared samples are not here: %v", err)
	}
	return path
}
