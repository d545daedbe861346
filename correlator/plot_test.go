package correlator

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// plot draws a history in which things happen: a window, access under it, and
// then whatever goes wrong, mostly near the moments at which something changes.
type plot struct {
	t       *rapid.T
	out     []events.Event
	moments []time.Time
	leases  map[string]*events.Lease
	holder  map[string]events.ID
}

var (
	incidentPeople = []events.ID{"pam/u:alice", "vault/e:1", "pam/u:bob", "vault/e:2"}
	incidentScopes = []events.Scope{{System: "db", Role: "r"}, {System: "db", Role: "w"}, {System: "ldap/c", Role: "cn=x"}}
	incidentLeases = []string{"L1", "L2", "L3", "L4"}
)

func genIncident(t *rapid.T) history {
	in := &plot{t: t, moments: []time.Time{historyStart}, leases: map[string]*events.Lease{}, holder: map[string]events.ID{}}
	in.introduce()
	steps := in.steps()
	for range rapid.IntRange(3, 24).Draw(t, "events") {
		steps[rapid.IntRange(0, len(steps)-1).Draw(t, "kind")]()
	}
	h := history{events: in.out}
	for i := range 8 {
		h.ticks = append(h.ticks, historyStart.Add(time.Duration(i)*37*time.Minute))
	}
	return h
}

func of[T any](t *rapid.T, label string, list ...T) T { return rapid.SampledFrom(list).Draw(t, label) }

// when is a moment at which something changes, or a little before or after one.
func (in *plot) when() time.Time {
	at := of(in.t, "moment", in.moments...)
	switch rapid.IntRange(0, 3).Draw(in.t, "away") {
	case 0:
		at = at.Add(of(in.t, "near", 0, 30*time.Second, time.Minute, 61*time.Second, 2*time.Minute, -30*time.Second, -time.Minute))
	case 1:
		at = at.Add(time.Duration(rapid.IntRange(-12, 40).Draw(in.t, "minutes")) * time.Minute)
	case 2:
		at = historyStart.Add(time.Duration(rapid.IntRange(0, 240).Draw(in.t, "half minutes")) * 30 * time.Second)
	}
	if at.Before(historyStart) {
		at = historyStart
	}
	return at
}

func (in *plot) say(typ events.Type, source string, at time.Time, subject events.ID, data events.Data) {
	ev, err := events.New(typ, source, fmt.Sprintf("e%02d", len(in.out)), at, subject, data)
	if err != nil {
		in.t.Fatalf("generate: %v", err)
	}
	in.out = append(in.out, ev)
	in.moments = append(in.moments, ev.Time)
}

func (in *plot) minutes(label string, from, to int) time.Duration {
	return time.Duration(rapid.IntRange(from, to).Draw(in.t, label)) * time.Minute
}

// until is a time that others will want to be near of.
func (in *plot) until(at time.Time) time.Time {
	in.moments = append(in.moments, at, at)
	return at
}

func (in *plot) person() events.ID    { return of(in.t, "person", incidentPeople...) }
func (in *plot) scope() events.Scope  { return of(in.t, "scope", incidentScopes...) }
func (in *plot) approval() string     { return of(in.t, "approval", "R1", "R1", "R2") }
func (in *plot) lease() string        { return of(in.t, "lease", incidentLeases...) }
func (in *plot) often(l string) bool  { return rapid.IntRange(0, 3).Draw(in.t, l) > 0 }
func (in *plot) seldom(l string) bool { return rapid.IntRange(0, 3).Draw(in.t, l) == 0 }

// introduce is how it begins: who is who, what was approved, what was taken under
// it.
func (in *plot) introduce() {
	if in.often("linked") {
		in.say(events.IdentityLinked, "ldap://c", historyStart, "pam/u:alice", &events.IdentityLink{Other: "vault/e:1"})
	}
	in.say(events.ApprovalGranted, "pam://x", historyStart, "pam/u:alice", &events.Approval{
		ApprovalID: "R1", Scopes: incidentScopes[:1], DecidedBy: "pam/u:bob",
		Window: &events.Window{Start: historyStart, End: in.until(historyStart.Add(in.minutes("window", 5, 90))), EndKind: events.EndAt},
	})
	for i, id := range incidentLeases {
		l := &events.Lease{LeaseID: id, Scope: incidentScopes[0]}
		in.holder[id] = of(in.t, "holder", incidentPeople[:2]...)
		if in.seldom("other scope") {
			l.Scope = in.scope()
		}
		if in.seldom("other holder") {
			in.holder[id] = in.person()
		}
		if i > 0 && in.seldom("child") {
			parent := of(in.t, "parent", incidentLeases[:i]...)
			l.Parents = []events.Parent{{AccessRef: events.AccessRef{Kind: events.KindLease, ID: parent}, Edge: of(in.t, "edge", events.EdgeCascade, events.EdgeReissue, events.EdgeDerived)}}
		}
		if in.seldom("reference") {
			l.Approvals = []events.ApprovalRef{{ID: in.approval(), Source: "pam://x", AssertedBy: of(in.t, "asserter", events.ByIssuer, events.ByCaller)}}
		}
		in.leases[id] = l
	}
	in.issue("L1")
}

