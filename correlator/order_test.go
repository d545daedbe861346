package correlator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// history is a small random world: few people, approvals and accesses, so that
// they meet often.
type history struct {
	events []events.Event
	ticks  []time.Time
}

var historyStart = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// The kinds of event that are drawn: those that every comparison knows, and with
// them what single rules look at.
const (
	plainKinds = 16
	everyKind  = 26
)

func genHistory(t *rapid.T, kinds int) history { return genHistoryOf(t, kinds, 18, 30*time.Second) }

// genHistoryOf makes a history of at most so many events, over 240 units of time.
func genHistoryOf(t *rapid.T, kinds, most int, unit time.Duration) history {
	var h history
	at := func(label string) time.Time {
		return historyStart.Add(time.Duration(rapid.IntRange(0, 240).Draw(t, label)) * unit)
	}
	people := []events.ID{"pam/u:alice", "pam/u:bob", "vault/e:1", "vault/e:2"}
	person := func() events.ID { return rapid.SampledFrom(people).Draw(t, "person") }
	scopes := []events.Scope{{System: "db", Role: "r"}, {System: "db", Role: "w"}, {System: "ldap/c", Role: "cn=x"}}
	scope := func() events.Scope { return rapid.SampledFrom(scopes).Draw(t, "scope") }
	// What a lease is does not change: its source gives an id once.
	leases := map[string]*events.Lease{}
	holder := map[string]events.ID{}
	for _, id := range []string{"L1", "L2", "L3"} {
		l := &events.Lease{LeaseID: id, Scope: scope()}
		if kinds == everyKind && rapid.IntRange(0, 2).Draw(t, "static") == 0 {
			l.Credential = events.CredentialStatic
		}
		if kinds == everyKind && rapid.IntRange(0, 2).Draw(t, "unrevocable") == 0 {
			l.Revocable = new(bool)
		}
		if kinds == everyKind && rapid.IntRange(0, 2).Draw(t, "refers") == 0 {
			l.Approvals = []events.ApprovalRef{{ID: "R2", AssertedBy: rapid.SampledFrom([]events.Asserter{events.ByIssuer, events.ByCaller}).Draw(t, "by")}}
		}
		if id != "L1" && rapid.IntRange(0, 2).Draw(t, "child") == 0 {
			l.Parents = []events.Parent{{AccessRef: events.AccessRef{Kind: events.KindLease, ID: "L1"}, Edge: rapid.SampledFrom([]events.ParentEdge{events.EdgeCascade, events.EdgeDerived, events.EdgeReissue}).Draw(t, "edge")}}
		}
		leases[id], holder[id] = l, person()
	}
	n := rapid.IntRange(2, most).Draw(t, "events")
	for i := range n {
		evID := fmt.Sprintf("e%02d", i)
		var ev events.Event
		var err error
		when := at("time")
		switch rapid.IntRange(0, kinds).Draw(t, "kind") {
		case 0, 1:
			ev, err = events.New(events.ApprovalGranted, "pam://x", evID, when, person(), &events.Approval{
				DecidedBy: person(), ApprovalID: rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "approval"), Scopes: []events.Scope{scope()},
				Window: &events.Window{Start: when, End: when.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "length")) * time.Minute), EndKind: events.EndAt},
			})
		case 2:
			ev, err = events.New(events.ApprovalExtended, "pam://x", evID, when, "", &events.Approval{
				ApprovalID: rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "approval"),
				Window:     &events.Window{End: when.Add(time.Duration(rapid.IntRange(-10, 60).Draw(t, "by")) * time.Minute), EndKind: events.EndAt},
			})
		case 3:
			ev, err = events.New(events.ApprovalRevoked, "pam://x", evID, when, "", &events.Approval{ApprovalID: rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "approval")})
		case 4, 5:
			id := rapid.SampledFrom([]string{"L1", "L2", "L3"}).Draw(t, "lease")
			of := *leases[id]
			l := &of
			if rapid.Bool().Draw(t, "dated") {
				l.Expiry = &events.Expiry{Kind: events.ExpiryExact, At: when.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "ttl")) * time.Minute)}
			}
			ev, err = events.New(events.LeaseIssued, "vault://v", evID, when, holder[id], l)
		case 6:
			ev, err = events.New(events.LeaseRenewed, "vault://v", evID, when, "", &events.Lease{
				LeaseID: rapid.SampledFrom([]string{"L1", "L2", "L3"}).Draw(t, "lease"),
				Expiry:  &events.Expiry{Kind: events.ExpiryExact, At: when.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "ttl")) * time.Minute)},
			})
		case 7:
			basis := rapid.SampledFrom([]events.EndBasis{events.EndClaimed, events.EndObserved}).Draw(t, "basis")
			ev, err = events.New(events.LeaseRevoked, "vault://v", evID, when, "", &events.Lease{LeaseID: rapid.SampledFrom([]string{"L1", "L2", "L3"}).Draw(t, "lease"), End: &events.End{Basis: basis}})
		case 8:
			ev, err = events.New(events.MembershipAdded, "ldap://c", evID, when, person(), &events.Membership{Scope: scopes[2]})
		case 9:
			ev, err = events.New(events.MembershipRemoved, "ldap://c", evID, when, person(), &events.Membership{Scope: scopes[2]})
		case 10:
			typ := rapid.SampledFrom([]events.Type{events.IdentityLinked, events.IdentityUnlinked}).Draw(t, "link")
			ev, err = events.New(typ, "ldap://c", evID, when, people[rapid.IntRange(0, 1).Draw(t, "a")], &events.IdentityLink{Other: people[2+rapid.IntRange(0, 1).Draw(t, "b")]})
		case 11:
			ev, err = events.New(events.AccessUsed, "vault://v", evID, when, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: rapid.SampledFrom([]string{"L1", "L2", "L3"}).Draw(t, "lease")}})
		case 12:
			claim := &events.EndedBefore{Before: when.Add(-time.Duration(rapid.IntRange(0, 10).Draw(t, "earlier")) * time.Minute)}
			var about events.ID
			switch rapid.IntRange(0, 3).Draw(t, "claimed") {
			case 0:
				claim.Kind, claim.IDPrefix = events.KindLease, rapid.SampledFrom([]string{"L", "L1", "L2"}).Draw(t, "prefix")
			case 1:
				claim.Scope = scope()
			case 2:
				about = person()
			}
			ev, err = events.New(events.AccessEndedBefore, "vault://v", evID, when, about, claim)
		case 13:
			say := &events.Approval{ApprovalID: rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "approval"), Consumers: []events.ID{person()}, Scopes: []events.Scope{scope()}}
			if rapid.Bool().Draw(t, "voted") {
				say.Approvers = []events.Vote{{By: person(), Decision: "approved"}}
			}
			if rapid.Bool().Draw(t, "decided earlier") {
				say.DecidedAt = when.Add(-5 * time.Minute)
			}
			ev, err = events.New(rapid.SampledFrom([]events.Type{events.ApprovalAltered, events.ApprovalRequested, events.ApprovalActivated, events.ApprovalDenied}).Draw(t, "act"), "pam://x", evID, when, person(), say)
		case 14:
			length := events.Duration(time.Duration(rapid.IntRange(1, 60).Draw(t, "length")) * time.Minute)
			say := &events.Approval{ApprovalID: rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "approval"), Window: &events.Window{EndKind: events.EndAt, Duration: length}}
			typ := rapid.SampledFrom([]events.Type{events.ApprovalGranted, events.ApprovalExtended, events.ApprovalAltered}).Draw(t, "act")
			var about events.ID
			if typ == events.ApprovalGranted {
				about, say.Scopes, say.Window.Basis = person(), []events.Scope{scope()}, events.BasisActivation
			}
			ev, err = events.New(typ, "pam://x", evID, when, about, say)
		case 15: // by a source that may only probe
			ev, err = events.New(rapid.SampledFrom([]events.Type{events.LeaseIssued, events.LeaseRevoked}).Draw(t, "reach"), "http://bound", evID, when, person(), leases["L1"])
		case 16:
			ev, err = events.New(events.AccessProbed, "http://bound", evID, when, "", &events.Probe{
				Access: events.AccessRef{Kind: events.KindLease, Source: "vault://v", ID: rapid.SampledFrom([]string{"L1", "L2", "L3"}).Draw(t, "lease")},
				Result: rapid.SampledFrom([]string{"alive", "refused"}).Draw(t, "result"),
			})
		case 17, 18:
			say := &events.Account{}
			about := rapid.SampledFrom([]events.ID{"svc:a", "svc:b", people[0], people[2]}).Draw(t, "account")
			typ := rapid.SampledFrom([]events.Type{events.AccountCreated, events.AccountDisabled, events.AccountEnabled, events.OwnerChanged}).Draw(t, "act")
			if about.Realm() == "svc" && rapid.Bool().Draw(t, "owned") {
				say.Owner = person()
			}
			ev, err = events.New(typ, "ldap://c", evID, when, about, say)
		case 19, 20:
			ev, err = h.genSession(t, evID, when, person, scope)
		case 21:
			ev, err = events.New(events.SessionEnded, "tele://t", evID, when, "", &events.Session{SessionID: rapid.SampledFrom([]string{"S1", "S2"}).Draw(t, "session")})
		case 22:
			yes := rapid.Bool().Draw(t, "interactive")
			ev, err = events.New(events.AccessUsed, "tele://t", evID, when, "", &events.Use{Interactive: &yes, Access: events.AccessRef{Kind: events.KindSession, ID: rapid.SampledFrom([]string{"S1", "S2"}).Draw(t, "session")}})
		case 23:
			d := &events.Credential{CredentialID: rapid.SampledFrom([]string{"L1", "L2", "x"}).Draw(t, "secret")}
			if rapid.Bool().Draw(t, "scoped") {
				d.Scope = scope()
			}
			var about events.ID
			if rapid.Bool().Draw(t, "of an account") {
				about = person()
			}
			ev, err = events.New(events.CredentialRotated, "vault://v", evID, when, about, d)
		case 24: // an approval for emergencies, with or without what a record needs
			ev, err = events.New(events.ApprovalGranted, "pam://x", evID, when, person(), &events.Approval{
				ApprovalID: rapid.SampledFrom([]string{"R1", "R2"}).Draw(t, "approval"), Scopes: []events.Scope{scope()}, Kind: events.BreakGlass,
				DecidedBy: person(), Reason: rapid.SampledFrom([]string{"", "fire"}).Draw(t, "reason"),
				Window: &events.Window{Start: when, End: when.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "length")) * time.Minute), EndKind: events.EndAt},
			})
		case 25: // an approval under which nothing need be granted, of all roles of the system
			ev, err = events.New(events.ApprovalGranted, "pam://x", evID, when, person(), &events.Approval{
				ApprovalID: "R3", Scopes: []events.Scope{{System: "db", Role: rapid.SampledFrom([]string{"*", "r"}).Draw(t, "roles")}}, DecidedBy: person(),
				Window: &events.Window{Start: when, End: when.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "length")) * time.Minute), EndKind: events.EndAt},
			})
		case 26: // by another path, or a stretch of it
			path := rapid.SampledFrom([]events.MembershipPath{events.PathNested, events.PathPrimary}).Draw(t, "path")
			ev, err = events.New(rapid.SampledFrom([]events.Type{events.MembershipAdded, events.MembershipRemoved}).Draw(t, "membership"), "ldap://c", evID, when, person(), &events.Membership{Scope: scopes[2], Path: path})
		}
		if err != nil {
			t.Fatalf("generate: %v", err)
		}
		h.events = append(h.events, ev)
	}
	for i := range 8 {
		h.ticks = append(h.ticks, historyStart.Add(time.Duration(i)*37*time.Minute))
	}
	return h
}

