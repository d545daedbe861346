package openldap

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors/openldap/slapdtest"
	"github.com/overstay/overstay/events"
)

const (
	alice  = "uid=alice," + slapdtest.People
	bob    = "uid=bob," + slapdtest.People
	carol  = "uid=carol," + slapdtest.People
	admins = "cn=admins," + slapdtest.Groups
	ops    = "cn=ops," + slapdtest.Groups
	dba    = "cn=dba," + slapdtest.Groups
)

func TestTheFirstSightIsABaseline(t *testing.T) {
	s := slapdtest.Start(t)
	r := follow(t, config(t, s), nil)
	evs := r.until(events.SourceProgress)
	const want = `resumed
group-nested cn=admins in cn=ops
snapshot-begin
snapshot-part
  bob in cn=admins
  alice in cn=staff primary
  carol in cn=dba
snapshot-end
progress
`
	if got := text(evs); got != want {
		t.Fatalf("said:\n%s\nwant:\n%s", got, want)
	}
	resumed, begin := evs[0].Data.(*events.Resumed), evs[2].Data.(*events.SnapshotBegin)
	if !resumed.Coverage.Equal(begin.StartedAt) {
		t.Errorf("coverage begins at %v, the first complete snapshot at %v", resumed.Coverage, begin.StartedAt)
	}
	part, end := evs[3].Data.(*events.SnapshotPart), evs[4].Data.(*events.SnapshotEnd)
	hash := events.NewSnapshotHash()
	for _, item := range part.Items {
		hash.Add(item)
	}
	if end.Hash != hash.Sum() || end.Count != 3 || end.Parts != 1 {
		t.Errorf("the end says %+v; the parts give %s", end, hash.Sum())
	}
	if basis := evs[5].Data.(*events.Progress).Basis; basis != events.ByPosition {
		t.Errorf("progress rests on %s", basis)
	}
}

func TestMembersComeAndGo(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)

	s.AddMember(admins, "member", alice)
	evs := r.settled()
	compare(t, evs, "membership-added alice in cn=admins\n")
	ev := evs[0]
	m := ev.Data.(*events.Membership)
	if m.Actor != "ldap/corp/dn:"+slapdtest.RootDN || m.OperationID == "" || ev.Subject.Realm() != "ldap/corp/uuid" {
		t.Errorf("the event does not say who did what: %s", dump(t, ev))
	}
	if d := time.Since(ev.Time); d < 0 || d > time.Minute || !strings.Contains(ev.ID, "@"+m.OperationID+"/membership-added/") {
		t.Errorf("time %v and id %s are not of the change", ev.Time, ev.ID)
	}
	if want := []events.ID{"ldap/corp/dn:" + alice, "ldap/corp/uid:alice", "mail:alice@example.com"}; !slices.Equal(m.Aliases, want) {
		t.Errorf("aliases %v, want %v", m.Aliases, want)
	}

	s.RemoveMember(admins, "member", alice)
	compare(t, r.settled(), "membership-removed alice in cn=admins removed\n")

	s.Replace(admins, "member", carol, alice)
	compare(t, r.settled(), `
		membership-added alice in cn=admins
		membership-added carol in cn=admins
		membership-removed bob in cn=admins removed
	`)

	s.AddMember(admins, "member", "cn=robot,ou=nowhere,"+slapdtest.Suffix)
	compare(t, r.settled(), "membership-added ldap/corp/dn:cn=robot,ou=nowhere,"+slapdtest.Suffix+" in cn=admins\n")

	s.Replace(admins, "description", "no member changed")
	compare(t, r.settled(), "")
}

func TestPosixGroups(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	s.AddMember(dba, "memberUid", "bob", "ghost")
	compare(t, r.settled(), `
		membership-added ldap/corp/uid:ghost in cn=dba
		membership-added bob in cn=dba
	`)
	s.RemoveMember(dba, "memberUid", "ghost")
	compare(t, r.settled(), "membership-removed ldap/corp/uid:ghost in cn=dba removed\n")
	s.Replace(alice, "gidNumber", "501")
	compare(t, r.settled(), `
		membership-added alice in cn=dba (primary)
		membership-removed alice in cn=staff (primary) removed
	`)
	s.Delete(alice)
	compare(t, r.settled(), `
		account-deleted alice
		membership-removed somebody gone in cn=dba (primary) deleted
	`)
}

