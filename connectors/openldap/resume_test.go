package openldap

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/openldap/slapdtest"
	"github.com/overstay/overstay/events"
)

// While nobody listened: a member came, another went, a person was renamed, one
// deleted, one created, one disabled. The directory tells the state of what
// changed, as if it were new, and who is still there.
func whileNobodyListened(s *slapdtest.Server) {
	s.AddMember(admins, "member", alice)
	s.RemoveMember(dba, "memberUid", "carol")
	s.Rename(carol, "uid=caroline", "")
	s.Delete(bob)
	s.AwaitMembers(admins, alice)
	s.AddPerson("dave")
	s.Replace(alice, "shadowExpire", "1")
}

const whatWasMissed = `
	resumed
	account-deleted bob
	account-created dave
	account-disabled alice
	identity-linked ldap/corp/dn:uid=caroline,ou=people,dc=example,dc=com
	identity-linked ldap/corp/uid:caroline
	identity-unlinked ldap/corp/dn:uid=carol,ou=people,dc=example,dc=com
	identity-unlinked ldap/corp/uid:carol
	membership-added alice in cn=admins
	membership-removed caroline in cn=dba removed
	membership-removed somebody gone in cn=admins removed
	snapshot-begin
	snapshot-part
	  alice in cn=admins
	  alice in cn=staff primary
	snapshot-end
	progress
`

func TestARestartFindsWhatHappenedMeanwhile(t *testing.T) {
	for name, opts := range map[string][]slapdtest.Option{
		"told who is present": nil,
		"told who is gone":    {slapdtest.WithSessionLog(100)},
	} {
		t.Run(name, func(t *testing.T) {
			s := slapdtest.Start(t, opts...)
			r := begun(t, s)
			s.AddMember(ops, "member", carol) // the position must not be the one of the start
			s.RemoveMember(ops, "member", carol)
			r.settled()
			if err := r.halt(); !errors.Is(err, context.Canceled) {
				t.Errorf("a stopped run returned %v", err)
			}
			left := time.Now()
			whileNobodyListened(s)

			evs := follow(t, config(t, s), r.cursor).until(events.SourceProgress)
			compare(t, evs, whatWasMissed)
			bounded(t, evs, left)
			first := evs[0].Data.(*events.Resumed)
			if !first.Coverage.Equal(r.said[0].Data.(*events.Resumed).Coverage) {
				t.Errorf("coverage moved to %v over a restart without a hole", first.Coverage)
			}
			again := follow(t, config(t, s), r.cursor).until(events.SourceProgress)
			for i := range evs {
				if evs[i].Type.Class() == "directory" && evs[i].ID != again[i].ID {
					t.Errorf("read again, %s is called %s", evs[i].ID, again[i].ID)
				}
			}
		})
	}
}

// bounded checks that what was found afterwards says how far its time is known.
func bounded(t *testing.T, evs []events.Event, left time.Time) {
	t.Helper()
	for _, ev := range evs {
		m, ok := ev.Data.(*events.Membership)
		if !ok {
			continue
		}
		if m.TimeQuality.Uncertainty <= 0 {
			t.Errorf("%s: its time is said to be exact", line(ev))
		}
		if m.End != nil && (m.End.LastAlive.IsZero() || m.End.LastAlive.After(left) || !m.End.At.Equal(ev.Time)) {
			t.Errorf("%s: ended between %v and %v", line(ev), m.End.LastAlive, m.End.At)
		}
	}
}

func TestAQuietDowntimeSaysNothing(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	r.halt()
	s.Stop()
	s.Restart()
	compare(t, follow(t, config(t, s), r.cursor).until(events.SourceProgress), `
		resumed
		snapshot-begin
		snapshot-part
		  bob in cn=admins
		  alice in cn=staff primary
		  carol in cn=dba
		snapshot-end
		progress
	`)
}

