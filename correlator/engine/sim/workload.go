package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

const (
	approvals = "pam://x"
	vault     = "vault://prod"
	sessions  = "teleport://t"
	directory = "ldap://corp"
)

// policyText makes everything come soon, so that a run is short.
const policyText = "grace: {lease: 2s, session: 2s, membership: 3s}\nunproven: {after: 10s}\n"

// workload writes what happens in a company: approvals with their windows, and
// access under them that ends in time, too late and never.
type workload struct {
	w    *World
	says map[string][]record
	ids  int
}

// progressEvery is how often a source says how far it is.
const progressEvery = 4 * time.Second

// promises are the sources that say how far they are. The other promises nothing.
func promises(uri string) bool { return uri != sessions }

// write makes the sources of a world: stories that begin before a time, and
// sources that live on until another.
func (w *World) write(stories int, begin, end time.Duration) {
	l := &workload{w: w, says: map[string][]record{}}
	for _, uri := range w.uris() {
		if uri == approvals || uri == vault || uri == directory {
			l.say(uri, 0, 0, events.SourceResumed, "", &events.Resumed{
				Coverage: began, Capabilities: events.Capabilities{Progress: true, Every: events.Duration(progressEvery)},
			})
		}
	}
	for i := range people {
		l.say(directory, 0, 0, events.IdentityLinked, person(i), &events.IdentityLink{Other: vaultName(i)})
	}
	for range stories {
		l.story(begin)
	}
	for _, uri := range w.uris() {
		rs := l.says[uri]
		slices.SortStableFunc(rs, func(a, b record) int { return int(a.read - b.read) })
		if promises(uri) {
			rs = l.progress(uri, rs, end)
		}
		w.sources = append(w.sources, &source{world: w, uri: uri, records: rs, epoch: 1, most: 1 + w.rng.IntN(12)})
	}
}

func (w *World) uris() []string { return []string{approvals, vault, sessions, directory} }

// progress adds to a source's records what it says of itself: that all it had
// before a time is in the log. It never claims more than is true.
func (l *workload) progress(uri string, rs []record, end time.Duration) []record {
	var out []record
	oldest := make([]time.Time, len(rs)+1) // of the events from there on
	oldest[len(rs)] = began.Add(end * 2)
	for i := len(rs) - 1; i >= 0; i-- {
		oldest[i] = oldest[i+1]
		if t := rs[i].event.Time; t.Before(oldest[i]) {
			oldest[i] = t
		}
	}
	i := 0
	for at := progressEvery; at < end; at += progressEvery {
		for i < len(rs) && rs[i].read <= at {
			out = append(out, rs[i])
			i++
		}
		through := began.Add(at)
		if !oldest[i].After(through) { // the core takes it to include that moment
			through = oldest[i].Add(-time.Millisecond)
		}
		out = append(out, l.record(uri, at, at, events.SourceProgress, "", &events.Progress{Through: through, Basis: events.ByPosition}))
	}
	return append(out, rs[i:]...)
}

const people = 4

func person(i int) events.ID    { return events.ID(fmt.Sprintf("corp/uid:p%d", i)) }
func vaultName(i int) events.ID { return events.ID(fmt.Sprintf("vault/prod:p%d", i)) }

func (l *workload) record(uri string, at, read time.Duration, typ events.Type, subject events.ID, data events.Data) record {
	l.ids++
	ev, err := events.New(typ, uri, fmt.Sprintf("e%d", l.ids), began.Add(at), subject, data)
	if err != nil {
		l.w.violate("the workload makes an event that is none: %v", err)
	}
	return record{read, ev}
}

// say has a source tell that something happened at a time; lag later its connector
// reads it.
func (l *workload) say(uri string, at, lag time.Duration, typ events.Type, subject events.ID, data events.Data) {
	l.says[uri] = append(l.says[uri], l.record(uri, at, at+lag, typ, subject, data))
}

// lag is small. Of sources that promise progress it is sometimes long, since they
// say so.
func (l *workload) lag(uri string) time.Duration {
	if promises(uri) && l.w.chance(12) {
		return l.seconds(3, 15)
	}
	return l.w.between(0, time.Second)
}

func (l *workload) seconds(from, to int) time.Duration {
	return time.Duration(from+l.w.rng.IntN(to-from+1)) * time.Second
}

