package correlator

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// directory is a crowd with a group of which snapshots are taken.
type directory struct{ *crowd }

var (
	dba   = events.Scope{System: "ldap", Role: "cn=dba"}
	staff = events.Scope{System: "ldap", Role: "cn=staff"}
)

func (d directory) member(k events.ID, group events.Scope) accessKey {
	return makeAccessKey(events.KindMembership, "ldap://c", events.MembershipID(k, group, ""))
}

func (d directory) begin(id, at string) {
	d.say(at, "ldap://c", events.SourceSnapshotBegin, "", &events.SnapshotBegin{SnapshotID: id, Kind: events.KindMembership, Scope: dba, StartedAt: clockTime(d.t, at)})
}

// finish sends one part a member and the end, which it returns for sending again.
func (d directory) finish(id, at string, members ...events.ID) events.Event {
	sum := events.NewSnapshotHash()
	for i, m := range members {
		item := events.SnapshotItem{Subject: m, Scope: dba}
		sum.Add(item)
		d.say(at, "ldap://c", events.SourceSnapshotPart, "", &events.SnapshotPart{SnapshotID: id, Index: i, Items: []events.SnapshotItem{item}})
	}
	return d.say(at, "ldap://c", events.SourceSnapshotEnd, "", &events.SnapshotEnd{
		SnapshotID: id, Parts: len(members), Count: len(members), Hash: sum.Sum(), EndedAt: clockTime(d.t, at)})
}

// busy is a directory so large that no snapshot of the small group is worked
// through in the step that ends it: alice and bob are in that group.
func busy(t *testing.T) directory {
	d := directory{newCrowd(t)}
	d.tick("08:59")
	for i := range 2 * stepBudget {
		d.say("08:59", "ldap://c", events.MembershipAdded, events.ID(fmt.Sprintf("p%04d", i)), &events.Membership{Scope: staff})
	}
	for _, m := range []events.ID{"zz/alice", "zz/bob"} {
		d.say("09:01", "ldap://c", events.MembershipAdded, m, &events.Membership{Scope: dba})
	}
	d.tick("09:29")
	return d
}

// TestNothingCutsASnapshotShort: whatever is said of the same group while a
// snapshot of it is being applied, who it showed stays and who it did not goes.
func TestNothingCutsASnapshotShort(t *testing.T) {
	for name, meanwhile := range map[string]func(d directory, end events.Event){
		"nothing":                   func(directory, events.Event) {},
		"its end again":             func(d directory, end events.Event) { d.step(end) },
		"its beginning again":       func(d directory, _ events.Event) { d.begin("s1", "09:30") },
		"all of it again":           func(d directory, _ events.Event) { d.begin("s1", "09:30"); d.finish("s1", "09:30", "zz/alice") },
		"the next one's beginning":  func(d directory, _ events.Event) { d.begin("s2", "09:30:30") },
		"all of the next one":       func(d directory, _ events.Event) { d.begin("s2", "09:30:30"); d.finish("s2", "09:30:30", "zz/alice") },
		"the next one with nobody":  func(d directory, _ events.Event) { d.begin("s2", "09:29"); d.finish("s2", "09:29") },
		"an end that does not fit":  func(d directory, _ events.Event) { d.finish("s1", "09:30", "zz/alice", "zz/bob") },
		"a part that was not there": func(d directory, _ events.Event) { d.finish("s1", "09:30") },
	} {
		t.Run(name, func(t *testing.T) {
			d := busy(t)
			d.begin("s1", "09:30")
			end := d.finish("s1", "09:30", "zz/alice")
			if Peek(d.st, d.pol).Jobs == 0 {
				t.Fatal("it was applied in one step")
			}
			meanwhile(d, end)
			d.tickOnce(clockTime(t, "09:30:40"))
			meanwhile(d, end)
			d.tick("09:31")
			if x := d.access(d.member("zz/alice", dba)); !x.OpenNow {
				t.Errorf("alice, whom it showed, is gone: %+v", x.Acts)
			}
			if x := d.access(d.member("zz/bob", dba)); x.OpenNow {
				t.Errorf("bob, whom it did not show, is there: %+v", x.Acts)
			}
			if x := d.access(d.member("p0001", staff)); !x.OpenNow {
				t.Errorf("a member of another group is gone: %+v", x.Acts)
			}
		})
	}
}