// genSession is the start of one of two sessions. What a session is and whose does
// not change.
func (h *history) genSession(t *rapid.T, id string, when time.Time, person func() events.ID, scope func() events.Scope) (events.Event, error) {
	name := rapid.SampledFrom([]string{"S1", "S2"}).Draw(t, "session")
	for _, ev := range h.events {
		if s, ok := ev.Data.(*events.Session); ok && ev.Type == events.SessionStarted && s.SessionID == name {
			return events.New(events.SessionStarted, "tele://t", id, when, ev.Subject, s)
		}
	}
	yes := rapid.Bool().Draw(t, "interactive")
	return events.New(events.SessionStarted, "tele://t", id, when, person(), &events.Session{
		SessionID: name, Scope: scope(), Interactive: &yes,
		Approvals: []events.ApprovalRef{{ID: rapid.SampledFrom([]string{"R1", "R2", "R9"}).Draw(t, "ref"), AssertedBy: rapid.SampledFrom([]events.Asserter{events.ByIssuer, events.ByCaller}).Draw(t, "by")}},
	})
}

// everyRule is a policy with all rules on.
func everyRule() *Policy {
	p := DefaultPolicy()
	p.Rules = map[RuleID]RuleSetting{}
	for _, r := range Rules() {
		on := true
		p.Rules[r.ID] = RuleSetting{Enabled: &on}
	}
	p.Watched = []ScopePattern{{System: "db"}}
	p.Entitlements = []Entitlement{{Name: "data", Levels: []string{"read", "write"}, Members: []EntitlementMember{
		{Scope: ScopePattern{System: "db", Role: "r"}, Level: "read"}, {Scope: ScopePattern{System: "db", Role: "w"}, Level: "write"},
		{Scope: ScopePattern{System: "ldap/c", Role: "cn=x"}, Level: "read"},
	}}}
	p.BreakGlass, p.RotateWithin = []events.ID{"vault/e:2"}, time.Hour
	p.Workloads = Workloads{Realms: []string{"svc"}, IDs: []string{"vault/e:1"}, Takeover: 30 * time.Minute}
	p.Sources = map[string]SourceSetting{"http://bound": {Authority: &Authority{Types: []string{"access.probed"}}}}
	return p
}

