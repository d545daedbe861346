package correlator

import (
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// armed is how many timers wait.
func (c *crowd) armed() int { return look(c.st, c.pol).meta.Counts.Timers }

// fire ticks at one time until nothing waits, and gives how many timers each tick took
// and how many alerts and seals it told.
func (c *crowd) fire(at string) (took, told []int) {
	c.t.Helper()
	for range 1000 {
		before := c.armed()
		res := c.tickOnce(clockTime(c.t, at))
		if n := before - c.armed(); n > 0 {
			took, told = append(took, n), append(told, len(res.Publish))
		}
		if !res.Backlog {
			return took, told
		}
	}
	c.t.Fatal("the backlog never ends")
	return nil, nil
}

// TestTimersWithLittleToSayShareATick: of leases that only run out a tick takes many,
// but no more than fit into half a transaction.
func TestTimersWithLittleToSayShareATick(t *testing.T) {
	for _, acts := range []int{1, 9} {
		t.Run(fmt.Sprint(acts), func(t *testing.T) {
			c := newCrowd(t)
			n := 3 * judgedByTimers / acts
			c.tick("08:59")
			for i := range n {
				for range acts {
					c.say("09:01", "vault://p", events.LeaseRenewed, events.ID(fmt.Sprint("u", i)), &events.Lease{LeaseID: fmt.Sprintf("L%06d", i), Scope: crowdScope,
						Expiry: &events.Expiry{Kind: events.ExpiryExact, At: clockTime(t, "10:00").Add(time.Duration(i) * time.Millisecond)}})
				}
			}
			c.tick("09:59")
			x := c.access(makeAccessKey(events.KindLease, "vault://p", "L000000"))
			each := weightOfAccess(x)
			c.worst = stateWork{}
			took, _ := c.fire("10:05")
			sum := 0
			for i, of := range took {
				sum += of
				// The last of them were taken while there was room.
				if most := judgedByTimers/each + timersAtOnce; of > most {
					t.Errorf("tick %d took %d timers of weight %d, at most %d fit", i, of, each, most)
				}
			}
			if want := min(judgedByTimers/each, n) - timersAtOnce; took[0] < want {
				t.Errorf("the first tick took %d timers of weight %d, and there was room for %d", took[0], each, want)
			}
			if sum < n {
				t.Errorf("%d timers of %d leases fired: %v", sum, n, took)
			}
			if most := 5 * (judgedByTimers + timersAtOnce); c.worst.puts > most || c.worst.deletes > most || c.worst.gets > 2*most || c.worst.scanned > most {
				t.Errorf("one step did %+v", c.worst)
			}
		})
	}
}

// TestTimersThatTellShareNoTick: of accesses that outlive their approvals a tick takes
// no more than whose alerts fit into it, and tells them in order.
func TestTimersThatTellShareNoTick(t *testing.T) {
	c := newCrowd(t)
	const n = 3 * timersAtOnce
	c.tick("08:59")
	for i := range n {
		// What is made one after the other comes due in another order.
		who, end := events.ID(fmt.Sprint("u", i)), clockTime(t, "10:00").Add(time.Duration(i*7919%n)*time.Millisecond)
		c.say("09:00", "pam://x", events.ApprovalGranted, who, &events.Approval{ApprovalID: fmt.Sprint("REQ-", i), Scopes: []events.Scope{crowdScope},
			Window: &events.Window{Start: clockTime(t, "09:00"), End: end, EndKind: events.EndAt}})
		c.say("09:01", "vault://p", events.LeaseIssued, who, &events.Lease{LeaseID: fmt.Sprintf("L%06d", i), Scope: crowdScope})
	}
	c.told = nil
	for at := clockTime(t, "09:02"); at.Before(clockTime(t, "10:01:30")); at = at.Add(time.Second) {
		_, told := c.fire(at.Format("15:04:05"))
		for _, of := range told {
			if most := toldByTimers + timersAtOnce; of > most {
				t.Errorf("a tick told %d at once, at most %d fit", of, most)
			}
		}
	}
	raised, before := 0, Time(0)
	for _, p := range c.told {
		if p.Alert == nil || p.Alert.State != Raised {
			continue
		}
		if raised++; p.Alert.Due < before {
			t.Fatalf("alert %d was due %v, before the one told before it, due %v; told at %v", raised, p.Alert.Due, before, p.Alert.Origin)
		}
		before = p.Alert.Due
	}
	if raised != n {
		t.Errorf("%d raised, of %d", raised, n)
	}
}