// story is one approval and what was done under it.
func (l *workload) story(begin time.Duration) {
	w := l.w
	l.ids++
	id, who := fmt.Sprintf("REQ-%d", l.ids), w.rng.IntN(people)
	from := l.seconds(2, int(begin/time.Second))
	to := from + l.seconds(8, 30)
	scope := []events.Scope{
		{System: "db", Role: "reader"}, {System: "db", Role: "writer"},
		{System: "ldap/corp", Role: "cn=dba"}, {System: "teleport/t", Role: "dba"},
	}[w.rng.IntN(4)]
	window := &events.Window{Start: began.Add(from), End: began.Add(to), EndKind: events.EndAt}
	l.say(approvals, from, l.lag(approvals), events.ApprovalGranted, person(who), &events.Approval{
		ApprovalID: id, Requester: person(who), Scopes: []events.Scope{scope}, Window: window, DecidedBy: "corp/uid:boss",
	})
	switch {
	case w.chance(20):
		longer := &events.Window{Start: window.Start, End: window.End.Add(l.seconds(5, 20)), EndKind: events.EndAt}
		l.say(approvals, from+l.seconds(0, int((to-from)/time.Second)), l.lag(approvals), events.ApprovalExtended, person(who), &events.Approval{ApprovalID: id, Window: longer})
	case w.chance(15):
		l.say(approvals, from+l.seconds(1, int((to-from)/time.Second)), l.lag(approvals), events.ApprovalRevoked, person(who), &events.Approval{ApprovalID: id})
	}
	for range 1 + w.rng.IntN(2) {
		start := from + l.seconds(0, int((to-from)/time.Second))
		switch scope.System {
		case "db":
			l.lease(id, who, scope, start, to)
		case "ldap/corp":
			l.membership(who, scope, start, to)
		default:
			l.session(id, who, scope, start, to)
		}
	}
}

func (l *workload) lease(approval string, who int, scope events.Scope, start, end time.Duration) {
	w := l.w
	l.ids++
	lease, life := fmt.Sprintf("L%d", l.ids), l.seconds(5, 60)
	l.say(vault, start, l.lag(vault), events.LeaseIssued, vaultName(who), &events.Lease{
		LeaseID: lease, Credential: events.CredentialDynamic, Scope: scope,
		Expiry:    &events.Expiry{Kind: events.ExpiryExact, At: began.Add(start + life)},
		Approvals: []events.ApprovalRef{{ID: approval, Source: approvals, AssertedBy: events.ByIssuer}},
	})
	if w.chance(40) {
		at := start + l.seconds(0, int(min(end-start, life)/time.Second)) // nobody renews what has expired
		l.say(vault, at, l.lag(vault), events.LeaseRenewed, vaultName(who), &events.Lease{
			LeaseID: lease, Expiry: &events.Expiry{Kind: events.ExpiryExact, At: began.Add(at + l.seconds(5, 60))},
		})
	}
	at := start + l.seconds(1, 40)
	switch w.rng.IntN(6) {
	case 0, 1:
		l.say(vault, at, l.lag(vault), events.LeaseExpired, "", &events.Lease{LeaseID: lease})
	case 2:
		l.say(vault, at, l.lag(vault), events.LeaseRevoked, "", &events.Lease{LeaseID: lease}) // claimed
		if w.chance(30) {
			l.say(vault, at+3*time.Second, l.lag(vault), events.AccessUsed, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: lease}})
		}
	case 3:
		l.say(vault, at, l.lag(vault), events.LeaseRevocationFailed, "", &events.Lease{LeaseID: lease, Error: "connection refused", Final: true})
	case 4:
		l.say(vault, at, l.lag(vault), events.LeaseRevoked, "", &events.Lease{LeaseID: lease, End: &events.End{Basis: events.EndObserved, Cause: events.CauseRevoked}})
	}
}

func (l *workload) session(approval string, who int, scope events.Scope, start, end time.Duration) {
	l.ids++
	id := fmt.Sprintf("S%d", l.ids)
	l.say(sessions, start, l.lag(sessions), events.SessionStarted, person(who), &events.Session{
		SessionID: id, Scope: scope, Approvals: []events.ApprovalRef{{ID: approval, Source: approvals, AssertedBy: events.ByIssuer}},
	})
	if l.w.chance(75) {
		l.say(sessions, start+l.seconds(1, 30), l.lag(sessions), events.SessionEnded, person(who), &events.Session{SessionID: id})
	}
}

func (l *workload) membership(who int, scope events.Scope, start, end time.Duration) {
	l.say(directory, start, l.lag(directory), events.MembershipAdded, person(who), &events.Membership{Scope: scope})
	if l.w.chance(75) {
		l.say(directory, start+l.seconds(1, 30), l.lag(directory), events.MembershipRemoved, person(who), &events.Membership{Scope: scope})
	}
}
