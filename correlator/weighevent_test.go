package correlator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// TestAnEventFitsATransactionWhateverItBearsOn: one event is about all that a subject
// holds, whose ids, roles and names are their sources' to choose. A step that fits into
// no transaction would end the engine, at each start anew.
func TestAnEventFitsATransactionWhateverItBearsOn(t *testing.T) {
	for _, c := range []struct{ leases, length int }{{600, 0}, {600, 1000}} {
		t.Run(fmt.Sprint(c.leases, " leases, names of ", c.length), func(t *testing.T) {
			long := strings.Repeat("x", c.length)
			w := newWeighed(t)
			w.tick(clockTime(t, "08:59"))
			who, scope := events.ID("vault/prod/approle:ci"+long), events.Scope{System: "db", Role: "reader" + long}
			granted := &events.Approval{ApprovalID: "REQ-1" + long, Scopes: []events.Scope{scope}, Requester: who,
				Window: &events.Window{Start: clockTime(t, "09:00"), End: clockTime(t, "10:00"), EndKind: events.EndAt}}
			w.say("09:00", "pam://x", events.ApprovalGranted, who, granted)
			for i := range c.leases {
				w.say("09:01", "vault://p", events.LeaseIssued, who, &events.Lease{LeaseID: fmt.Sprint("database/creds/app/", i) + long, Scope: scope})
			}
			w.tick(clockTime(t, "09:59:58"))
			w.tick(clockTime(t, "10:01:02"))
			extended := *granted
			extended.Window = &events.Window{Start: clockTime(t, "09:00"), End: clockTime(t, "11:00"), EndKind: events.EndAt}
			w.say("10:01:03", "pam://x", events.ApprovalExtended, who, &extended)
			w.tick(clockTime(t, "10:01:04"))
			w.say("10:01:05", "pam://x", events.ApprovalRevoked, who, &events.Approval{ApprovalID: granted.ApprovalID})
			w.tick(clockTime(t, "10:03:05"))
			w.fits()
		})
	}
}

// TestWhatComesBackFitsATransaction: a word about one access that has left brings back
// all that it came from, or all that came from it.
func TestWhatComesBackFitsATransaction(t *testing.T) {
	const n = 600
	long := strings.Repeat("x", 1000)
	name := func(i int) string { return fmt.Sprintf("L%06d", n-i) + long } // who came last leaves first
	for _, c := range []struct {
		what         string
		parent, used int
		alone        bool // only the first is revoked, and the others end with it
	}{{"a chain", 1, n - 1, false}, {"a root", n, 0, true}} {
		t.Run(c.what, func(t *testing.T) {
			w := newWeighed(t)
			w.tick(clockTime(t, "08:59"))
			for i := range n {
				l := &events.Lease{LeaseID: name(i), Scope: events.Scope{System: "db", Role: "reader" + long}}
				if i > 0 {
					l.Parents = []events.Parent{{AccessRef: events.AccessRef{Kind: events.KindLease, ID: name(max(i-c.parent, 0))}, Edge: events.EdgeCascade}}
				}
				w.say("09:01", "vault://p", events.LeaseIssued, events.ID("svc"+long), l)
			}
			for i := range n {
				if i == 0 || !c.alone {
					w.say("09:02", "vault://p", events.LeaseRevoked, "", &events.Lease{LeaseID: name(i), End: &events.End{Basis: events.EndObserved}})
				}
			}
			at := clockTime(t, "09:03")
			for day := 0; w.past() < n; day++ {
				if at = at.Add(24 * time.Hour); day > 40 {
					t.Fatalf("%d of %d leases have left", w.past(), n)
				}
				w.tick(at)
			}
			ev, err := events.New(events.AccessUsed, "vault://p", "late", at, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: name(c.used)}})
			if err != nil {
				t.Fatal(err)
			}
			w.step(ev)
			w.fits()
			w.tick(at.Add(time.Second))
			w.fits()
			if left := w.past(); left != 0 {
				t.Errorf("%d of %d leases have not come back", left, n)
			}
		})
	}
}

// past is how many accesses have left.
func (w *weighed) past() (n int) {
	w.st.Scan([]byte(keyPastAccess), nil, func(_, _ []byte) bool { n++; return true })
	return n
}

// TestApprovalsAsLargeAsEventsFitATransaction: each of the approvals that end at one
// moment is as large as an event may be.
func TestApprovalsAsLargeAsEventsFitATransaction(t *testing.T) {
	w := newWeighed(t)
	w.tick(clockTime(t, "08:59"))
	for i := range 60 {
		w.say("09:00", "pam://x", events.ApprovalGranted, "pam/x/user:u", largeApproval(t, i))
	}
	for _, at := range []string{"09:29:50", "09:30", "09:30:02"} {
		w.tick(clockTime(t, at))
	}
	w.fits()
}

// TestAnApprovalHoldsWhatAValueDoes: one that is altered again and again stays as
// large as a value of the state may be.
func TestAnApprovalHoldsWhatAValueDoes(t *testing.T) {
	w := newWeighed(t)
	w.tick(clockTime(t, "08:59"))
	w.say("09:00", "pam://x", events.ApprovalGranted, "pam/x/user:u", largeApproval(t, 0))
	for range 20 {
		w.say("09:10", "pam://x", events.ApprovalAltered, "pam/x/user:u", largeApproval(t, 0))
	}
	w.fits()
	a := look(w.st, DefaultPolicy()).approval(makeApprovalKey("pam://x", "REQ-0"))
	if a == nil || a.text() > maxApprovalText {
		t.Fatalf("the record of the approval: %v", a)
	}
	if a.Acts[0].What != "granted" {
		t.Errorf("what decides most went: %s", a.Acts[0].What)
	}
}

// largeApproval has 180 KB of scopes.
func largeApproval(t *testing.T, i int) *events.Approval {
	d := &events.Approval{ApprovalID: fmt.Sprint("REQ-", i), Requester: "pam/x/user:u",
		Window: &events.Window{Start: clockTime(t, "09:00"), End: clockTime(t, "09:30"), EndKind: events.EndAt}}
	for j := range 200 {
		d.Scopes = append(d.Scopes, events.Scope{System: "sys", Resource: fmt.Sprint(j) + strings.Repeat("y", 900), Role: "r"})
	}
	return d
}
