package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// history writes a log as the systems of a company would: approvals with their
// windows, leases with parents, sessions and memberships under them, renewals,
// ends in time, too late and never; with events that come late or twice, a source
// that falls silent, a hole in its numbers, a change of policy and a restart.
// The same seed writes the same log.
type history struct {
	t    testing.TB
	rng  *rand.Rand
	told []telling
	ids  int
}

// telling is an event and when the log takes it.
type telling struct {
	at    time.Duration
	event events.Event
}

const (
	approvals = "pam://x"
	vault     = "vault://prod"
	sessions  = "teleport://t"
	directory = "ldap://corp"
)

// writeHistory makes a log of so many stories within a span.
func writeHistory(t testing.TB, seed uint64, stories int, span time.Duration) []eventlog.Entry {
	h := &history{t: t, rng: rand.New(rand.NewPCG(seed, 1))}
	h.sources(span)
	for range stories {
		h.story(span)
	}
	text := "grace: {lease: 30s}\nunproven: {after: 2m}\n"
	h.say(span/3, 0, events.PolicyApplied, "overstay://engine", "", &events.Policy{YAML: text, Hash: hash(text), By: "test"})
	h.ticks(span)
	slices.SortStableFunc(h.told, func(a, b telling) int { return int(a.at - b.at) })
	return h.number()
}

// hash is a policy's own.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// number gives the events of Vault their sequence, with a hole in the middle.
func (h *history) number() []eventlog.Entry {
	var out []eventlog.Entry
	counter, hole := uint64(0), false
	for i, told := range h.told {
		if told.event.Source == vault {
			counter++
			if i > len(h.told)/2 && !hole {
				hole = true
				counter++
			}
			told.event.Sequence = events.Sequence{Epoch: 1, Counter: counter}
		}
		out = append(out, entry(h.t, told.event))
		if told.event.Type.FromSource() && h.chance(8) {
			out = append(out, entry(h.t, told.event)) // told twice
		}
	}
	return out
}

func (h *history) chance(percent int) bool { return h.rng.IntN(100) < percent }

// between is a whole number of seconds, so that times read well.
func (h *history) between(from, to time.Duration) time.Duration {
	return from + time.Duration(h.rng.Int64N(int64((to-from)/time.Second)+1))*time.Second
}

// say tells that something happened at a time; lag later the log takes it.
func (h *history) say(at, lag time.Duration, typ events.Type, source string, subject events.ID, data events.Data) {
	h.t.Helper()
	h.ids++
	ev, err := events.New(typ, source, fmt.Sprintf("e%d", h.ids), began.Add(at), subject, data)
	if err != nil {
		h.t.Fatal(err)
	}
	h.told = append(h.told, telling{at + lag, ev})
}

// lag is small, but for the few events that everybody forgets about.
func (h *history) lag() time.Duration {
	if h.chance(12) {
		return h.between(10*time.Second, 4*time.Minute)
	}
	return h.between(0, 2*time.Second)
}

func (h *history) sources(span time.Duration) {
	h.say(0, 0, events.SourceResumed, vault, "", &events.Resumed{
		Coverage: began, Capabilities: events.Capabilities{Progress: true, Every: events.Duration(10 * time.Second)},
	})
	silent := h.between(span/4, span/2)
	for at := 10 * time.Second; at < span; at += 10 * time.Second {
		if at > silent && at < silent+2*time.Minute {
			continue
		}
		h.say(at, time.Second, events.SourceProgress, vault, "", &events.Progress{Through: began.Add(at), Basis: events.ByPosition})
	}
	for i := range people {
		h.say(h.between(0, span/2), 0, events.IdentityLinked, directory, person(i), &events.IdentityLink{Other: vaultName(i)})
	}
}

const people = 8

func person(i int) events.ID    { return events.ID(fmt.Sprintf("corp/uid:p%d", i)) }
func vaultName(i int) events.ID { return events.ID(fmt.Sprintf("vault/prod:p%d", i)) }

var scopes = []events.Scope{
	{System: "db", Role: "reader"}, {System: "db", Role: "writer"},
	{System: "ldap/corp", Role: "cn=dba"}, {System: "teleport/t", Role: "dba"},
}

// story is one approval and what was done under it.
func (h *history) story(span time.Duration) {
	h.ids++
	id, who, scope := fmt.Sprintf("REQ-%d", h.ids), h.rng.IntN(people), scopes[h.rng.IntN(len(scopes))]
	from := h.between(time.Minute, span*2/3)
	to := from + h.between(2*time.Minute, 9*time.Minute)
	h.approve(id, who, scope, from, to)
	for range 1 + h.rng.IntN(3) {
		start := h.between(from, to)
		switch scope.System {
		case "db":
			h.lease(id, who, scope, start, to)
		case "ldap/corp":
			h.membership(who, scope, start, to)
		default:
			h.session(id, who, scope, start, to)
		}
	}
}

