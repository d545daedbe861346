package correlator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// TestPastKeepsWhatLeaves: a run that keeps what leaves the state tells the same bytes
// and comes to the same state as one that keeps nothing, and its view shows every
// access as one does under a horizon so far that nothing ever left.
func TestPastKeepsWhatLeaves(t *testing.T) {
	kept := 0
	rapid.Check(t, func(t *rapid.T) {
		log := longLog(t, genHistoryOf(t, plainKinds, 16, time.Hour), 3*time.Hour, rapid.Bool().Draw(t, "promised"))
		// What another says of an access may give it another holder, and the time that
		// was judged for good stays the first one's.
		log = slices.DeleteFunc(log, func(m Message) bool { return m.Event.Source == "http://bound" })
		play := func(horizon time.Duration, past *Past) (*View, State, []string) {
			pol := DefaultPolicy()
			pol.Horizon = horizon
			pol.AfterEnd, pol.RotateWithin = min(pol.AfterEnd, horizon), min(pol.RotateWithin, horizon)
			st := newSortedState()
			w := NewWorking(st)
			if past != nil {
				w.ShowDeparted()
			}
			var told []string
			for _, m := range log {
				r := w.Step(pol, m)
				if past != nil {
					past.Take(r.Departed)
				}
				for _, p := range r.Publish {
					told = append(told, bodyOf(t, p))
				}
				if past != nil && len(told)%7 == 0 {
					w.View(pol).With(past).EachAccess(func(AccessView) bool { return true }) // to look changes nothing
				}
			}
			w.Flush()
			return NewView(st, pol).With(past), st, told
		}
		const near = 6 * time.Hour
		past := NewPast()
		_, bare, toldBare := play(near, nil)
		whole, state, told := play(near, past)
		if !slices.Equal(told, toldBare) {
			t.Fatalf("told\n%s\nand without a past\n%s", strings.Join(told, "\n"), strings.Join(toldBare, "\n"))
		}
		if a, b := dump(state), dump(bare); !slices.Equal(a, b) {
			t.Fatal("the states differ")
		}
		all, _, _ := play(1000*24*time.Hour, nil)
		if got, want := held(whole), held(all); !slices.Equal(got, want) {
			t.Fatalf("with a past\n%s\n\nwhere nothing leaves\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		kept += len(past.accesses)
	})
	if kept == 0 {
		t.Error("nothing ever left")
	}
}

func dump(st State) []string {
	var out []string
	st.Scan(nil, nil, func(k, v []byte) bool {
		out = append(out, fmt.Sprintf("%q %q", k, v))
		return true
	})
	return out
}

func bodyOf(t *rapid.T, p Publication) string {
	var b []byte
	var err error
	if p.Seal != nil {
		b, err = p.Seal.Encode()
	} else {
		b, err = p.Alert.Encode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// held is what a view says of every access.
func held(v *View) []string {
	var out []string
	v.EachAccess(func(a AccessView) bool {
		if a.Scope.IsZero() {
			return true // nobody introduced it: its signs are all there is of it
		}
		for _, st := range a.Stretches {
			line := fmt.Sprintf("%s %s %s %s %s [%s, %s) %s %v", a.Kind, a.Source, a.ID, a.Subject, a.Scope, st.Start, st.End, st.Basis, st.Person)
			for _, c := range st.Covers {
				if c.From >= st.End || c.To <= st.Start {
					continue // of another time
				}
				line += fmt.Sprintf(" cover %s [%s, %s) grants=%t full=%t", c.Approval, c.From, c.To, c.Grants, c.Full)
			}
			for _, g := range st.Gaps {
				line += fmt.Sprintf(" gap [%s, %s) after %s", g.From, g.To, g.After)
			}
			out = append(out, line)
		}
		return true
	})
	return out
}

// TestPastKeepsWhatIsShortened: a membership that comes and goes loses its oldest
// stretches, and a lease in use its oldest uses; a view with the past has them all.
func TestPastKeepsWhatIsShortened(t *testing.T) {
	st, pol := memState{}, DefaultPolicy()
	past := NewPast()
	w := NewWorking(st)
	w.ShowDeparted()
	const times = 200
	for _, m := range flapping(t, times) {
		past.Take(w.Step(pol, m).Departed)
	}
	w.Flush()
	v := NewView(st, pol)
	stretches, uses := 0, 0
	count := func(a AccessView) bool {
		stretches += len(a.Stretches)
		for _, f := range a.Facts {
			if strings.HasSuffix(f.What, " use") {
				uses++
			}
		}
		return true
	}
	v.EachAccess(count)
	if stretches >= times || uses >= times {
		t.Fatalf("nothing was let go: %d stretches, %d uses", stretches, uses)
	}
	stretches, uses = 0, 0
	v.With(past).EachAccess(count)
	if stretches != times+1 || uses != times {
		t.Errorf("%d stretches and %d uses of %d", stretches, uses, times)
	}
}

// flapping is a membership that is given and taken so many times, and a lease that is
// used as often.
func flapping(t *testing.T, times int) []Message {
	var out []Message
	say := func(typ events.Type, source string, at time.Time, data events.Data) {
		ev, err := events.New(typ, source, fmt.Sprint("e", len(out)), at, "alice", data)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Message{Origin: Origin{"log", 1, uint64(len(out) + 1)}, Event: ev})
	}
	at := historyStart
	say(events.LeaseIssued, "vault://v", at, &events.Lease{LeaseID: "L", Scope: events.Scope{System: "db"}})
	for range times {
		say(events.MembershipAdded, "ldap://c", at, &events.Membership{Scope: events.Scope{System: "ldap", Role: "cn=x"}})
		at = at.Add(time.Minute)
		say(events.MembershipRemoved, "ldap://c", at, &events.Membership{Scope: events.Scope{System: "ldap", Role: "cn=x"}})
		say(events.AccessUsed, "vault://v", at, &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L"}})
		at = at.Add(time.Minute)
		say(events.ClockTick, "overstay://clock", at, &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(historyStart))})
	}
	return out
}
