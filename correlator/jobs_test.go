package correlator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// crowd is a world too big for one step: a story player over a state that counts,
// which keeps the most that any step did.
type crowd struct {
	*storyPlayer
	t     *testing.T
	st    *sortedState
	worst stateWork
	seq   uint64
	told  []Publication
}

func newCrowd(t *testing.T) *crowd {
	return &crowd{t: t, st: newSortedState(), storyPlayer: newStoryPlayer()}
}

var crowdScope = events.Scope{System: "db", Role: "r"}

func (c *crowd) step(ev events.Event) Result {
	c.seq++
	c.st.work = stateWork{}
	res := Step(c.st, c.pol, Message{Origin: Origin{"log", 1, c.seq}, Event: ev})
	w := c.st.work
	c.worst = stateWork{max(c.worst.gets, w.gets), max(c.worst.puts, w.puts), max(c.worst.deletes, w.deletes), max(c.worst.scanned, w.scanned)}
	c.told = append(c.told, res.Publish...)
	return res
}

func (c *crowd) say(at, source string, typ events.Type, subject events.ID, d events.Data) events.Event {
	c.t.Helper()
	ev, err := events.New(typ, source, fmt.Sprint("e", c.seq), clockTime(c.t, at), subject, d)
	if err != nil {
		c.t.Fatal(err)
	}
	c.step(ev)
	return ev
}

// tickOnce is one tick; tick goes on until nothing waits.
func (c *crowd) tickOnce(at time.Time) Result {
	return c.step(events.Event{ID: fmt.Sprint("t", c.seq), Source: "overstay://clock", Type: events.ClockTick, Time: at,
		Data: &events.Tick{Wall: at, Boot: "story", Monotonic: events.Duration(at.Sub(clockTime(c.t, "00:00")))}})
}

func (c *crowd) tick(at string) {
	c.t.Helper()
	for range 1000 {
		if !c.tickOnce(clockTime(c.t, at)).Backlog {
			return
		}
	}
	c.t.Fatal("the backlog never ends")
}

func (c *crowd) grant(id string, to events.ID) {
	c.say("09:00", "pam://x", events.ApprovalGranted, to, &events.Approval{
		ApprovalID: id, Scopes: []events.Scope{crowdScope},
		Window: &events.Window{Start: clockTime(c.t, "09:00"), End: clockTime(c.t, "10:00"), EndKind: events.EndAt},
	})
}

func (c *crowd) issue(n int, to events.ID) {
	for i := range n {
		c.say("09:01", "vault://p", events.LeaseIssued, to, &events.Lease{LeaseID: fmt.Sprintf("L%06d", i), Scope: crowdScope})
	}
}

// access reads a record as the last step left it.
func (c *crowd) access(k accessKey) *access {
	return look(c.st, c.pol).access(k)
}

// seals are the seals told so far, in one line each.
func (c *crowd) seals() []string {
	var out []string
	for _, pub := range c.told {
		if pub.Seal != nil {
			out = append(out, describe(c.t, pub))
		}
	}
	return out
}

// TestABulkClaimIsWorkedThroughInSteps: what one message says of three thousand
// leases is written in steps that each fit a transaction, and so is their seal.
func TestABulkClaimIsWorkedThroughInSteps(t *testing.T) {
	c := newCrowd(t)
	const n = 3000
	c.tick("08:59")
	c.grant("REQ-1", "svc")
	c.issue(n, "svc")
	c.tick("09:30")
	c.worst = stateWork{}
	c.say("09:30", "vault://p", events.AccessEndedBefore, "", &events.EndedBefore{Before: clockTime(t, "09:30"), Kind: events.KindLease})
	for _, at := range []string{"09:30:01", "09:59:58", "10:00:02", "10:01:10", "10:01:12", "10:01:20", "10:02:20", "10:02:25"} {
		c.tick(at)
	}
	want := "closed-unproven REQ-1 r1 assurance=claimed approval=1@10:00:00/observed credential=3000@09:30:00/claimed"
	if got := c.seals(); len(got) != 1 || got[0] != want {
		t.Errorf("seals %q, want %q", got, want)
	}
	if most := 5 * stepBudget; c.worst.puts > most || c.worst.deletes > most || c.worst.gets > most || c.worst.scanned > most {
		t.Errorf("one step did %+v over %d leases", c.worst, n)
	}
}