func TestABrokenConnectionEndsTheRunAndLosesNothing(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	s.Kill()
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "syncrepl") {
		t.Errorf("Run returned %v", err)
	}
	s.Restart()
	s.AddMember(admins, "member", alice)
	evs := follow(t, config(t, s), r.cursor).until(events.SourceProgress)
	if got := text(evs); !strings.Contains(got, "membership-added alice in cn=admins\n") {
		t.Errorf("after the restart:\n%s", got)
	}
}

// A directory restored from a backup refuses a position that is ahead of it. It
// is read anew, and compared with what was known.
func TestADirectoryThatWentBackIsReadAnew(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	s.AddMember(admins, "member", alice)
	r.settled()
	r.halt()

	restored := slapdtest.Start(t, slapdtest.WithLDIF("dn: uid=erin,"+slapdtest.People+"\nobjectClass: inetOrgPerson\nuid: erin\ncn: e\nsn: e\n"))
	evs := follow(t, config(t, restored), ahead(t, config(t, s), r.cursor)).until(events.SourceProgress)
	got := text(evs)
	for _, want := range []string{"account-deleted alice", "bob in cn=admins"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

// Half of the directory is missing after a restart. Rights that were narrowed look
// the same, so nobody is said to be deleted; a new baseline begins.
func TestHalfADirectoryIsNotBelieved(t *testing.T) {
	var crowd strings.Builder
	for i := range int64(60) {
		u := "u" + itoa(i)
		crowd.WriteString("dn: uid=" + u + "," + slapdtest.People + "\nobjectClass: inetOrgPerson\nuid: " + u + "\ncn: c\nsn: s\n\n")
	}
	s := slapdtest.Start(t, slapdtest.WithLDIF(crowd.String()))
	r := begun(t, s)
	r.halt()
	half := slapdtest.Start(t)
	evs := follow(t, config(t, half), ahead(t, config(t, s), r.cursor)).until(events.SourceProgress)
	compare(t, evs, `
		resumed
		group-nested cn=admins in cn=ops
		snapshot-begin
		snapshot-part
		  bob in cn=admins
		  alice in cn=staff primary
		  carol in cn=dba
		snapshot-end
		progress
	`)
	if c := evs[0].Data.(*events.Resumed).Coverage; !c.After(r.said[0].Data.(*events.Resumed).Coverage) {
		t.Errorf("coverage still begins at %v", c)
	}
}

// ahead moves a cursor to a position that no directory has reached.
func ahead(t *testing.T, c Config, cursor connectors.Cursor) connectors.Cursor {
	t.Helper()
	p, err := c.withDefaults().resume(cursor)
	if err != nil {
		t.Fatal(err)
	}
	p.Seen["000"] = "20990101000000.000000Z#000000#000#000000"
	moved, err := p.cursor()
	if err != nil {
		t.Fatal(err)
	}
	return moved
}

func TestOtherSettingsBeginAnew(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	r.halt()
	c := config(t, s)
	c.BaseDN = slapdtest.Groups
	evs := follow(t, c, r.cursor).until(events.SourceProgress)
	if got := text(evs); !strings.Contains(got, "ldap/corp/dn:"+bob+" in cn=admins") || strings.Contains(got, "account-deleted") {
		t.Errorf("with another base:\n%s", got)
	}
}

func TestAWrongPasswordIsNotShown(t *testing.T) {
	s := slapdtest.Start(t)
	c := config(t, s)
	c.PasswordFile, c.PasswordEnv = "", "OVERSTAY_TEST_PASSWORD"
	t.Setenv("OVERSTAY_TEST_PASSWORD", "wr0ng-and-secret")
	r := follow(t, c, nil)
	err := r.ended()
	if err == nil || !strings.Contains(err.Error(), "Invalid Credentials") || !strings.Contains(err.Error(), slapdtest.ReaderDN) {
		t.Errorf("Run returned %v", err)
	}
	if strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("the error shows the password: %v", err)
	}
}
