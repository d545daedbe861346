package openldap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// Whatever happens to a directory, who takes every event at its word knows who
// holds what: the events add up to the memory.
func TestEventsAddUpToTheMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{m: newMemory("ldap/corp"), at: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
		tr := &translator{memory: w.m, source: "ldap://corp", skip: func(reason, place string, err error) {
			t.Fatalf("skipped: %s %s %v", reason, place, err)
		}}
		told := map[string]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "changes") {
			tr.apply(w.change(t))
			for _, ev := range tr.out {
				believe(t, told, ev)
			}
			tr.out = nil
			if got, want := slices.Sorted(maps.Keys(told)), w.held(); !slices.Equal(got, want) {
				t.Fatalf("told:\n%s\nheld:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// believe takes in one event; a thing is neither said twice nor taken back unsaid.
func believe(t *rapid.T, told map[string]bool, ev events.Event) {
	var key string
	switch d := ev.Data.(type) {
	case *events.Membership:
		key = events.MembershipID(ev.Subject, d.Scope, d.Path)
	case *events.GroupNesting:
		key = "group " + events.MembershipID(ev.Subject, d.Scope, "")
	default:
		return
	}
	on := ev.Type == events.MembershipAdded || ev.Type == events.GroupNested
	if told[key] == on {
		t.Fatalf("%s %s, which was known", ev.Type.Short(), key)
	}
	if on {
		told[key] = true
	} else {
		delete(told, key)
	}
}

// world is a small directory that random changes are made to.
type world struct {
	m  *memory
	at time.Time
}

func (w *world) held() []string {
	var all []string
	for _, g := range w.m.Groups {
		for h := range g.holders {
			key := events.MembershipID(h.ID, events.Scope{System: "ldap/corp", Role: g.DN}, h.Path)
			if h.Group {
				key = "group " + key
			}
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}

// change is one that a directory could make: no two entries share a name.
func (w *world) change(t *rapid.T) change {
	w.at = w.at.Add(time.Second)
	csn := CSN(w.at.Format(csnTime) + "#000000#000#000000")
	n := rapid.IntRange(0, 6).Draw(t, "entry")
	uuid := fmt.Sprintf("00000000-0000-0000-0000-%012d", n)
	if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
		return live(uuid, nil, csn)
	}
	dn := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g"}).Draw(t, "name")
	if other := w.m.byDN[dn]; other != "" && other != uuid {
		return live(uuid, nil, csn)
	}
	rec := &record{UUID: uuid, DN: dn, CSN: csn, Created: w.at}
	some := func(label string) []string {
		return slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g"}), 0, 4, rapid.ID).Draw(t, label)))
	}
	gid := rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "gid")
	if n < 4 {
		rec.Person = &person{DN: dn, UIDs: some("uids"), GID: gid}
	} else {
		rec.Group = &group{DN: dn, CSN: csn, GID: gid, Members: some("members"), UIDs: some("uids")}
	}
	return live(uuid, rec, csn)
}
