package vault_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/vault"
	"github.com/overstay/overstay/events"
)

// follow runs a source that follows its files. Each wait for more lines is one
// step of the story; after the last the source is stopped. The source's clock
// goes a second a step.
func follow(t *testing.T, cfg vault.Config, from connectors.Cursor, steps ...func()) *log {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	now := time.Date(2026, 10, 1, 12, 30, 0, 0, time.UTC)
	cfg.Follow = true
	cfg.Clock = func() time.Time { return now }
	cfg.Wait = func(ctx context.Context, _ time.Duration) error {
		if len(steps) == 0 {
			cancel()
			return ctx.Err()
		}
		step := steps[0]
		steps = steps[1:]
		now = now.Add(time.Second)
		step()
		return nil
	}
	src, err := vault.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := &log{}
	if err := src.Run(ctx, from, l); !errors.Is(err, context.Canceled) {
		t.Fatalf("Run: %v", err)
	}
	return l
}

// The server's line is read while the call that explains it has no answer yet: it
// waits, and is no expiry.
func TestServerLineWaitsForTheAnswer(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	var alice *tok
	var lease string
	var revoke api
	l := follow(t, cfg, nil,
		func() {
			alice = v.login("alice", 3600)
			lease = v.issue(alice, "database/creds/ro", "L1")
			revoke = api{by: alice, path: "sys/leases/revoke/database/creds/ro/L1", mountType: "system", noAnswer: true, during: func() { v.revoked(lease) }}
			v.call(revoke)
		},
		func() { v.respond(revoke) },
		func() {},
	)
	if h := historyOf(l.evs, lease); h.claimed != "path" || h.observed != "path" {
		t.Errorf("%+v, want it revoked by path", h)
	}
}

// The same, across a restart between the two.
func TestServerLineWaitsAcrossARestart(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	alice := v.login("alice", 3600)
	lease := v.issue(alice, "database/creds/ro", "L1")
	revoke := api{by: alice, path: "sys/leases/revoke/database/creds/ro/L1", mountType: "system", noAnswer: true, during: func() { v.revoked(lease) }}
	v.call(revoke)
	first := follow(t, cfg, nil)
	if h := historyOf(first.evs, lease); h.observed+h.claimed != "" {
		t.Fatalf("said before the answer: %+v", h)
	}
	v.respond(revoke)
	second := follow(t, cfg, first.cursor, func() {})
	if h := historyOf(second.evs, lease); h.claimed != "path" || h.observed != "path" || h.issued != 0 {
		t.Errorf("%+v, want it revoked by path and not issued again", h)
	}
}

func TestRotationAndRestart(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	var alice *tok
	rotate := func() {
		if err := os.Rename(v.devices[0].path, v.devices[0].path+".1"); err != nil {
			t.Fatal(err)
		}
	}
	first := follow(t, cfg, nil,
		func() { alice = v.login("alice", 3600); v.issue(alice, "database/creds/ro", "L1") },
		func() { rotate(); v.issue(alice, "database/creds/ro", "L2") },
	)
	// Down: one more line into the file, a rotation, and a line into the next.
	v.issue(alice, "database/creds/ro", "L3")
	if err := os.Rename(v.devices[0].path, v.devices[0].path+".2"); err != nil {
		t.Fatal(err)
	}
	v.call(api{by: alice, path: "sys/leases/revoke-prefix/database", mountType: "system"})
	second := follow(t, cfg, first.cursor, func() {})
	all := append(first.evs, second.evs...)
	for _, id := range []string{"L1", "L2", "L3"} {
		if h := historyOf(all, "database/creds/ro/"+id); h.issued != 1 || h.claimed != "prefix" {
			t.Errorf("%s: %+v, want it issued once and revoked by prefix", id, h)
		}
	}
	if skips := append(first.skips, second.skips...); len(skips) > 0 {
		t.Errorf("skips %q", skips)
	}
}

