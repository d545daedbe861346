package bench

import (
	"container/heap"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// beginning is when every load begins: the same seed makes the same log.
var beginning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

const (
	perSecond     = 50 // events in a second of the company's
	progressEvery = 10 * time.Second
	serviceLeases = 100_000 // of the service account
	serviceShare  = 0.65    // of arrivals, a fifth of events, until it has so many
	lateShare     = 0.05
	lateAtMost    = 90 * time.Second
	twiceShare    = 0.01
	overrunShare  = 0.002 // of what people do, forgotten beyond the window
)

// hours is the company at work: what happens, in the order in which the log gets it.
type hours struct {
	*company
	emit  func(eventlog.Entry) error
	now   time.Time
	later queue
	n     int // acts so far, for ids
	made  int // entries so far
	want  int
	lease int // of the service account, so far
	count map[string]uint64
	err   error
}

// work emits so many entries of a company's working hours and returns when they end.
func work(seed uint64, entries int, emit func(eventlog.Entry) error) (time.Time, error) {
	h := &hours{company: newCompany(seed, max(entries/50, 100)), emit: emit, now: beginning, want: entries, count: map[string]uint64{}}
	h.inner(policyApplied(h.now))
	for _, uri := range sources {
		h.outer(resumed(uri, h.now))
	}
	h.tick()
	for _, uri := range sources {
		h.progress(uri)
	}
	for h.err == nil && h.made < h.want {
		next := h.now.Add(time.Duration(h.rng.ExpFloat64() * float64(time.Second) * perArrival / perSecond)).Truncate(time.Millisecond)
		for h.err == nil && len(h.later) > 0 && !h.later[0].at.After(next) {
			todo := heap.Pop(&h.later).(todo)
			h.now = todo.at
			todo.do(todo.at)
		}
		h.now = next
		h.arrive()
	}
	return h.now, h.err
}

// perArrival is how many events follow from one arrival, about.
const perArrival = 3

func (h *hours) arrive() {
	switch p := h.rng.Float64(); {
	case p < serviceShare && h.lease < serviceLeases:
		h.lease++
		h.say(h.now, events.LeaseIssued, vault, serviceAccount, &events.Lease{
			LeaseID: fmt.Sprintf("database/creds/deploy/%06d", h.lease), Credential: events.CredentialDynamic,
			Scope:  events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/deploy"},
			Expiry: &events.Expiry{Kind: events.ExpiryExact, At: h.now.Add(24 * time.Hour)},
		})
	case p < 0.8:
		h.job()
	}
	if h.rng.Float64() < 0.25 {
		h.visit()
	}
}

// job is a workload's lease, renewed once and given back.
func (h *hours) job() {
	h.n++
	id, holder, until := fmt.Sprintf("database/creds/job/%07d", h.n), workload(h.workloads.Uint64()), h.now.Add(time.Hour)
	scope := events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/job"}
	expiry := func(at time.Time) *events.Expiry { return &events.Expiry{Kind: events.ExpiryExact, At: at} }
	h.say(h.now, events.LeaseIssued, vault, holder, &events.Lease{LeaseID: id, Credential: events.CredentialDynamic, Scope: scope, Expiry: expiry(until)})
	h.in(h.between(time.Minute, 20*time.Minute), func(at time.Time) {
		h.say(at, events.LeaseRenewed, vault, holder, &events.Lease{LeaseID: id, Expiry: expiry(at.Add(time.Hour))})
	})
	h.in(h.between(21*time.Minute, 40*time.Minute), func(at time.Time) {
		h.say(at, events.LeaseRevoked, vault, holder, &events.Lease{LeaseID: id})
	})
}

// visit is what a person does under an approval: a session, often a credential,
// sometimes a membership, all over before the window ends, but for what is forgotten.
func (h *hours) visit() {
	h.n++
	who, right, window := h.people.Uint64(), h.asked.Uint64(), h.between(10*time.Minute, 30*time.Minute)
	approval := fmt.Sprintf("req-%07d", h.n)
	end := h.now.Add(window)
	h.say(h.now, events.ApprovalGranted, teleport, person(teleport, who), &events.Approval{
		ApprovalID: approval, Requester: person(teleport, who), Scopes: []events.Scope{scopeOf(teleport, right)},
		Window: &events.Window{Start: h.now, End: end, EndKind: events.EndAt, Basis: events.BasisEffective}, DecidedAt: h.now, DecidedBy: person(teleport, h.people.Uint64()),
	})
	h.session(who, right, approval, window)
	if h.rng.Float64() < 0.6 {
		h.credential(who, right, window)
	}
	if h.rng.Float64() < 0.2 {
		h.membership(who, right, window)
	}
}

// over is when something of a window is given back.
func (h *hours) over(window time.Duration) time.Duration {
	if h.rng.Float64() < overrunShare {
		return window + h.between(2*time.Minute, 10*time.Minute)
	}
	return h.between(window/4, window-lateAtMost/2)
}

func (h *hours) session(who, right uint64, approval string, window time.Duration) {
	id, subject := fmt.Sprintf("sess-%07d", h.n), person(teleport, who)
	ref := []events.ApprovalRef{{ID: approval, AssertedBy: events.ByIssuer}}
	start, yes := h.between(time.Second, 20*time.Second), true
	h.in(start, func(at time.Time) {
		h.say(at, events.SessionStarted, teleport, subject, &events.Session{SessionID: id, Scope: scopeOf(teleport, right), Start: at, Approvals: ref, Interactive: &yes, Client: "10.0.0.7"})
	})
	h.in(start+h.between(time.Second, 2*time.Minute), func(at time.Time) {
		h.say(at, events.AccessUsed, teleport, subject, &events.Use{Access: events.AccessRef{Kind: events.KindSession, ID: id}, Interactive: &yes})
	})
	h.in(h.over(window), func(at time.Time) {
		h.say(at, events.SessionEnded, teleport, subject, &events.Session{SessionID: id})
	})
}

func (h *hours) credential(who, right uint64, window time.Duration) {
	id, subject := fmt.Sprintf("%s/%07d", scopeOf(vault, right).Role, h.n), person(vault, who)
	start := h.between(2*time.Second, time.Minute)
	h.in(start, func(at time.Time) {
		h.say(at, events.LeaseIssued, vault, subject, &events.Lease{LeaseID: id, Credential: events.CredentialDynamic, Scope: scopeOf(vault, right),
			Expiry: &events.Expiry{Kind: events.ExpiryExact, At: at.Add(window - start)}})
	})
	h.in(start+h.between(time.Second, time.Minute), func(at time.Time) {
		h.say(at, events.AccessUsed, vault, subject, &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: id}})
	})
	h.in(h.over(window), func(at time.Time) {
		h.say(at, events.LeaseRevoked, vault, subject, &events.Lease{LeaseID: id, End: &events.End{Basis: events.EndObserved, Cause: events.CauseRevoked}})
	})
}