func (h *history) approve(id string, who int, scope events.Scope, from, to time.Duration) {
	window := &events.Window{Start: began.Add(from), End: began.Add(to), EndKind: events.EndAt}
	h.say(from-h.between(0, time.Minute), h.lag(), events.ApprovalGranted, approvals, person(who), &events.Approval{
		ApprovalID: id, Requester: person(who), Scopes: []events.Scope{scope}, Window: window, DecidedBy: "corp/uid:boss",
	})
	switch {
	case h.chance(20):
		longer := &events.Window{Start: window.Start, End: window.End.Add(h.between(time.Minute, 5*time.Minute)), EndKind: events.EndAt}
		h.say(h.between(from, to+2*time.Minute), h.lag(), events.ApprovalExtended, approvals, person(who), &events.Approval{ApprovalID: id, Window: longer})
	case h.chance(20):
		h.say(h.between(from, to), h.lag(), events.ApprovalRevoked, approvals, person(who), &events.Approval{ApprovalID: id})
	}
}

func (h *history) lease(approval string, who int, scope events.Scope, start, end time.Duration) {
	h.ids++
	token, lease := fmt.Sprintf("T%d", h.ids), fmt.Sprintf("L%d", h.ids)
	expiry := &events.Expiry{Kind: events.ExpiryExact, At: began.Add(start + h.between(time.Minute, 20*time.Minute))}
	d := &events.Lease{LeaseID: lease, Credential: events.CredentialDynamic, Scope: scope, Expiry: expiry}
	if h.chance(50) {
		h.say(start, h.lag(), events.LeaseIssued, vault, vaultName(who), &events.Lease{
			LeaseID: token, Credential: events.CredentialToken, Scope: events.Scope{System: "vault/prod", Role: "login"},
			Approvals: []events.ApprovalRef{{ID: approval, Source: approvals, AssertedBy: events.ByIssuer}},
		})
		d.Parents = []events.Parent{{AccessRef: events.AccessRef{Kind: events.KindLease, ID: token}, Edge: events.EdgeCascade}}
	}
	h.say(start, h.lag(), events.LeaseIssued, vault, vaultName(who), d)
	if h.chance(40) {
		at := h.between(start, end)
		h.say(at, h.lag(), events.LeaseRenewed, vault, vaultName(who), &events.Lease{
			LeaseID: lease, Expiry: &events.Expiry{Kind: events.ExpiryExact, At: began.Add(at + h.between(time.Minute, 15*time.Minute))},
		})
	}
	at := h.between(start, end+6*time.Minute)
	switch h.rng.IntN(6) {
	case 0:
		h.say(at, h.lag(), events.LeaseExpired, vault, "", &events.Lease{LeaseID: lease})
	case 1:
		h.say(at, h.lag(), events.LeaseRevoked, vault, "", &events.Lease{LeaseID: lease}) // claimed
		if h.chance(30) {
			h.say(at+time.Minute, h.lag(), events.AccessUsed, vault, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: lease}})
		}
	case 2:
		h.say(at, h.lag(), events.LeaseRevocationFailed, vault, "", &events.Lease{LeaseID: lease, Error: "connection refused", Final: true})
	case 3:
		h.say(at, h.lag(), events.LeaseRevoked, vault, "", &events.Lease{LeaseID: token, End: &events.End{Basis: events.EndObserved, Cause: events.CauseRevoked}})
	}
}

func (h *history) session(approval string, who int, scope events.Scope, start, end time.Duration) {
	h.ids++
	id := fmt.Sprintf("S%d", h.ids)
	h.say(start, h.lag(), events.SessionStarted, sessions, person(who), &events.Session{
		SessionID: id, Scope: scope, Approvals: []events.ApprovalRef{{ID: approval, Source: approvals, AssertedBy: events.ByIssuer}},
	})
	if h.chance(70) {
		h.say(h.between(start, end+4*time.Minute), h.lag(), events.SessionEnded, sessions, person(who), &events.Session{SessionID: id})
	}
}

func (h *history) membership(who int, scope events.Scope, start, end time.Duration) {
	h.say(start, h.lag(), events.MembershipAdded, directory, person(who), &events.Membership{Scope: scope})
	if h.chance(70) {
		h.say(h.between(start, end+6*time.Minute), h.lag(), events.MembershipRemoved, directory, person(who), &events.Membership{Scope: scope})
	}
}

// ticks drive the time of the log, with a restart of half a minute in the middle.
func (h *history) ticks(span time.Duration) {
	boot := "first"
	for at := time.Second; at < span; at += 4 * time.Second {
		if boot == "first" && at > span/2 {
			boot = "second"
			at += 30 * time.Second
		}
		h.say(at, 0, events.ClockTick, "overstay://clock", "", &events.Tick{Wall: began.Add(at), Monotonic: events.Duration(at), Boot: boot})
	}
}
