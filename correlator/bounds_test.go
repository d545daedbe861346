package correlator

import (
	"fmt"
	"testing"

	"github.com/overstay/overstay/events"
)

// countedState counts what a step reads.
type countedState struct {
	memState
	reads int
}

func (c *countedState) Get(key []byte) []byte {
	c.reads++
	return c.memState.Get(key)
}

// TestMutualParentsCostLittle: leases that name each other as parents, which no
// honest source says, must not make a step walk every way through them.
func TestMutualParentsCostLittle(t *testing.T) {
	p := newStoryPlayer()
	st := &countedState{memState: p.st}
	const n = events.MaxParents
	at := clockTime(t, "09:00")
	p.tick(t, at)
	for i := range n {
		l := &events.Lease{LeaseID: fmt.Sprint("L", i), Scope: events.Scope{System: "db", Role: "r"}}
		for j := range n {
			if j != i {
				l.Parents = append(l.Parents, events.Parent{AccessRef: events.AccessRef{Kind: events.KindLease, ID: fmt.Sprint("L", j)}, Edge: events.EdgeCascade})
			}
		}
		ev, err := events.New(events.LeaseIssued, "vault://p", fmt.Sprint("e", i), at, "mallory", l)
		if err != nil {
			t.Fatal(err)
		}
		st.reads = 0
		Step(st, p.pol, Message{Origin: Origin{"log", 1, uint64(i + 10)}, Event: ev})
	}
	if st.reads > 10*n*n {
		t.Errorf("the last of %d leases made a step read %d records", n, st.reads)
	}
}

// TestUsesAndEndsDoNotStorm: two hundred leases under one ended window, each used
// and then revoked, are one alert with a handful of revisions.
func TestUsesAndEndsDoNotStorm(t *testing.T) {
	p := newStoryPlayer()
	const n = 200
	p.tick(t, clockTime(t, "08:59:58"))
	p.say(t, 1, `09:00 pam://x approval.granted svc {"approvalId": "R", "scopes": [{"system": "db", "role": "r"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}`)
	for i := range n {
		p.say(t, 2, fmt.Sprintf(`09:01 vault://p lease.issued svc {"leaseId": "L%d", "scope": {"system": "db", "role": "r"}}`, i))
	}
	p.tick(t, clockTime(t, "10:00:58"))
	p.tick(t, clockTime(t, "10:01:02"))
	for i := range n {
		p.say(t, 3, fmt.Sprintf(`10:02 vault://p access.used - {"access": {"kind": "lease", "id": "L%d"}}`, i))
		p.say(t, 4, fmt.Sprintf(`10:03 vault://p lease.revoked - {"leaseId": "L%d", "end": {"basis": "observed"}}`, i))
	}
	alerts := 0
	for _, pub := range p.told {
		if pub.Alert != nil {
			alerts++
		}
	}
	if alerts > 12 {
		t.Errorf("%d revisions of one alert", alerts)
	}
	if last := p.told[len(p.told)-1].Alert; last == nil || last.State != Resolved {
		t.Errorf("the last word is not that it is resolved: %+v", p.told[len(p.told)-1])
	}
}