// TestASnapshotLeavesNothingBehind: neither one that was applied nor one that was
// altered on its way.
func TestASnapshotLeavesNothingBehind(t *testing.T) {
	d := busy(t)
	d.begin("s1", "09:30")
	d.finish("s1", "09:30", "zz/alice", "zz/bob")
	d.tick("09:31")
	d.begin("s2", "09:40")
	d.say("09:40", "ldap://c", events.SourceSnapshotPart, "", &events.SnapshotPart{SnapshotID: "s2", Items: []events.SnapshotItem{{Subject: "zz/mallory", Scope: dba}}})
	d.say("09:40", "ldap://c", events.SourceSnapshotEnd, "", &events.SnapshotEnd{SnapshotID: "s2", Parts: 1, Count: 1, Hash: events.NewSnapshotHash().Sum(), EndedAt: clockTime(t, "09:40")})
	d.tick("09:41")
	if x := d.access(d.member("zz/mallory", dba)); x != nil {
		t.Error("an altered snapshot was believed")
	}
	d.st.Scan([]byte(keySnapshot), nil, func(k, _ []byte) bool {
		t.Errorf("left: %q", k)
		return true
	})
}

// TestSnapshotsThatNeverEndAreFew: a connector that only ever begins does not fill
// the state.
func TestSnapshotsThatNeverEndAreFew(t *testing.T) {
	d := directory{newCrowd(t)}
	d.tick("08:59")
	for i := range 3 * maxOpenSnapshots {
		group := events.Scope{System: "ldap", Role: fmt.Sprint("cn=", i)}
		d.say("09:00", "ldap://c", events.SourceSnapshotBegin, "", &events.SnapshotBegin{
			SnapshotID: fmt.Sprint("s", i), Kind: events.KindMembership, Scope: group, StartedAt: clockTime(t, "09:00").Add(time.Duration(i) * time.Second)})
		d.say("09:00", "ldap://c", events.SourceSnapshotPart, "", &events.SnapshotPart{SnapshotID: fmt.Sprint("s", i), Items: []events.SnapshotItem{{Subject: "zz/alice", Scope: group}}})
	}
	d.tick("09:10")
	left := 0
	d.st.Scan([]byte(keySnapshot), nil, func(_, _ []byte) bool { left++; return true })
	if left > 2*maxOpenSnapshots {
		t.Errorf("%d records of snapshots are left", left)
	}
}

// TestAHeldSnapshotNeedsAnother: one that would end most of a group ends nothing,
// nor does the same one sent again; the next that agrees does.
func TestAHeldSnapshotNeedsAnother(t *testing.T) {
	d := directory{newCrowd(t)}
	d.tick("08:59")
	const n = 2 * heldCount
	var all []events.ID
	for i := range n {
		all = append(all, events.ID(fmt.Sprintf("zz/p%03d", i)))
		d.say("09:00", "ldap://c", events.MembershipAdded, all[i], &events.Membership{Scope: dba})
	}
	held := func() int {
		return len(slices.DeleteFunc(slices.Clone(all), func(m events.ID) bool { return !d.access(d.member(m, dba)).OpenNow }))
	}
	for _, snap := range []struct {
		id, at string
		left   int
	}{{"s1", "09:10", n}, {"s1", "09:10", n}, {"s2", "09:20", 1}} {
		d.begin(snap.id, snap.at)
		d.finish(snap.id, snap.at, all[0])
		d.tick("09:21")
		if got := held(); got != snap.left {
			t.Errorf("after %s of %s %d of %d are held, not %d", snap.id, snap.at, got, n, snap.left)
		}
	}
}