// TestATimerFindsABulkClaimBeforeItsJobDoes: an access that is judged while the
// job has not come to it heeds the claim all the same.
func TestATimerFindsABulkClaimBeforeItsJobDoes(t *testing.T) {
	c := newCrowd(t)
	const n = 3 * stepBudget
	c.tick("08:59")
	c.grant("REQ-1", "svc")
	c.issue(n, "svc")
	c.tick("09:30")
	c.say("09:30", "vault://p", events.AccessEndedBefore, "", &events.EndedBefore{Before: clockTime(t, "09:30"), Kind: events.KindLease})
	last := makeAccessKey(events.KindLease, "vault://p", fmt.Sprintf("L%06d", n-1))
	if x := c.access(last); !x.OpenNow {
		t.Fatal("the job has come to the last lease: it is to be long")
	}
	c.say("09:20", "vault://p", events.AccessUsed, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: fmt.Sprintf("L%06d", n-1)}})
	if x := c.access(last); x.OpenNow {
		t.Error("it was judged without the claim about it")
	}
}

// TestASealInPartsIsTheSeal: the bytes of a seal do not depend on how many steps
// it took to sum up what was granted.
func TestASealInPartsIsTheSeal(t *testing.T) {
	c := newCrowd(t)
	const n = 100
	c.tick("08:59")
	c.grant("REQ-1", "svc")
	c.issue(n, "svc")
	bases := []events.EndBasis{events.EndObserved, events.EndClaimed}
	for i := range n {
		c.say(fmt.Sprintf("09:%02d", 10+i%50), "vault://p", events.LeaseRevoked, "", &events.Lease{
			LeaseID: fmt.Sprintf("L%06d", i), End: &events.End{Basis: bases[i%2]}})
	}
	c.say("09:05", "ldap://c", events.MembershipAdded, "svc", &events.Membership{Scope: crowdScope})
	c.say("10:20", "ldap://c", events.MembershipRemoved, "svc", &events.Membership{Scope: crowdScope})
	c.tick("10:30")
	s := NewWorking(c.st).newStep(c.pol, Message{Origin: Origin{"log", 1, 9}})
	a := s.approval(makeApprovalKey("pam://x", "REQ-1"))
	st := a.fold()
	sealed := func(sum *grantedSum) []byte {
		b, err := s.sealOf(a, st, st.end(), sum).Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	whole := &grantedSum{}
	if s.addGranted(whole, a, st.end(), nil) != nil {
		t.Fatal("the budget does not hold it")
	}
	for _, part := range []int{1, 7, 64} {
		j := job{Kind: jobSeal, Prefix: string(a.Key), Sum: &grantedSum{}}
		for next := []byte(nil); ; {
			s.budget = part
			next = s.addGranted(j.Sum, a, st.end(), next)
			// Between two steps the job is a record.
			var back job
			if b, err := json.Marshal(j); err != nil || json.Unmarshal(b, &back) != nil {
				t.Fatal(err)
			}
			j = back
			if next == nil {
				break
			}
		}
		if got, want := sealed(j.Sum), sealed(whole); !bytes.Equal(got, want) {
			t.Errorf("in parts of %d:\n%s\nin one go:\n%s", part, got, want)
		}
	}
}

// TestWhatChangesUnderASealIsSummedAgain: a lease that is told of while the job
// sums up is in the seal.
func TestWhatChangesUnderASealIsSummedAgain(t *testing.T) {
	c := newCrowd(t)
	const n = 2*stepBudget + 10
	c.tick("08:59")
	c.grant("REQ-1", "svc")
	for i := range n {
		id := fmt.Sprintf("L%06d", i)
		c.say("09:01", "vault://p", events.LeaseIssued, "svc", &events.Lease{LeaseID: id, Scope: crowdScope})
		c.say("09:50", "vault://p", events.LeaseRevoked, "", &events.Lease{LeaseID: id, End: &events.End{Basis: events.EndObserved}})
	}
	c.tick("09:59:58")
	at := clockTime(t, "10:00")
	for summing := false; !summing; {
		c.tickOnce(at)
		a := look(c.st, c.pol).approval(makeApprovalKey("pam://x", "REQ-1"))
		if summing = a.Summing != 0; !summing && at.After(clockTime(t, "10:05")) {
			t.Fatal("no job sums up")
		}
		at = at.Add(time.Second)
	}
	c.tickOnce(at) // it has begun
	c.say("09:01", "vault://p", events.LeaseIssued, "svc", &events.Lease{LeaseID: "L000000a", Scope: crowdScope})
	c.say("09:55", "vault://p", events.LeaseRevoked, "", &events.Lease{LeaseID: "L000000a", End: &events.End{Basis: events.EndObserved}})
	for i := range 30 {
		c.tick(at.Add(time.Duration(i) * 3 * time.Second).Format("15:04:05"))
	}
	got := c.seals()
	if want := fmt.Sprintf("credential=%d@09:55:00", n+1); len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("seals %q, want one with %s", got, want)
	}
}