// play applies the events in an order, each by a step of its own.
func (h history) play(t interface{ Fatal(...any) }, pol *Policy, order []int) memState {
	st := memState{}
	h.drive(t, order, func(m Message) Result { return Step(st, pol, m) })
	return st
}

// drive tells the events in an order, ticks in between at fixed places, and ticks
// until nothing more can come.
func (h history) drive(t interface{ Fatal(...any) }, order []int, take func(Message) Result) {
	seq := uint64(0)
	step := func(ev events.Event) Result {
		seq++
		return take(Message{Origin: Origin{"log", 1, seq}, Event: ev})
	}
	jump := func(at time.Time) {
		for i := 0; ; i++ {
			res := step(events.Event{ID: fmt.Sprint("t", seq), Source: "overstay://clock", Type: events.ClockTick, Time: at,
				Data: &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(historyStart))}})
			if !res.Backlog {
				return
			}
			if i > 100 {
				t.Fatal("the backlog never ends")
			}
		}
	}
	// Each time comes after a silence, and lasts until that is made up for.
	tick := func(at time.Time) {
		jump(at)
		jump(at.Add(catchUpFor))
	}
	next := 0
	for i, j := range order {
		for next < len(h.ticks) && i*len(h.ticks) >= next*len(order) {
			tick(h.ticks[next])
			next++
		}
		step(h.events[j])
	}
	for ; next < len(h.ticks); next++ {
		tick(h.ticks[next])
	}
	end := h.ticks[len(h.ticks)-1]
	for i := range 40 {
		tick(end.Add(time.Duration(i+1) * 7 * time.Minute))
	}
}

