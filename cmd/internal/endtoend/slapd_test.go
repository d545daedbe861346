package endtoend

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/connectors/openldap/slapdtest"
	"github.com/overstay/overstay/events"
)

const (
	directory = "ldap://corp"
	admins    = "cn=admins," + slapdtest.Groups
)

// openDirectory runs the program on a real slapd, with a grace of a second.
func openDirectory(t *testing.T, s *slapdtest.Server) *inside {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(slapdtest.ReaderPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := open(t, func(cfg *config.Config) {
		judgeBy(t, cfg, "grace: {membership: 1s}\n")
		cfg.Connectors = []config.Connector{{Type: config.TypeOpenLDAP, Name: "corp", OpenLDAP: &config.OpenLDAP{
			URL: s.URL, BindDN: slapdtest.ReaderDN, Password: secret.Reference{File: password}, BaseDN: slapdtest.Suffix,
		}}}
	})
	in.until("reading the directory", func(s app.Status) bool {
		for _, src := range s.Sources {
			if src.URI == directory && src.Promises && src.Coverage != "" {
				return true
			}
		}
		return false
	})
	return in
}

// grant approves membership of cn=admins for somebody, for so long from now.
func (in *inside) grant(id, uid string, length time.Duration) {
	in.t.Helper()
	now := time.Now().UTC()
	who := events.ID("ldap/corp/uid:" + uid)
	in.say(made(in.t, events.ApprovalGranted, "pam://x", "grant-"+id, now, who, &events.Approval{
		ApprovalID: id, Requester: who, Scopes: []events.Scope{{System: "ldap/corp", Role: admins}},
		Window: &events.Window{Start: now.Add(-time.Minute), End: now.Add(length), EndKind: events.EndAt},
	}))
}

func outlived(state string) func(alert) bool {
	return func(a alert) bool { return a.Rule == "OV-001" && a.State == state }
}

// TestMembershipOutlivesItsWindow: alice is put into cn=admins under a window;
// the window ends and she stays: that is told; she is removed: it is resolved.
func TestMembershipOutlivesItsWindow(t *testing.T) {
	t.Parallel()
	s := slapdtest.Start(t)
	in := openDirectory(t, s)
	in.grant("REQ-1", "alice", 2*time.Second)
	s.AddMember(admins, "member", "uid=alice,"+slapdtest.People)
	raised := in.await("alice's membership", outlived("raised"))
	if len(raised.Facets) != 1 || raised.Facets[0].Kind != "membership" || raised.Provisional {
		t.Errorf("told %+v", raised)
	}
	s.RemoveMember(admins, "member", "uid=alice,"+slapdtest.People)
	resolved := in.await("its end", outlived("resolved"))
	f := resolved.Facets[0]
	if resolved.Closing != "ended" || f.Basis != "observed" || f.Cause != "removed" || f.ID != raised.Facets[0].ID {
		t.Errorf("resolved as %+v", resolved)
	}
	t.Log(raised.Message)
	t.Log(resolved.Message)
}

// TestRefintEndsItSilently: a person is deleted, and the referential integrity of
// the directory takes her out of the group without a word in syncrepl. The next
// full scan finds it, and dates the end between two scans.
func TestRefintEndsItSilently(t *testing.T) {
	t.Parallel()
	s := slapdtest.Start(t)
	in := openDirectory(t, s)
	in.grant("REQ-2", "carol", 2*time.Second)
	s.AddMember(admins, "member", "uid=carol,"+slapdtest.People)
	raised := in.await("carol's membership", outlived("raised"))
	s.Delete("uid=carol," + slapdtest.People)
	s.AwaitMembers(admins, "uid=bob,"+slapdtest.People)
	resolved := in.await("its end", outlived("resolved"))
	f := resolved.Facets[0]
	if resolved.Closing != "ended" || f.Basis != "observed" || f.Cause != "snapshot" || f.ID != raised.Facets[0].ID || f.LastKnownAlive == f.End {
		t.Errorf("resolved as %+v", resolved)
	}
	t.Log(resolved.Message)
}