// What is lost is said, and moves the start of coverage.
func TestTruncationStartsCoverageAnew(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	l := follow(t, cfg, nil,
		func() { v.login("alice", 3600) },
		func() {
			if err := os.Truncate(v.devices[0].path, 0); err != nil {
				t.Fatal(err)
			}
			v.at("12:20:00")
			v.login("bob", 3600)
		},
	)
	var coverage []string
	for _, ev := range l.evs {
		if r, ok := ev.Data.(*events.Resumed); ok {
			coverage = append(coverage, r.Coverage.Format("15:04:05"))
		}
	}
	if strings.Join(coverage, " ") != "12:30:00 12:00:00 12:20:00" { // empty at first, by our clock
		t.Errorf("coverage from %q, want it to begin anew after the loss", coverage)
	}
	if len(l.skips) != 1 || !strings.HasPrefix(l.skips[0], "lost file.log:2") {
		t.Errorf("skips %q, want the loss", l.skips)
	}
}

// A quiet Vault makes progress, every ten seconds; shipped files do not.
func TestProgress(t *testing.T) {
	through := func(shipped bool) (times []string) {
		v := clearFake(t)
		cfg := v.config()
		cfg.Shipped = shipped
		quiet := make([]func(), 21)
		for i := range quiet {
			quiet[i] = func() {}
		}
		quiet[0] = func() { v.login("alice", 3600) }
		for _, ev := range follow(t, cfg, nil, quiet...).evs {
			if p, ok := ev.Data.(*events.Progress); ok {
				times = append(times, p.Through.Format("15:04:05"))
			}
		}
		return times
	}
	if got := strings.Join(through(false), " "); got != "12:30:00 12:30:10 12:30:20" {
		t.Errorf("progress through %s", got)
	}
	if got := strings.Join(through(true), " "); got != "12:00:00 12:00:00 12:00:00" {
		t.Errorf("progress of shipped files through %s, want the newest line's time", got)
	}
}

// Two devices: a copy that comes late is waited for, and one that never comes is
// not waited for forever.
func TestCopyOfTheFirstDeviceComesLate(t *testing.T) {
	v := newFake(t, "first", "second")
	v.devices[0].clear = true
	cfg := v.config()
	first, second := v.devices[0], v.devices[1]
	login := api{path: "auth/userpass/login/alice", mountType: "userpass",
		auth: &tok{"acc-alice", "hvs.SECRET", "e-alice", "userpass-alice"}, more: m{"token_ttl": 3600}}
	l := follow(t, cfg, nil,
		func() { first.off = true; v.call(login) },
		func() {
			first.off, second.off = false, true
			v.calls, v.now = v.calls-1, v.now.Add(-10*time.Millisecond)
			v.call(login)
		},
		func() { first.off, second.off = true, false; v.login("bob", 3600) },
		func() {}, func() {}, func() {},
	)
	got := tell(l.evs)
	if !strings.Contains(got, "lease.issued token:acc-alice ") || strings.Count(got, "lease.issued") != 2 {
		t.Errorf("told\n%s\nwant alice's token by the first device's name, and bob's", got)
	}
}

// A Vault with more tokens than a cursor takes keeps its state in a file beside.
func TestStateInAFile(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	cfg.StateDir = t.TempDir()
	alice := v.login("alice", 36000)
	for range 1100 {
		v.issue(alice, "database/creds/ro", "L"+string(rune('a'+v.calls%26))+strings.Repeat("x", v.calls%50)+time.Duration(v.calls).String())
	}
	first := read(t, cfg, nil)
	if len(first.cursor) > 4<<10 {
		t.Errorf("the cursor has %d bytes", len(first.cursor))
	}
	v.call(api{by: alice, path: "auth/token/revoke-self", mountType: "token"})
	second := read(t, cfg, first.cursor)
	if n := strings.Count(tell(second.evs), "end claimed cascade"); n != 1100 {
		t.Errorf("%d leases ended with their token, want 1100", n)
	}

	if err := os.RemoveAll(cfg.StateDir); err != nil {
		t.Fatal(err)
	}
	src, err := vault.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var missing *vault.StateError
	if err := src.Run(t.Context(), first.cursor, &log{}); !errors.As(err, &missing) || missing.Hint == "" {
		t.Errorf("error %v, want a StateError that says what to do", err)
	}
	cfg.StateDir = ""
	if src, err = vault.New(cfg); err != nil {
		t.Fatal(err)
	}
	if err := src.Run(t.Context(), nil, &log{}); !errors.As(err, &missing) {
		t.Errorf("error %v, want a StateError: there is nowhere to keep the state", err)
	}
}
