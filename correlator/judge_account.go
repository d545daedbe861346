package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// AccountCase is everything a rule may look at to judge one account.
type AccountCase struct {
	Now    Time
	Policy *Policy
	ID     events.ID
	Source string
	// Workload: it is no person's.
	Workload bool
	// Ownerless are the times in which it was open and nobody answered for it.
	Ownerless []ownerless
}

// ownerless is a time in which nobody answered for an account.
type ownerless struct {
	Interval
	Owner  events.ID // who had left when it began; "" where nobody was named
	Closed bool      // it ended as the account did
}

// judgeAccount derives the verdict over one account. Of several records that are one
// account the first is judged by what all say, and the others say nothing.
func (s *step) judgeAccount(b *room, owner string) {
	id := events.ID(owner[1:])
	a := s.account(id)
	if a == nil {
		return
	}
	s.changed[owner] = true
	all := s.accountOf(id)
	var findings []Finding
	if all.ID == id {
		findings = s.findingsOf(all)
	} else {
		s.touch(ownAccount + string(all.ID))
	}
	j := judged{room: b, verdict: &a.verdict, owner: owner, source: all.Source, seen: accountSeen{all.Source, id}}
	wake, waits := s.conclude(j, findings, s.awaited(all.Source))
	s.rest(owner, &a.verdict, wake, waits)
}

// accountSeen is an account as the policy's conditions see it.
type accountSeen struct {
	source string
	id     events.ID
}

func (a accountSeen) condition() ConditionInput {
	return ConditionInput{Kind: "account", Source: a.source, ID: string(a.id), Subject: string(a.id), Person: []string{string(a.id)}}
}

// findingsOf is what the rules find about an account.
func (s *step) findingsOf(a *account) []Finding {
	c := &AccountCase{Now: s.now(), Policy: s.pol, ID: s.canonical(a.ID), Source: a.Source, Workload: s.workload(a.ID)}
	if c.Workload {
		c.Ownerless = s.ownerless(a)
	}
	var out []Finding
	for _, r := range s.rulesOn().account {
		out = append(out, r.graded(r.account(c))...)
	}
	return out
}

// ownerless is when the account was open and nobody answered for it.
func (s *step) ownerless(a *account) []ownerless {
	var gone []ownerless
	for _, o := range a.owners() {
		if o.Owner == "" {
			gone = append(gone, o)
			continue
		}
		for _, i := range intersect([]Interval{o.Interval}, s.left(o.Owner, o.From)) {
			gone = append(gone, ownerless{Interval: i, Owner: o.Owner})
		}
	}
	// Where one time ends as the next begins it is one.
	var out []ownerless
	for _, o := range gone {
		if n := len(out); n > 0 && out[n-1].To == o.From {
			out[n-1].To = o.To
			continue
		}
		out = append(out, o)
	}
	return a.whileOpen(out)
}

// left is when an owner had left: when every account of theirs was closed, of those
// in realms that say who has left where there are such.
func (s *step) left(owner events.ID, at Time) []Interval {
	person := s.person(owner, at)
	if l := s.leaving(person); l != nil {
		return l.Gone
	}
	var out []Interval
	known := false
	for _, id := range person {
		a := s.accountOf(id)
		switch {
		case a == nil:
		case !known:
			out, known = a.closedTimes(), true
		default:
			out = intersect(out, a.closedTimes())
		}
	}
	return out
}

// owners lists who owned the account, one after the other; "" is nobody.
func (a *account) owners() []ownerless {
	if len(a.Acts) == 0 {
		return nil
	}
	out := []ownerless{{Interval: Interval{a.Acts[0].T, Forever}}}
	for _, act := range a.Acts {
		last := &out[len(out)-1]
		if act.What != "owner-changed" && act.Owner == "" || act.Owner == last.Owner {
			continue
		}
		last.To = act.T
		out = append(out, ownerless{Interval: Interval{act.T, Forever}, Owner: act.Owner})
	}
	return slices.DeleteFunc(out, func(o ownerless) bool { return o.To <= o.From })
}

// whileOpen cuts out the times in which the account itself was closed.
func (a *account) whileOpen(in []ownerless) []ownerless {
	closed := a.closedTimes()
	var out []ownerless
	for _, o := range in {
		for _, i := range Subtract(o.Interval, closed) {
			out = append(out, ownerless{Interval: i, Owner: o.Owner, Closed: i.To != o.To})
		}
	}
	return out
}

// touchOwned judges again every account that these persons own.
func (s *step) touchOwned(ids ...events.ID) {
	for _, id := range s.everLinked(ids) {
		s.touchAll(indexOwned, indexed(id))
	}
}
