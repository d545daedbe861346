package correlator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// transaction is how many bytes one of the state's takes: 15 % of 32 MiB (store/badger).
const transaction = 5_033_164

// weighedState keeps how many bytes a step writes.
type weighedState struct {
	*sortedState
	ops map[string]int
}

func (o *weighedState) Put(k, v []byte) {
	o.ops[string(k)] = len(k) + len(v) + 12
	o.sortedState.Put(k, v)
}

func (o *weighedState) Delete(k []byte) {
	o.ops[string(k)] = len(k) + 12
	o.sortedState.Delete(k)
}

// weighed is a world whose steps are weighed, what they tell included.
type weighed struct {
	t     *testing.T
	st    *weighedState
	seq   uint64
	worst int
}

func newWeighed(t *testing.T) *weighed {
	return &weighed{t: t, st: &weighedState{newSortedState(), map[string]int{}}}
}

func (w *weighed) step(ev events.Event) Result {
	w.t.Helper()
	w.seq++
	clear(w.st.ops)
	res := Step(w.st, DefaultPolicy(), Message{Origin: Origin{"log", 1, w.seq}, Event: ev})
	sum := 0
	for _, n := range w.st.ops {
		sum += n
	}
	for _, p := range res.Publish {
		encode := p.Alert.Encode
		if p.Alert == nil {
			encode = p.Seal.Encode
		}
		b, err := encode()
		if err != nil {
			w.t.Fatal(err)
		}
		sum += len(b) + 400
	}
	w.worst = max(w.worst, sum)
	return res
}

func (w *weighed) say(at, source string, typ events.Type, subject events.ID, d events.Data) {
	w.t.Helper()
	ev, err := events.New(typ, source, fmt.Sprint("e", w.seq), clockTime(w.t, at), subject, d)
	if err != nil {
		w.t.Fatal(err)
	}
	w.step(ev)
}

func (w *weighed) tick(at time.Time) {
	w.t.Helper()
	for range 1000 {
		if !w.step(events.Event{ID: fmt.Sprint("t", w.seq), Source: "overstay://clock", Type: events.ClockTick, Time: at,
			Data: &events.Tick{Wall: at, Boot: "story", Monotonic: events.Duration(at.Sub(clockTime(w.t, "00:00")))}}).Backlog {
			return
		}
	}
	w.t.Fatal("the backlog never ends")
}

// fits fails the test if a step since the last time wrote more than half a transaction.
func (w *weighed) fits() {
	w.t.Helper()
	if w.worst > transaction/2 {
		w.t.Errorf("one step writes %d bytes, and half a transaction takes %d", w.worst, transaction/2)
	}
	w.t.Logf("the heaviest step writes %d bytes", w.worst)
}

// TestATickFitsATransactionWhateverThingsAreCalled: ids, roles and names are their
// sources' to choose, and as long as they like up to the limits.
func TestATickFitsATransactionWhateverThingsAreCalled(t *testing.T) {
	const n = 1600
	for _, l := range []int{10, 1000} {
		long := strings.Repeat("x", l)
		t.Run(fmt.Sprint("leases run out/", l), func(t *testing.T) {
			w := newWeighed(t)
			w.tick(clockTime(t, "08:59"))
			for i := range n {
				w.say("09:01", "vault://p", events.LeaseIssued, events.ID(fmt.Sprint("u", i)+long), &events.Lease{LeaseID: fmt.Sprint("L", i) + long,
					Scope:  events.Scope{System: "db", Role: fmt.Sprint("r", i%100) + long},
					Expiry: &events.Expiry{Kind: events.ExpiryExact, At: clockTime(t, "10:00").Add(time.Duration(i) * time.Millisecond)}})
			}
			w.tick(clockTime(t, "09:59:58"))
			w.tick(clockTime(t, "10:00:02"))
			w.fits()
		})
		t.Run(fmt.Sprint("leases outlive/", l), func(t *testing.T) {
			w := newWeighed(t)
			w.tick(clockTime(t, "08:59"))
			for i := range n / 2 {
				who, scope := events.ID(fmt.Sprint("u", i)+long), events.Scope{System: "db", Role: fmt.Sprint("r", i%50) + long}
				w.say("09:00", "pam://x", events.ApprovalGranted, who, &events.Approval{ApprovalID: fmt.Sprint("REQ-", i) + long, Scopes: []events.Scope{scope}, Ticket: long,
					Window: &events.Window{Start: clockTime(t, "09:00"), End: clockTime(t, "10:00"), EndKind: events.EndAt}})
				w.say("09:01", "vault://p", events.LeaseIssued, who, &events.Lease{LeaseID: fmt.Sprint("L", i) + long, Scope: scope})
			}
			for at := clockTime(t, "09:59:56"); at.Before(clockTime(t, "10:01:30")); at = at.Add(2 * time.Second) {
				w.tick(at)
			}
			w.fits()
		})
	}
}

// TestATickFitsATransactionWhateverApprovalsList: hundreds of approvals of many scopes
// for many people end at one moment, and later everything is judged again.
func TestATickFitsATransactionWhateverApprovalsList(t *testing.T) {
	for _, l := range []int{200} {
		t.Run(fmt.Sprint(l), func(t *testing.T) {
			w := newWeighed(t)
			w.tick(clockTime(t, "08:59"))
			for i := range 520 {
				d := &events.Approval{ApprovalID: fmt.Sprint("REQ-", i), Requester: "pam/x/user:boss",
					Window: &events.Window{Start: clockTime(t, "09:00"), End: clockTime(t, "09:30"), EndKind: events.EndAt}}
				for j := range l {
					d.Scopes = append(d.Scopes, events.Scope{System: "kubernetes/prod-eu-1", Resource: fmt.Sprintf("namespace-%d", j), Role: fmt.Sprint("developer-", i%7)})
					d.Consumers = append(d.Consumers, events.ID(fmt.Sprintf("ldap/corp/uid:user%05d", (i*31+j*7)%20000)))
				}
				w.say("09:00", "pam://x", events.ApprovalGranted, "pam/x/user:boss", d)
			}
			w.say("09:29", "pam://x", events.SourceProgress, "", &events.Progress{Through: clockTime(t, "09:29"), Basis: events.ByPosition})
			for _, at := range []string{"09:29:50", "09:30", "09:30:02"} {
				w.tick(clockTime(t, at))
			}
			// An event from before all that was heard of a source.
			w.say("08:00", "pam://x", events.ApprovalRequested, "pam/x/user:boss", &events.Approval{ApprovalID: "REQ-0", Scopes: []events.Scope{crowdScope}})
			w.tick(clockTime(t, "09:30:03"))
			w.fits()
		})
	}
}