func (h *hours) membership(who, right uint64, window time.Duration) {
	subject, scope := person(ldap, who), scopeOf(ldap, right)
	h.in(h.between(2*time.Second, time.Minute), func(at time.Time) {
		h.say(at, events.MembershipAdded, ldap, subject, &events.Membership{Scope: scope})
	})
	h.in(h.over(window), func(at time.Time) {
		h.say(at, events.MembershipRemoved, ldap, subject, &events.Membership{Scope: scope})
	})
}

// tick says each second what time it is, and progress each ten what has been told.
func (h *hours) tick() {
	h.inner(tick(h.now, beginning))
	h.in(time.Second, func(time.Time) { h.tick() })
}

func (h *hours) progress(uri string) {
	h.in(progressEvery, func(at time.Time) {
		ev, err := events.New(events.SourceProgress, uri, "progress-"+at.Format(time.RFC3339), at, "",
			&events.Progress{Through: at, Sequence: h.count[uri], Basis: events.ByPosition})
		h.outer(ev, err)
		h.progress(uri)
	})
}

// say tells of an act at a time: some come late, some twice.
func (h *hours) say(at time.Time, t events.Type, source string, subject events.ID, d events.Data) {
	h.n++
	raw := sha256.Sum256(fmt.Appendf(nil, "%s %d", source, h.n))
	d.Common().RawSHA256 = hex.EncodeToString(raw[:])
	ev, err := events.New(t, source, fmt.Sprintf("%s-%08d", t.What(), h.n), at, subject, d)
	twice := h.rng.Float64() < twiceShare
	tell := func(now time.Time) {
		ev.Recorded = now
		h.outer(ev, err)
		if twice {
			h.outer(ev, err)
		}
	}
	if h.rng.Float64() < lateShare {
		h.in(h.between(time.Second, lateAtMost), tell)
		return
	}
	tell(at)
}

// outer emits what a source says, with its number.
func (h *hours) outer(ev events.Event, err error) {
	h.count[ev.Source]++
	ev.Sequence = events.Sequence{Epoch: 1, Counter: h.count[ev.Source]}
	h.inner(ev, err)
}

func (h *hours) inner(ev events.Event, err error) {
	if h.err != nil || h.made == h.want {
		return
	}
	if err == nil {
		var e eventlog.Entry
		if e, err = entryFor(ev); err == nil {
			h.made++
			err = h.emit(e)
		}
	}
	if err != nil {
		h.err = fmt.Errorf("make the load: %w", err)
	}
}

// entryFor is an event as a gateway puts it into the log.
func entryFor(ev events.Event) (eventlog.Entry, error) {
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		return eventlog.Entry{}, fmt.Errorf("encode %s %s: %w", ev.Type.Short(), ev.ID, err)
	}
	return eventlog.Entry{Subject: events.SubjectOf(ev), Header: header, Body: body, MsgID: engine.MessageID("bench", ev)}, nil
}

func (h *hours) between(least, most time.Duration) time.Duration {
	return (least + time.Duration(h.rng.Int64N(int64(max(most-least, 1))))).Truncate(time.Millisecond)
}

// in has something happen after a while.
func (h *hours) in(d time.Duration, do func(at time.Time)) {
	h.n++
	heap.Push(&h.later, todo{h.now.Add(d), h.n, do})
}

// todo is something that will happen.
type todo struct {
	at time.Time
	n  int // of two at one time the one that was planned first
	do func(at time.Time)
}

// queue is a heap of them.
type queue []todo

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].n < q[j].n
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(todo)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
