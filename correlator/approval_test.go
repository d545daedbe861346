package correlator

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// A thousand requests on the number of an approval do not push out its grant, in
// whatever order they are read.
func TestRequestsDoNotPushOutTheGrant(t *testing.T) {
	at := func(minute int) Time { return At(historyStart).Add(time.Duration(minute) * time.Minute) }
	acts := []approvalAct{
		{T: at(0), ID: "grant", What: "granted", Requester: "alice", Scopes: []events.Scope{{System: "db", Role: "r"}}, Start: at(0), End: at(60), EndKind: events.EndAt},
		{T: at(2000), ID: "revoke", What: "revoked"},
	}
	for i := range 4 * maxApprovalActs {
		acts = append(acts, approvalAct{T: at(i), ID: fmt.Sprint("ask", i), What: "requested", Requester: "mallory"})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		random.Shuffle(len(acts), func(i, j int) { acts[i], acts[j] = acts[j], acts[i] })
		a := &approval{Key: makeApprovalKey("pam://x", "R")}
		for _, act := range acts {
			a.addAct(act)
		}
		st := a.fold()
		if len(a.Acts) != maxApprovalActs || len(st.Windows) != 1 || st.end() != at(60) || st.Requester != "alice" {
			t.Fatalf("%d acts, windows %v, requester %s", len(a.Acts), st.Windows, st.Requester)
		}
	}
}

func TestTimeSaturates(t *testing.T) {
	for _, c := range []struct {
		t    Time
		d    time.Duration
		want Time
	}{
		{Forever - 5, 10, Forever}, {Ever + 5, -10, Ever}, {Forever, -10, Forever}, {Ever, 10, Ever},
		{10, 5, 15}, {Forever - 10, 5, Forever - 5}, {1, -1 << 63, Ever},
	} {
		if got := c.t.Add(c.d); got != c.want {
			t.Errorf("%d + %d = %d, want %d", c.t, c.d, got, c.want)
		}
	}
	if Forever.Sub(Ever) != 1<<63-1 || Ever.Sub(Forever) != -1<<63 {
		t.Error("a distance wraps around")
	}
}

// Many grants that are altered many times stay few stretches: what one approval
// costs to fold is bounded by its acts.
func TestAlterationsDoNotMultiplyStretches(t *testing.T) {
	a := &approval{Key: makeApprovalKey("pam://x", "R")}
	start := At(historyStart)
	for i := range maxApprovalActs / 2 {
		a.addAct(approvalAct{T: start.Add(time.Duration(i)), ID: fmt.Sprint("grant", i), What: "granted", Requester: "alice",
			Scopes: []events.Scope{{System: "db"}}, Start: start, End: start.Add(time.Hour), EndKind: events.EndAt})
		a.addAct(approvalAct{T: start.Add(time.Minute + time.Duration(i)), ID: fmt.Sprint("alter", i), What: "altered",
			Consumers: []events.ID{events.ID(fmt.Sprint("user", i))}})
	}
	if st := a.fold(); len(st.Windows) > maxApprovalActs || st.end() != start.Add(time.Hour) {
		t.Errorf("%d stretches, end %s", len(st.Windows), st.end())
	}
}