// TestARoundOfJudgementComesToItsEnd: a source whose record turns out to begin
// earlier with every event has everything judged again, and not from the start
// each time.
func TestARoundOfJudgementComesToItsEnd(t *testing.T) {
	c := newCrowd(t)
	const n = 2000
	c.tick("12:00")
	for i := range n {
		c.say("11:00", "vault://p", events.LeaseIssued, "svc", &events.Lease{LeaseID: fmt.Sprintf("L%06d", i), Scope: crowdScope})
	}
	c.tick("12:00:01")
	rounds := map[uint64]bool{}
	for i := range 60 {
		at := clockTime(t, "10:59").Add(-time.Duration(i) * time.Second).Format("15:04:05")
		c.say(at, "vault://p", events.AccessUsed, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L000001"}})
		c.tickOnce(clockTime(t, "12:00:01").Add(time.Duration(i) * 5 * time.Millisecond))
		rounds[look(c.st, c.pol).meta.Rejudge] = true
	}
	if len(rounds) < 5 {
		t.Errorf("%d rounds over %d leases in 60 ticks of %d", len(rounds), n, stepBudget)
	}
	c.tick("12:01")
	if jobs := Peek(c.st, c.pol).Jobs; jobs != 0 {
		t.Errorf("%d jobs are left", jobs)
	}
}

// TestALongJobDoesNotKeepOthersBack: what came after a job over thousands of records
// is done while that goes on, and both come to their end.
func TestALongJobDoesNotKeepOthersBack(t *testing.T) {
	c := newCrowd(t)
	const n = 4000
	c.tick("08:59")
	c.issue(n, "svc")
	c.tick("09:30")
	w := NewWorking(c.st)
	s := w.newStep(c.pol, Message{})
	s.addJob(job{Kind: jobPolicy, Prefix: keyAccess})
	long := s.meta.NextJob
	s.addJob(job{Kind: jobTouch, Prefix: keyAccess + string(makeAccessKey(events.KindLease, "vault://p", "L0000"))})
	short := s.meta.NextJob
	w.Flush()
	there := func(job uint64) bool { return c.st.Get(jobKey(job)) != nil }
	at := clockTime(t, "09:30:01")
	for i := 0; there(short); i++ {
		if !there(long) {
			t.Fatal("the long job was done first")
		}
		c.tickOnce(at.Add(time.Duration(i) * 5 * time.Millisecond))
	}
	if !there(long) {
		t.Error("the long job was not long")
	}
	c.tick("09:31")
	if there(long) || Peek(c.st, c.pol).Jobs != 0 {
		t.Errorf("%d jobs are left", Peek(c.st, c.pol).Jobs)
	}
}

// TestAPolicyIsTakenOverBeforeAFact: while a job judges fifteen hundred leases under a
// new policy, one that it has not come to is used, another is told to have ended in
// time, and the approval of a third is extended late. What the policy does is told as
// that, and what the facts do as theirs.
func TestAPolicyIsTakenOverBeforeAFact(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Policy)
		want   map[string]string
	}{
		{"one that lets all pass", func(p *Policy) { p.Grace = Grace{Session: time.Hour, Lease: time.Hour, Membership: time.Hour} },
			map[string]string{"svc": "resolved policy", "used": "resolved policy", "ended": "resolved policy", "extended": "resolved policy"}},
		{"one that lets none pass", func(p *Policy) { p.UnprovenAfter = time.Hour },
			map[string]string{"used": "updated ", "ended": "retracted withdrawn", "extended": "retracted withdrawn"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pol := DefaultPolicy()
			pol.Hash = strings.Repeat("1", 64)
			tt.change(pol)
			got := toldInTheMidst(t, pol)
			if !maps.Equal(got, tt.want) {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

// toldInTheMidst is what becomes of the alert about each consumer's overrun.
func toldInTheMidst(t *testing.T, pol *Policy) map[string]string {
	c := newCrowd(t)
	c.tick("08:59")
	c.grant("REQ-svc", "svc")
	c.issue(1500, "svc")
	for _, who := range []string{"used", "ended", "extended"} {
		c.grant("REQ-"+who, events.ID(who))
		c.say("09:01", "vault://p", events.LeaseIssued, events.ID(who), &events.Lease{LeaseID: "M-" + who, Scope: crowdScope})
	}
	c.tick("10:04")
	c.tick("10:05") // what is late by then is told after the silence
	if c.told = nil; Peek(c.st, c.pol).Open != 1503 {
		t.Fatalf("%d leases are open", Peek(c.st, c.pol).Open)
	}
	c.seq++
	ev, err := events.New(events.PolicyApplied, "overstay://operator", "policy", clockTime(t, "10:05"), "", &events.Policy{Hash: pol.Hash})
	if err != nil {
		t.Fatal(err)
	}
	Step(c.st, c.pol, Message{Origin: Origin{"log", 1, c.seq}, Event: ev, Policy: pol})
	c.pol = pol
	c.tickOnce(clockTime(t, "10:05"))
	if look(c.st, c.pol).meta.PolicyJob == 0 {
		t.Fatal("the job was not long")
	}
	c.say("10:05", "vault://p", events.AccessUsed, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "M-used"}})
	c.say("09:59", "vault://p", events.LeaseExpired, "", &events.Lease{LeaseID: "M-ended"})
	c.say("09:58", "pam://x", events.ApprovalExtended, "", &events.Approval{ApprovalID: "REQ-extended", Window: &events.Window{End: clockTime(t, "12:00"), EndKind: events.EndAt}})
	c.tick("10:05:01")
	out := map[string]string{}
	for _, pub := range c.told {
		if a := pub.Alert; a != nil {
			out[strings.TrimPrefix(a.Approval.ID, "REQ-")] += fmt.Sprintf("%s %s", a.State, a.Closing)
		}
	}
	return out
}

// TestALongChainComesBackInSteps: a use of the last of many leases, each of which
// came from the one before and all of which have left, brings no more of them back
// at once than one step holds.
func TestALongChainComesBackInSteps(t *testing.T) {
	c := newCrowd(t)
	const n = stepBudget + 100
	c.tick("08:59")
	name := func(i int) string { return fmt.Sprintf("L%06d", n-i) } // the last leaves first
	for i := range n {
		l := &events.Lease{LeaseID: name(i), Scope: crowdScope}
		if i > 0 {
			l.Parents = []events.Parent{{AccessRef: events.AccessRef{Kind: events.KindLease, ID: name(i - 1)}, Edge: events.EdgeCascade}}
		}
		c.say("09:01", "vault://p", events.LeaseIssued, "svc", l)
		c.say("09:02", "vault://p", events.LeaseRevoked, "", &events.Lease{LeaseID: name(i), End: &events.End{Basis: events.EndObserved}})
	}
	settle := func(at time.Time) {
		for c.tickOnce(at).Backlog {
		}
	}
	at := clockTime(t, "09:03")
	for day := 0; c.left() < n && day < 30; day++ {
		at = at.Add(24 * time.Hour)
		settle(at)
	}
	if c.left() != n {
		t.Fatalf("%d of %d have left", c.left(), n)
	}
	ev, err := events.New(events.AccessUsed, "vault://p", "late", at, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: name(n - 1)}})
	if err != nil {
		t.Fatal(err)
	}
	c.step(ev)
	if back := n - c.left(); back > stepBudget+1 {
		t.Errorf("one step brought %d back", back)
	}
	settle(at)
	if c.left() != 0 {
		t.Errorf("%d are not back", c.left())
	}
	if first := c.access(makeAccessKey(events.KindLease, "vault://p", name(0))); first == nil || first.OpenNow {
		t.Error("the first is not back as it was")
	}
}