func TestNestedGroups(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	s.AddMember(admins, "member", "cn=oncall,"+slapdtest.Groups) // refint does not ask whether it exists
	compare(t, r.settled(), "membership-added ldap/corp/dn:cn=oncall,"+slapdtest.Groups+" in cn=admins\n")
	s.RemoveMember(admins, "member", "cn=oncall,"+slapdtest.Groups)
	r.settled()
	oncall := s.AddGroup("oncall", alice)
	s.AddMember(admins, "member", oncall)
	compare(t, r.settled(), `
		membership-added alice in cn=oncall
		group-nested cn=oncall in cn=admins
	`)
	s.Rename(oncall, "cn=standby", "")
	compare(t, r.settled(), `
		membership-removed alice in cn=oncall removed
		group-unnested cn=oncall in cn=admins
		group-nested cn=standby in cn=admins
		membership-added alice in cn=standby
	`)
	s.Delete("cn=standby," + slapdtest.Groups)
	compare(t, r.settled(), `
		membership-removed alice in cn=standby deleted
		group-unnested cn=standby in cn=admins
	`)
}

func TestARenameIsALink(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	s.Rename(bob, "uid=robert", "")
	evs := r.settled()
	compare(t, evs, `
		identity-linked ldap/corp/dn:uid=robert,ou=people,dc=example,dc=com
		identity-linked ldap/corp/uid:robert
		identity-unlinked ldap/corp/dn:uid=bob,ou=people,dc=example,dc=com
		identity-unlinked ldap/corp/uid:bob
	`)
	// refint puts the new name into cn=admins without a word: the membership is
	// the same one.
	s.AwaitMembers(admins, "uid=robert,"+slapdtest.People)
	if got := text(r.scanned()); !strings.Contains(got, "  robert in cn=admins\n") {
		t.Errorf("after the rename the snapshot says:\n%s", got)
	}
	s.AddMember(admins, "member", alice)
	compare(t, r.settled(), "membership-added alice in cn=admins\n")
}

// The hidden loss: refint takes a deleted person out of every group, leaves
// entryCSN as it was, and neither syncrepl nor the access log ever says so.
func TestRefintIsFoundByTheScanOnly(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	s.AddMember(admins, "member", carol)
	r.settled()
	s.Delete(bob)
	compare(t, r.settled(), "account-deleted bob\n")
	s.AwaitMembers(admins, carol)
	got := text(r.scanned())
	if !strings.Contains(got, "  carol in cn=admins\n") || strings.Contains(got, "gone in cn=admins") {
		t.Errorf("after the deletion the snapshot says:\n%s", got)
	}
	// The memory followed silently: the next change tells only itself.
	s.AddMember(admins, "member", alice)
	compare(t, r.settled(), "membership-added alice in cn=admins\n")
}

func TestWithoutRefintANameStaysBehind(t *testing.T) {
	s := slapdtest.Start(t, slapdtest.WithoutRefint())
	r := begun(t, s)
	s.Delete(bob)
	compare(t, r.settled(), "account-deleted bob\n")
	if got := text(r.scanned()); !strings.Contains(got, "  ldap/corp/dn:"+bob+" in cn=admins\n") {
		t.Errorf("the dangling name is not in the snapshot:\n%s", got)
	}
	s.AddPerson("bob") // whoever gets the name gets the membership
	compare(t, r.settled(), "account-created bob\n")
	if got := text(r.scanned()); !strings.Contains(got, "  bob in cn=admins\n") {
		t.Errorf("the new bob is not in the snapshot:\n%s", got)
	}
}

func TestAccountsAreDisabledAndEnabled(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	s.Replace(alice, "shadowExpire", "1")
	compare(t, r.settled(), "account-disabled alice\n")
	s.Replace(alice, "shadowExpire")
	compare(t, r.settled(), "account-enabled alice\n")

	s.Rename(carol, "uid=carol", slapdtest.Leavers)
	compare(t, r.settled(), `
		identity-linked ldap/corp/dn:uid=carol,ou=leavers,dc=example,dc=com
		identity-unlinked ldap/corp/dn:uid=carol,ou=people,dc=example,dc=com
		account-disabled carol
	`)
	s.AddPerson("dave")
	compare(t, r.settled(), "account-created dave\n")
}

func TestADayThatComesDisablesToo(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	tomorrow := time.Now().Unix()/86400 + 1
	s.Replace(alice, "shadowExpire", itoa(tomorrow))
	compare(t, r.settled(), "")
	r.halt()

	later := follow(t, config(t, s), r.cursor)
	later.until(events.SourceProgress)
	later.hands.ahead.Store(int64(48 * time.Hour))
	fire(t, later.hands.probes)
	evs := later.until(events.AccountDisabled)
	if at := evs[len(evs)-1].Time; at.Unix() != tomorrow*86400 {
		t.Errorf("disabled at %v, not when day %d began", at, tomorrow)
	}
}
func itoa(n int64) string { return strconv.FormatInt(n, 10) }