func (in *plot) expiry(at time.Time) *events.Expiry {
	if in.seldom("bound") {
		return &events.Expiry{Kind: events.ExpiryUpperBound, At: in.until(at.Add(in.minutes("ttl", 1, 90)))}
	}
	return &events.Expiry{Kind: events.ExpiryExact, At: in.until(at.Add(in.minutes("ttl", 1, 90)))}
}

func (in *plot) issue(id string) {
	l, at := *in.leases[id], in.when()
	if in.seldom("dated") {
		l.Expiry = in.expiry(at)
	}
	in.say(events.LeaseIssued, "vault://v", at, in.holder[id], &l)
}

// steps are what may happen next.
func (in *plot) steps() []func() {
	return []func(){
		func() { in.issue(in.lease()) },
		func() { in.issue(in.lease()) },
		in.granted, in.extended, in.extended, in.revoked, in.altered, in.activated,
		in.renewed, in.renewed, in.ended, in.ended, in.claimed, in.failed,
		in.used, in.used, in.probed, in.linked, in.linked, in.unlinked, in.session, in.session, in.member, in.member, in.stranger,
	}
}

func (in *plot) granted() {
	at := in.when()
	d := &events.Approval{ApprovalID: in.approval(), Scopes: []events.Scope{in.scope()}, DecidedBy: "pam/u:bob"}
	start := at
	if in.seldom("back") {
		start = at.Add(-in.minutes("earlier", 1, 20))
	}
	d.Window = &events.Window{Start: start, End: in.until(at.Add(in.minutes("window", 1, 60))), EndKind: events.EndAt}
	switch rapid.IntRange(0, 9).Draw(in.t, "sort of window") {
	case 0:
		d.Window = &events.Window{EndKind: events.EndAt, Basis: events.BasisActivation, Duration: events.Duration(in.minutes("lasts", 1, 60))}
	case 1:
		d.Kind, d.NextReview, d.Window = events.Standing, in.until(at.Add(in.minutes("review", 1, 60))), &events.Window{Start: start, EndKind: events.EndNever}
	case 2:
		d.Window = &events.Window{Start: start, EndKind: events.EndUnknown}
	case 3:
		d.Consumers = []events.ID{in.person()}
	case 4:
		d.Window = nil
	}
	in.say(events.ApprovalGranted, "pam://x", at, of(in.t, "requester", incidentPeople[:3]...), d)
}

func (in *plot) extended() {
	at := in.when()
	w := &events.Window{EndKind: events.EndAt, End: in.until(at.Add(in.minutes("by", -10, 60)))}
	if in.seldom("by duration") {
		w = &events.Window{EndKind: events.EndAt, Duration: events.Duration(in.minutes("lasts", 1, 60))}
	}
	d := &events.Approval{ApprovalID: in.approval(), Window: w}
	if in.seldom("decided earlier") {
		d.DecidedAt = at.Add(-in.minutes("earlier", 1, 15))
	}
	in.say(events.ApprovalExtended, "pam://x", at, "", d)
}

func (in *plot) revoked() {
	in.say(of(in.t, "end", events.ApprovalRevoked, events.ApprovalExpired, events.ApprovalDenied), "pam://x", in.when(), "", &events.Approval{ApprovalID: in.approval()})
}

func (in *plot) altered() {
	at := in.when()
	d := &events.Approval{ApprovalID: in.approval()}
	switch rapid.IntRange(0, 4).Draw(in.t, "what") {
	case 0:
		d.Consumers = []events.ID{in.person()}
	case 1:
		d.Scopes = []events.Scope{in.scope()}
	case 2:
		d.Window = &events.Window{EndKind: events.EndAt, Duration: events.Duration(in.minutes("lasts", 1, 60))}
	case 3:
		d.NextReview = in.until(at.Add(in.minutes("review", 1, 60)))
	case 4:
		d.Scopes, d.Consumers = incidentScopes, incidentPeople
	}
	typ, about := of(in.t, "act", events.ApprovalAltered, events.ApprovalAltered, events.ApprovalRequested), events.ID("")
	if typ == events.ApprovalRequested {
		about = incidentPeople[0]
	}
	in.say(typ, "pam://x", at, about, d)
}

