package vault_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors/vault"
)

// What cannot be read is passed over with its place, and without its text.
func TestBadLines(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	v.login("alice", 3600)
	for _, line := range []string{
		`{"time":"2026-10-01T12:00:01Z","type":"response","request":{"id":"x"`,
		`{"time":"2026-10-01T12:00:01Z","time":"hvs.LEAK","type":"response"}`,
		`{"time":"hvs.LEAK","type":"response","request":{"id":"x"}}`,
		`{"type":"response","request":{"id":"x","path":"hvs.LEAK"}}`,
		`{"time":"2026-10-01T12:00:01Z","type":"response","request":{"path":"hvs.LEAK"}}`,
		`{"time":"2026-10-01T12:00:01Z","type":"kmip-response","hvs.LEAK":1}`,
		"hvs.LEAK \xff\x00",
	} {
		v.write(v.devices[0].path, line+"\n")
	}
	v.write(v.server, "expiration: revoked lease: lease_id=hvs.LEAK\nbanner hvs.LEAK\n")
	v.login("bob", 3600)
	l := read(t, cfg, nil)
	if n := strings.Count(tell(l.evs), "lease.issued"); n != 2 {
		t.Errorf("%d logins were told, want both", n)
	}
	if len(l.skips) != 7 { // the KMIP line is well-formed and not about access
		t.Errorf("%d skips, want 7: %q", len(l.skips), l.skips)
	}
	for _, s := range l.skips {
		if !strings.HasPrefix(s, "invalid ") || strings.Contains(s, "LEAK") {
			t.Errorf("skip %q", s)
		}
	}
}

func TestServerLogAsJSONAndBehindJournald(t *testing.T) {
	v := clearFake(t)
	cfg := v.config()
	alice := v.login("alice", 3600)
	one, two := v.issue(alice, "database/creds/ro", "L1"), v.issue(alice, "database/creds/ro", "L2")
	v.write(v.server, `{"@level":"info","@message":"revoked lease","@module":"expiration","@timestamp":"2026-10-01T14:10:00.000123+02:00","lease_id":"`+one+`"}`+"\n")
	v.write(v.server, "Oct 01 12:11:00 vault-1 vault[77]: 2026-10-01T14:11:00.500+0200 [INFO]  expiration: revoked lease: lease_id="+two+"\n")
	got := tell(read(t, cfg, nil).evs)
	for _, want := range []string{"12:10:00.000 lease.expired " + one, "12:11:00.500 lease.expired " + two} {
		if !strings.Contains(got, want) {
			t.Errorf("told\n%s\nwithout %s", got, want)
		}
	}
}

func TestConfigReportsEverything(t *testing.T) {
	_, err := vault.New(vault.Config{
		Name: "Prod!", AuditFiles: []vault.AuditFile{{Path: "a"}, {Path: "a"}},
		Address: "http://vault.example.com:8200", MountTTL: map[string]time.Duration{"database": -1},
	})
	for _, want := range []string{"name", "configured twice", "token file", "https only", "maximum TTL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not speak of %q", err, want)
		}
	}
}

// Whatever is in the files, the connector reads to their end, and what it says is
// valid or skipped.
func FuzzLines(f *testing.F) {
	for _, name := range []string{"audit.log", "server.log"} {
		if text, err := os.ReadFile("../../../shared/samples/openbao/run-1/" + name); err == nil {
			for line := range strings.Lines(string(text)) {
				f.Add([]byte(line), name == "audit.log")
			}
		}
	}
	f.Add([]byte(`{"time":"2026-10-01T12:00:00Z","type":"response","auth":{"accessor":"a","token_issue_time":"2026-10-01T12:00:00Z"},"request":{"id":"1","path":"sys/leases/revoke-prefix/"}}`), true)
	f.Add([]byte(`2026-10-01T12:00:00.000Z [INFO]  expiration: revoked lease: lease_id=a/b`), false)
	f.Fuzz(func(t *testing.T, text []byte, audit bool) {
		v := clearFake(t)
		cfg := v.config()
		v.issue(v.login("alice", 3600), "database/creds/ro", "L1")
		path := v.server
		if audit {
			path = v.devices[0].path
		}
		v.write(path, string(text))
		l := read(t, cfg, nil)
		again := read(t, cfg, nil)
		if tell(l.evs) != tell(again.evs) {
			t.Errorf("read twice, told twice differently:\n%s\n%s", tell(l.evs), tell(again.evs))
		}
		for _, ev := range l.evs {
			if err := ev.Validate(); err != nil {
				t.Errorf("%s: %v", ev.ID, err)
			}
		}
	})
}