// left is how many accesses have left the state.
func (c *crowd) left() int {
	n := 0
	c.st.Scan([]byte(keyPastAccess), nil, func(_, _ []byte) bool {
		n++
		return true
	})
	return n
}

// TestWhatIsDueIsToldInOrderThoughAJobPasses: a job that judges everything comes to
// accesses whose deadline has passed and has not had its turn.
func TestWhatIsDueIsToldInOrderThoughAJobPasses(t *testing.T) {
	c := newCrowd(t)
	const n = 3 * stepBudget
	c.tick("08:59")
	end := clockTime(t, "10:00")
	for i := range n {
		who, id := events.NewID("pam/x/user", fmt.Sprint("p", i)), fmt.Sprint("REQ-", i)
		c.say("09:00", "pam://x", events.ApprovalGranted, who, &events.Approval{
			ApprovalID: id, Scopes: []events.Scope{crowdScope},
			Window: &events.Window{Start: clockTime(t, "09:00"), End: end.Add(time.Duration(i*7919%n) * time.Millisecond), EndKind: events.EndAt},
		})
		c.say("09:01", "pam://x", events.SessionStarted, who, &events.Session{SessionID: fmt.Sprint("S", i), Scope: crowdScope,
			Approvals: []events.ApprovalRef{{ID: id, AssertedBy: events.ByIssuer}}})
	}
	for _, at := range []string{"09:30", "09:59", "10:00:02", "10:00:59"} {
		c.tick(at)
	}
	c.told = nil
	// An event from before all that was heard of a source has everything judged again.
	c.say("08:58", "pam://x", events.AccessUsed, "", &events.Use{Access: events.AccessRef{Kind: events.KindSession, ID: "S1"}})
	if look(c.st, c.pol).meta.Rejudge == 0 {
		t.Fatal("nothing is judged again")
	}
	c.tick("10:01:03")
	var before Time
	overruns := 0
	for _, pub := range c.told {
		a := pub.Alert
		if a == nil || a.Rule.ID != "OV-001" {
			continue
		}
		if overruns++; a.Due < before {
			t.Fatalf("overrun %d was due at %s, the one before it at %s", overruns, a.Due, before)
		}
		before = a.Due
	}
	if overruns != n {
		t.Errorf("%d overruns of %d are told", overruns, n)
	}
}
