package endtoend

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/events"
)

// auditLog is a Teleport's log file.
type auditLog struct {
	t    *testing.T
	path string
}

func (l auditLog) write(records ...map[string]any) {
	l.t.Helper()
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		l.t.Fatal(err)
	}
	enc := json.NewEncoder(f)
	for _, r := range records {
		r["cluster_name"] = "c"
		err = errors.Join(err, enc.Encode(r))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		l.t.Fatal(err)
	}
}

// session is the record of what happened to one, at a time.
func session(event, id string, at time.Time) map[string]any {
	return map[string]any{
		"event": event, "uid": event + id, "time": at.UTC().Format(time.RFC3339Nano),
		"user": "alice", "sid": id, "server_hostname": "web-1", "login": "root",
	}
}

func openTeleport(t *testing.T, path string) *inside {
	t.Helper()
	return open(t, func(cfg *config.Config) {
		judgeBy(t, cfg, "grace: {session: 1s}\n")
		cfg.Connectors = []config.Connector{{
			Type: config.TypeTeleport, Name: "prod", Teleport: &config.Teleport{Paths: []string{path}, Follow: true},
		}}
	})
}

// vouched is how far the log is vouched for, "" while it is not.
func vouched(s app.Status) string {
	for _, src := range s.Sources {
		if src.URI == "teleport://prod" {
			return src.Progress
		}
	}
	return ""
}

// TestALogThatIsGoneConfirmsNothing: the log is taken away before a window is over.
// That the session went on is then provisional, until the log is back and with it
// the word that it had ended in time.
func TestALogThatIsGoneConfirmsNothing(t *testing.T) {
	t.Parallel()
	l := auditLog{t, filepath.Join(t.TempDir(), "events.log")}
	l.write(map[string]any{"event": "auth", "uid": "first", "time": time.Now().UTC().Format(time.RFC3339Nano)})
	in := openTeleport(t, l.path)
	in.until("reading the log", func(s app.Status) bool { return vouched(s) != "" })

	began := time.Now().UTC()
	l.write(session("session.start", "s-1", began))
	in.until("a session that is open", func(s app.Status) bool { return s.Open == 1 })
	away := l.path + "-away"
	if err := os.Rename(l.path, away); err != nil {
		t.Fatal(err)
	}
	end := time.Now().UTC().Add(2 * time.Second)
	alice := events.ID("teleport/prod/user:alice")
	in.say(made(t, events.ApprovalGranted, "pam://x", "grant-1", began.Add(-time.Minute), alice, &events.Approval{
		ApprovalID: "REQ-1", Requester: alice, Scopes: []events.Scope{{System: "teleport/prod", Resource: "node/*", Role: "*"}},
		Window: &events.Window{Start: began.Add(-time.Minute), End: end, EndKind: events.EndAt},
	}))
	told := in.await("the session, while its log is gone", outlived("raised"))
	if !told.Provisional {
		t.Errorf("told as if the log had been read: %+v", told)
	}
	waiting := in.until("waiting for the log", func(s app.Status) bool { return s.Connector[0].State == "waiting" })
	if want := l.path + " is not there any more; nothing is claimed until it is"; waiting.Connector[0].LastError != want {
		t.Errorf("it shows %q, not %q", waiting.Connector[0].LastError, want)
	}
	if p := vouched(waiting); p > end.Format(time.RFC3339) {
		t.Errorf("it vouches through %s; the window was over at %s, when the log was gone", p, end)
	}

	// It had ended in time; the log only was elsewhere.
	l2 := auditLog{t, away}
	l2.write(session("session.end", "s-1", end.Add(-time.Second)))
	if err := os.Rename(away, l.path); err != nil {
		t.Fatal(err)
	}
	in.await("that it had ended in time", outlived("retracted"))
	in.until("reading on", func(s app.Status) bool {
		return s.Connector[0].State == "running" && s.Connector[0].LastError == "" && vouched(s) > end.Format(time.RFC3339)
	})
	if said := in.said.said(); strings.Count(said, "the source waits") != 1 || strings.Count(said, "the source goes on") != 1 {
		t.Errorf("it is not said once that it waits, and once that it goes on:\n%s", said)
	}
}

// TestATypoInAPathShows: nothing is claimed, and the status says what is missing.
func TestATypoInAPathShows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	typo := filepath.Join(dir, "typo.log")
	in := open(t, func(cfg *config.Config) {
		cfg.Connectors = []config.Connector{
			{Type: config.TypeTeleport, Name: "prod", Teleport: &config.Teleport{Paths: []string{typo}, Follow: true}},
			{Type: config.TypeVault, Name: "prod", Vault: &config.Vault{Audit: []config.VaultAudit{{Device: "file", Paths: []string{typo}}}, Follow: true}},
			{Type: config.TypeCloudEventsFile, Name: "prod", CloudEventsFile: &config.CloudEventsFile{Paths: []string{typo}, Follow: true}},
		}
	})
	s := in.until("waiting, all of them", func(s app.Status) bool {
		for _, c := range s.Connector {
			if c.State != "waiting" || c.LastError != typo+" is not there; nothing is claimed until it is" {
				return false
			}
		}
		return len(s.Connector) == 3
	})
	for _, c := range s.Connector {
		if len(c.Events) > 0 {
			t.Errorf("%s said %v", c.URI, c.Events)
		}
	}
	if len(s.Sources) > 0 {
		t.Errorf("of a file that is not there the state has %+v", s.Sources)
	}
}