// wrong begins a line of what no order may end in.
const wrong = "WRONG: "

// verdicts is what the state says in the end, without the history of saying it.
func verdicts(st State) string {
	var lines []string
	owners := ownersOf(st)
	st.Scan([]byte(keyAccess), nil, func(_, v []byte) bool {
		var x access
		decodeRecord(v, &x)
		for _, f := range x.Facets {
			f.Fired = 0
			b, _ := json.Marshal(f)
			lines = append(lines, string(x.Key)+" "+string(b))
		}
		for _, a := range x.Acts {
			lines = append(lines, fmt.Sprintf("%s act %s %s %s %s", x.Key, a.T, a.Kind, a.ID, a.Exp))
		}
		lines = append(lines, fmt.Sprintf("%s granted=%v open=%v %s judged=%q", x.Key, x.Granted, x.OpenNow, x.Shape, x.Judged))
		return true
	})
	st.Scan([]byte(keyApproval), nil, func(_, v []byte) bool {
		var a approval
		decodeRecord(v, &a)
		lines = append(lines, fmt.Sprintf("%s granted=%d open=%d active=%v", a.Key, a.Granted, a.Open, a.Active))
		for _, f := range a.Facets {
			f.Fired = 0
			b, _ := json.Marshal(f)
			lines = append(lines, string(a.Key)+" "+string(b))
		}
		return true
	})
	st.Scan([]byte(keyAccount), nil, func(_, v []byte) bool {
		var a account
		decodeRecord(v, &a)
		for _, f := range a.Facets {
			f.Fired = 0
			b, _ := json.Marshal(f)
			lines = append(lines, string(a.ID)+" "+string(b))
		}
		return true
	})
	st.Scan([]byte(keySource), nil, func(_, v []byte) bool {
		var r source
		decodeRecord(v, &r)
		for _, n := range r.Incidents {
			lines = append(lines, fmt.Sprintf("%s %s: %s %v", r.URI, n.What, n.Note, n.By))
		}
		return true
	})
	st.Scan([]byte(keyLedger), nil, func(_, v []byte) bool {
		var l ledger
		decodeRecord(v, &l)
		lines = append(lines, fmt.Sprintf("%s open=%d closed=%d claimed=%d standing=%v", l.Key, l.Open, l.Closed, l.Claimed, l.State == Raised || l.State == Updated))
		if l.Open == 0 && (l.State == Raised || l.State == Updated) {
			lines = append(lines, wrong+"it stands without a facet")
		}
		if n := len(owners[l.Key]); n != l.Owners {
			lines = append(lines, fmt.Sprintf("%sfacets of %d owners, and it counts %d", wrong, n, l.Owners))
		}
		return true
	})
	out := slices.DeleteFunc(lines, func(l string) bool { return strings.HasSuffix(l, "open=0 closed=0 claimed=0 standing=false") })
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// ownersOf are the owners of each alert's facets: all that count in it, in a state that
// nothing has left.
func ownersOf(st State) map[string]map[string]bool {
	owners := map[string]map[string]bool{}
	st.Scan([]byte(indexFacet), nil, func(k, _ []byte) bool {
		alert, rest, _ := strings.Cut(string(k[len(indexFacet):]), idSep)
		if owners[alert] == nil {
			owners[alert] = map[string]bool{}
		}
		owners[alert][rest[10:]] = true // behind its state, its time and its number
		return true
	})
	return owners
}

// TestOrderAndDuplicatesDoNotMatter: any order of a history's events, with
// duplicates and ticks in place, ends in the same verdicts.
func TestOrderAndDuplicatesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := genHistory(t, everyKind)
		inOrder := h.inOrder()
		shuffled := rapid.Permutation(inOrder).Draw(t, "order")
		for range rapid.IntRange(0, 4).Draw(t, "copies") {
			shuffled = append(shuffled, rapid.SampledFrom(inOrder).Draw(t, "copy"))
		}
		want, got := verdicts(h.play(t, everyRule(), inOrder)), verdicts(h.play(t, everyRule(), shuffled))
		if strings.Contains(want+got, wrong) {
			t.Fatalf("in order\n%s\n\nshuffled\n%s", want, got)
		}
		if want != got {
			t.Fatalf("in order:\n%s\n\nshuffled %v:\n%s", want, shuffled, got)
		}
	})
}