func (in *plot) activated() {
	in.say(events.ApprovalActivated, "pam://x", in.when(), "", &events.Approval{ApprovalID: in.approval()})
}

func (in *plot) renewed() {
	at := in.when()
	l := &events.Lease{LeaseID: in.lease()}
	if in.often("dated") {
		l.Expiry = in.expiry(at)
	}
	in.say(events.LeaseRenewed, "vault://v", at, "", l)
}

func (in *plot) ended() {
	d := &events.Lease{LeaseID: in.lease()}
	typ := of(in.t, "end", events.LeaseRevoked, events.LeaseExpired)
	if in.often("basis") {
		d.End = &events.End{Basis: of(in.t, "basis", events.EndClaimed, events.EndObserved)}
	}
	in.say(typ, "vault://v", in.when(), "", d)
}

func (in *plot) claimed() {
	at := in.when()
	d := &events.EndedBefore{Before: at.Add(-of(in.t, "earlier", 0, 0, time.Minute, 10*time.Minute))}
	var about events.ID
	switch rapid.IntRange(0, 3).Draw(in.t, "selector") {
	case 0:
		d.Kind, d.IDPrefix = events.KindLease, of(in.t, "prefix", "L", "L1", "L2")
	case 1:
		d.Scope = in.scope()
	case 2:
		about = in.person()
	}
	in.say(events.AccessEndedBefore, "vault://v", at, about, d)
}

func (in *plot) failed() {
	in.say(events.LeaseRevocationFailed, "vault://v", in.when(), "", &events.Lease{LeaseID: in.lease(), Error: "refused"})
}

func (in *plot) access() events.AccessRef {
	if in.seldom("session") {
		return events.AccessRef{Kind: events.KindSession, ID: "S1", Source: "vault://v"}
	}
	return events.AccessRef{Kind: events.KindLease, ID: in.lease(), Source: "vault://v"}
}

func (in *plot) used() {
	in.say(events.AccessUsed, of(in.t, "by", "vault://v", "postgres://p"), in.when(), "", &events.Use{Access: in.access()})
}

func (in *plot) probed() {
	in.say(events.AccessProbed, of(in.t, "by", "vault://v", "http://bound"), in.when(), "", &events.Probe{Access: in.access(), Result: of(in.t, "result", "alive", "refused", "inconclusive")})
}

func (in *plot) linked() {
	l := &events.IdentityLink{Other: of(in.t, "b", incidentPeople[1], incidentPeople[3])}
	if in.seldom("from") {
		l.From = in.when()
	}
	if in.seldom("until") {
		if l.Until = in.when(); l.Until.Before(l.From) {
			l.Until = time.Time{}
		}
	}
	in.say(events.IdentityLinked, "ldap://c", in.when(), of(in.t, "a", incidentPeople[0], incidentPeople[2]), l)
}

func (in *plot) unlinked() {
	l := &events.IdentityLink{Other: of(in.t, "b", incidentPeople[1], incidentPeople[3])}
	if in.seldom("from") {
		l.From = in.when()
	}
	in.say(events.IdentityUnlinked, "ldap://c", in.when(), of(in.t, "a", incidentPeople[0], incidentPeople[2]), l)
}

func (in *plot) session() {
	at := in.when()
	if in.seldom("over") {
		in.say(events.SessionEnded, "vault://v", at, "", &events.Session{SessionID: "S1"})
		return
	}
	d := &events.Session{SessionID: "S1", Scope: incidentScopes[0]}
	if in.seldom("limit") {
		d.ScheduledEnd = in.until(at.Add(in.minutes("lasts", 1, 60)))
	}
	in.say(events.SessionStarted, "vault://v", at, incidentPeople[1], d)
}

func (in *plot) member() {
	at := in.when()
	d := &events.Membership{Scope: incidentScopes[0]}
	if in.seldom("removed") {
		in.say(events.MembershipRemoved, "ldap://c", at, incidentPeople[0], d)
		return
	}
	if in.seldom("limit") {
		d.ScheduledEnd = in.until(at.Add(in.minutes("lasts", 1, 60)))
	}
	in.say(events.MembershipAdded, "ldap://c", at, incidentPeople[0], d)
}

func (in *plot) stranger() {
	in.say(of(in.t, "reach", events.LeaseIssued, events.LeaseRevoked), "http://bound", in.when(), in.person(), in.leases["L1"])
}
