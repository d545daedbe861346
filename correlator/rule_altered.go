package correlator

import (
	"fmt"
	"slices"
	"strings"
)

// OV-021: what was approved was altered after the grant, or access that nothing
// covered was ratified after the fact. An extension that goes its way is neither.
var ruleAltered = Rule{
	ID: "OV-021", Name: "approval-altered", Title: "Approval was altered after the grant", Default: false, Severity: High,
	Attacks:  []Attack{accountManipulation, disabledTools},
	Controls: []string{"800-53:AU-9", "800-53:AU-10"},
	Retracts: true,
	says: func(a *Alert, f FacetView, _ bool) string {
		if f.Of == "" {
			return fmt.Sprintf("%s held %s without cover from %s to %s, and%s ratified it after the fact", a.who(f), a.things(f), f.From, f.To, a.ofApproval())
		}
		approval := "Approval"
		if a.State == Resolved || a.State == Retracted {
			approval = "approval"
		}
		return fmt.Sprintf("%s %s was altered%s", approval, f.ID, f.Note)
	},
	remedy: func(*Alert, FacetView) string {
		return "Ask who altered it and why; revoke the approval unless its approver stands by what it says now."
	},
	access: ratifications,
	approval: func(c *ApprovalCase) []Finding {
		var out []Finding
		for _, ch := range alterations(c.key, c.Acts) {
			f := Finding{From: ch.act.T, Due: ch.act.T, Immediate: true, Note: ch.note()}
			if !ch.grave {
				f.Severity = Low
			}
			out = append(out, c.whileItLasts(f))
		}
		return out
	},
}

// ratifications are the gaps that a decision made after them covers.
func ratifications(c *Case) []Finding {
	var out []Finding
	for _, st := range c.Stretches {
		for _, g := range st.Gaps {
			due, long := g.long(c.Grace)
			if !g.Ratified || !long {
				continue
			}
			out = append(out, Finding{
				Approval: st.ratifiedBy(g), From: g.From, To: g.To, Due: due, Immediate: true, Closed: ClosedRatified, Used: g.Used,
			})
		}
	}
	return out
}

// ratifiedBy is the approval that covers a gap from its beginning on, by a decision
// made after it.
func (st Stretch) ratifiedBy(g Gap) approvalKey {
	for _, c := range st.Covers {
		if c.Full && c.Nominal <= g.From && g.From < c.From {
			return c.Approval
		}
	}
	return ""
}

// alteration is one act that made a granted approval say something else.
type alteration struct {
	act     approvalAct
	changes []string
	grave   bool // somebody gains by it, or a decision is gone from the record
}

func (ch alteration) note() string {
	by := ch.act.DecidedBy
	if by == "" {
		by = ch.act.Actor
	}
	out := ""
	if by != "" {
		out = " by " + string(by)
	}
	return fmt.Sprintf("%s at %s: %s", out, ch.act.T, strings.Join(ch.changes, "; "))
}

// alterations plays the acts and lists what changed after the grant by other means
// than an extension, an activation, an end or a review.
func alterations(key approvalKey, acts []approvalAct) []alteration {
	var out []alteration
	st := approvalState{key: key}
	for _, act := range acts {
		granted, was, end, start, by := st.Granted, st.terms, st.end(), st.begun(), st.DecidedBy
		st.play(act)
		if !granted || act.What != "altered" && act.What != "denied" {
			continue
		}
		ch := alteration{act: act}
		if act.What == "denied" {
			ch.say("it was denied after it had been granted")
			ch.grave = true
			out = append(out, ch)
			continue
		}
		ch.window(act, start, end, st.end())
		ch.terms(key, was, st.terms)
		if len(ch.changes) == 0 {
			continue // a vote, a ticket, what was said before
		}
		if act.DecidedBy != "" && by != "" && act.DecidedBy != by {
			ch.say("its approver changed from %s to %s", by, act.DecidedBy)
		}
		if act.DecidedAt != 0 && act.DecidedAt < act.T {
			ch.say("it is dated back to %s", act.DecidedAt)
			ch.grave = true
		}
		out = append(out, ch)
	}
	return out
}

func (ch *alteration) say(format string, args ...any) {
	ch.changes = append(ch.changes, fmt.Sprintf(format, args...))
}

// window compares the window that an act states with what was in force.
func (ch *alteration) window(act approvalAct, start, end, now Time) {
	if act.EndKind == "" {
		return // nothing, or the date of a review
	}
	if act.Start != 0 && start != Forever && act.Start != start {
		ch.say("its start moved from %s to %s", start, act.Start)
		ch.grave = ch.grave || act.Start < start
	}
	if now != end {
		ch.say("its end moved from %s to %s", end, now)
		ch.grave = ch.grave || now > end
	}
}

// terms compares whom and what it allows.
func (ch *alteration) terms(key approvalKey, was, now terms) {
	if more, fewer := differ(was.Scopes, now.Scopes); more || fewer {
		ch.say("its scopes changed")
		ch.grave = ch.grave || more
	}
	if more, fewer := differ(was.Consumers, now.Consumers); more || fewer {
		ch.say("who may use it changed")
		ch.grave = ch.grave || more
	}
	// A request stands in for who made it where the record does not say, until it does.
	if _, id := key.split(); was.Requester != now.Requester && was.Requester != "" && was.Requester.Local() != id {
		ch.say("who asked for it changed from %s to %s", was.Requester, now.Requester)
		ch.grave = true
	}
}

// differ compares two lists as sets.
func differ[T comparable](was, now []T) (more, fewer bool) {
	more = slices.ContainsFunc(now, func(v T) bool { return !slices.Contains(was, v) })
	fewer = slices.ContainsFunc(was, func(v T) bool { return !slices.Contains(now, v) })
	return more, fewer
}

// begun is where the first stretch was meant to begin; Forever where there is none.
func (s *approvalState) begun() Time {
	begin := Forever
	for _, w := range s.Windows {
		begin = min(begin, w.Nominal)
	}
	return begin
}
