package vault_test

import (
	"os"
	"strings"
	"testing"

	"github.com/overstay/overstay/connectors/vault"
	"github.com/overstay/overstay/events"
)

func idle(n int) (steps []func()) {
	for range n {
		steps = append(steps, func() {})
	}
	return steps
}

// claims are how far it vouched, each time.
func claims(l *log) string {
	var times []string
	for _, ev := range l.evs {
		if p, ok := ev.Data.(*events.Progress); ok {
			times = append(times, p.Through.Format("15:04:05"))
		}
	}
	return strings.Join(times, " ")
}

// Of a file that was never there nothing is said but that it is waited for; with
// the file comes its coverage.
func TestAFileThatWasNeverThere(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	typo := v.devices[0].path
	if err := os.Remove(typo); err != nil {
		t.Fatal(err)
	}
	l := follow(t, cfg, nil, idle(60)...)
	if len(l.evs) > 0 || l.cursor != nil || l.waits != typo+" is not there; nothing is claimed until it is" {
		t.Fatalf("said %v, and waits for %q", l.evs, l.waits)
	}
	l = follow(t, cfg, nil, append(idle(60), func() { v.login("alice", 3600) }, func() {}, func() {})...)
	if l.waits != "" || claims(l) != "12:31:01" || !strings.Contains(tell(l.evs), "lease.issued token:acc-alice") {
		t.Errorf("waits for %q, claims through %s, told\n%s", l.waits, claims(l), tell(l.evs))
	}
}

// Files of two nodes: while one is away the other is read, and nothing vouched for.
func TestAFileThatIsRemoved(t *testing.T) {
	for _, shipped := range []bool{false, true} {
		v := clearFake(t)
		cfg := v.config()
		cfg.Shipped = shipped
		second := v.dir + "/node-2.log"
		cfg.AuditFiles = append(cfg.AuditFiles, vault.AuditFile{Path: second, Device: "file"})
		v.write(second, "")
		v.login("alice", 3600)
		steps := append(idle(12), func() { // 12:30:13
			if err := os.Rename(second, v.dir+"/elsewhere"); err != nil {
				t.Fatal(err)
			}
		})
		steps = append(steps, idle(60)...)
		steps = append(steps, func() { v.login("bob", 3600) })
		gone := follow(t, cfg, nil, steps...)
		if gone.waits != second+" is not there any more; nothing is claimed until it is" {
			t.Errorf("waits for %q", gone.waits)
		}
		want := "12:30:00 12:30:10"
		if shipped {
			want = "12:00:00 12:00:00"
		}
		if claims(gone) != want || strings.Count(tell(gone.evs), "lease.issued") != 2 {
			t.Errorf("claims through %s, want %s; told\n%s", claims(gone), want, tell(gone.evs))
		}
		back := follow(t, cfg, gone.cursor, append(idle(30), func() { v.write(second, "") }, func() {})...)
		want = "12:30:31"
		if shipped {
			want = "12:00:00"
		}
		if back.waits != "" || claims(back) != want {
			t.Errorf("back again, it waits for %q and claims %q", back.waits, claims(back))
		}
	}
}

// The file is away for less than a rotation takes.
func TestARotationIsNoAbsence(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	alice := v.login("alice", 3600)
	steps := append(idle(5), func() {
		if err := os.Rename(v.devices[0].path, v.devices[0].path+".1"); err != nil {
			t.Fatal(err)
		}
	})
	steps = append(steps, idle(9)...)
	steps = append(steps, func() { v.issue(alice, "database/creds/ro", "L1") })
	steps = append(steps, idle(5)...)
	l := follow(t, cfg, nil, steps...)
	if l.waits != "" || claims(l) != "12:30:00 12:30:16" || !strings.Contains(tell(l.evs), "lease.issued database/creds/ro/L1") {
		t.Errorf("waits for %q, claims through %s, told\n%s", l.waits, claims(l), tell(l.evs))
	}
}
