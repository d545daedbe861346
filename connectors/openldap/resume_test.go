package openldap

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

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
	p, err := config(t, s).withDefaults().resume(r.cursor)
	if err != nil {
		t.Fatal(err)
	}
	p.Seen["000"] = "20990101000000.000000Z#000000#000#000000"
	ahead, err := p.cursor()
	if err != nil {
		t.Fatal(err)
	}
	evs := follow(t, config(t, restored), ahead).until(events.SourceProgress)
	got := text(evs)
	for _, want := range []string{"account-deleted alice", "bob in cn=admins"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
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

func TestLimitsAreErrorsThatSayWhatToDo(t *testing.T) {
	s := slapdtest.Start(t)
	c := config(t, s)
	c.MaxEntries = 5
	if err := follow(t, c, nil).ended(); err == nil || !strings.Contains(err.Error(), "maxEntries = 5") {
		t.Errorf("Run returned %v", err)
	}
	c = config(t, s)
	c.MaxMembers = 1
	r := begunWith(t, c)
	s.AddMember(admins, "member", alice)
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "maxMembers = 1") {
		t.Errorf("Run returned %v", err)
	}
}

func TestALimitedReaderIsToldWhatItNeeds(t *testing.T) {
	s := slapdtest.Start(t, slapdtest.WithReaderLimit(3))
	if err := follow(t, config(t, s), nil).ended(); err == nil || !strings.Contains(err.Error(), "give it limits size=unlimited") {
		t.Errorf("Run returned %v", err)
	}
}

// The connection of the stream has died without a word, and the other one says
// that the directory has moved on.
func TestAStreamThatStandsStillEndsTheSession(t *testing.T) {
	r := deaf(t, nil)
	r.refresh = nil
	r.pending = &mark{position: position{"000": "20261121192447.216107Z#000000#000#000000"}, at: r.clock.Now()}
	if err := r.report(t.Context()); err != nil {
		t.Errorf("at once: %v", err)
	}
	r.clock.(*hands).ahead.Store(int64(2 * stalledAfter))
	if err := r.report(t.Context()); !errors.Is(err, errStalled) {
		t.Errorf("after %s: %v", 2*stalledAfter, err)
	}
}

// A large directory's cursor is megabytes; progress alone must not rewrite it.
func TestProgressAloneKeepsTheCursor(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	r.settled()
	before := string(r.cursor)
	r.settled()
	if string(r.cursor) != before {
		t.Error("the cursor changed although nothing had")
	}
	s.AddMember(admins, "member", alice)
	r.settled()
	if string(r.cursor) == before {
		t.Error("the cursor did not follow a change")
	}
}

// Changes outside of the base move the directory's position and show as nothing;
// progress is then claimed on the connection alone, until a change inside.
func TestBelowTheSuffixProgressMayRestOnTheConnection(t *testing.T) {
	s := slapdtest.Start(t)
	c := config(t, s)
	c.BaseDN = slapdtest.Groups
	r := begunWith(t, c)
	s.Replace(alice, "description", "elsewhere")
	fire(t, r.hands.probes)
	fire(t, r.hands.probes)
	evs := r.until(events.SourceProgress)
	if p := evs[len(evs)-1].Data.(*events.Progress); p.Basis != events.ByTransport {
		t.Errorf("progress rests on %s", p.Basis)
	}
	s.AddMember(ops, "member", bob)
	fire(t, r.hands.probes)
	evs = r.until(events.SourceProgress)
	if p := evs[len(evs)-1].Data.(*events.Progress); p.Basis != events.ByPosition || len(evs) != 2 {
		t.Errorf("progress rests on %s after:\n%s", p.Basis, text(evs))
	}
}

// refint acts after a rename or a deletion, so the directory is looked at soon.
func TestADeletionBringsTheScanForward(t *testing.T) {
	r := deaf(t, nil)
	now := r.clock.Now()
	r.Scanned, r.scanDue = now, now.Add(r.config.SnapshotEvery)
	if err := r.flush(t.Context()); err != nil || !r.scanDue.Equal(now.Add(r.config.SnapshotEvery)) {
		t.Errorf("without a reason the scan is due at %v, %v", r.scanDue, err)
	}
	r.moved = true
	if err := r.flush(t.Context()); err != nil || !r.scanDue.Equal(now.Add(soonestScan)) {
		t.Errorf("after a deletion the scan is due at %v, %v", r.scanDue, err)
	}
}
