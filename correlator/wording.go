package correlator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// Message is the sentence that the revision says.
func (a *Alert) Message() string { return a.message() }

// message is the one sentence to act on: who, what, where, since when, under
// which approval by whom.
func (a *Alert) message() string {
	switch a.State {
	case Resolved:
		return a.resolvedMessage()
	case Retracted:
		return fmt.Sprintf("Withdrawn: it was said that %s. A fact that reached us late (%s at %s) shows that it was not so.",
			a.was(), a.Cause.What, a.Cause.At)
	}
	return a.what() + "." + a.used() + a.hedge() + a.marked()
}

// what states the finding without its outcome, was the same in the past tense.
func (a *Alert) what() string { return a.says(false) }
func (a *Alert) was() string  { return a.says(true) }

func (a *Alert) says(past bool) string {
	if len(a.Facets) == 0 {
		return a.Said
	}
	f := a.Facets[0]
	if a.Rule.says != nil {
		return a.Rule.says(a, f, past)
	}
	return fmt.Sprintf("%s %s %s%s %s", a.who(f), f.held(past), a.things(f), f.overrun(), a.pastWindow(f))
}

// things names the access of the first facet and counts the other accesses. One
// access may have several facets, a gap each.
func (a *Alert) things(f FacetView) string {
	if n := a.owners() - 1; n > 0 {
		return fmt.Sprintf("%s and %d more", f.what(), n)
	}
	return f.what()
}

// owners counts what the facets are of. An alert that was forgotten and comes back has
// a count that began anew, without those that were let go before it was.
func (a *Alert) owners() int {
	type owner struct {
		of, kind, source, id string
		subject              events.ID
		scope                events.Scope
	}
	shown := map[owner]bool{}
	for _, f := range a.whole().Facets {
		shown[owner{f.Of, string(f.Kind), f.Source, f.ID, f.Subject, f.Scope}] = true
	}
	return max(a.Owners, len(shown))
}

// pastWindow names the window that ended: the one that granted the access, or
// another that covered it on until then.
func (a *Alert) pastWindow(f FacetView) string {
	ended := "past the end of the window at " + f.From.String()
	if a.Approval != nil && a.Approval.End > 0 && f.UntilID == "" && f.Start >= a.Approval.End {
		ended = fmt.Sprintf("begun at %s, %s after the end of the window", f.Start, span(f.Start.Sub(a.Approval.End)))
	}
	if f.UntilID == "" {
		return ended + a.underApproval()
	}
	out := ended + " of approval " + f.UntilID + by(f.UntilBy)
	if a.Approval != nil {
		out += "; it was granted under approval " + a.Approval.ID + by(a.Approval.DecidedBy)
	}
	return out
}

func by(id events.ID) string {
	if id == "" {
		return ""
	}
	return " by " + string(id)
}

func note(n string) string {
	if n == "" {
		return ""
	}
	return " (" + n + ")"
}

func (a *Alert) who(f FacetView) string {
	switch {
	case f.Name != "" && f.Name != f.Subject:
		return string(f.Name) + " (as " + string(f.Subject) + ")"
	case f.Subject != "":
		return string(f.Subject)
	}
	if a.Approval != nil && a.Approval.Requester != "" {
		return string(a.Approval.Requester)
	}
	return "somebody"
}

// held is the verb: present while open, past once over.
func (f FacetView) held(past bool) string {
	switch {
	case f.To != Forever:
		return "held"
	case past:
		return "still held"
	}
	return "still holds"
}

func (f FacetView) what() string {
	switch f.Kind {
	case events.KindSession:
		return "session " + f.ID + " on " + f.Scope.String()
	case events.KindLease:
		kind := string(f.Credential)
		if kind == "" {
			kind = "credential"
		}
		return kind + " lease " + f.ID + " on " + f.Scope.String()
	case events.KindMembership:
		return "membership of " + strings.TrimSpace(f.Scope.Resource+" "+f.Scope.Role) + " in " + f.Scope.System
	}
	return f.ID
}

// overrun is how long it lasted, where it is over.
func (f FacetView) overrun() string {
	if f.To == Forever {
		return ""
	}
	return " for " + span(f.To.Sub(f.From))
}

// ofApproval names the approval behind a word.
func (a *Alert) ofApproval() string { return strings.TrimPrefix(a.underApproval(), " of") }

func (a *Alert) approvalID() string {
	if a.Approval == nil {
		return ""
	}
	return a.Approval.ID
}

// users is who may use the alert's approval.
func (a *Alert) users() string {
	if a.Approval == nil {
		return "nobody known"
	}
	out := []string{}
	for _, id := range append([]events.ID{a.Approval.Requester}, a.Approval.Consumers...) {
		if id != "" && !slices.Contains(out, string(id)) {
			out = append(out, string(id))
		}
	}
	return strings.Join(out, ", ")
}

// decider is who decided the alert's approval, "" where nobody is named.
func (a *Alert) decider() string {
	if a.Approval == nil {
		return ""
	}
	return by(a.Approval.DecidedBy)
}

// scopesOf names a few scopes, and counts the others.
func scopesOf(scopes []events.Scope) string {
	const few = 3
	var out []string
	for i, sc := range scopes {
		if i == few {
			out = append(out, fmt.Sprintf("%d more", len(scopes)-few))
			break
		}
		out = append(out, sc.String())
	}
	return strings.Join(out, ", ")
}

func (a *Alert) underApproval() string {
	if a.Approval == nil {
		return ""
	}
	return " of approval " + a.Approval.ID + by(a.Approval.DecidedBy)
}

// used says that it was, where that is what makes it worse.
func (a *Alert) used() string {
	if _, gap := precedence[a.Rule.ID]; len(a.Facets) == 0 || !gap {
		return ""
	}
	if f := a.Facets[0]; f.Used && f.LastUse > f.From {
		return fmt.Sprintf(" It was used since, last at %s.", f.LastUse)
	}
	return ""
}

// hedge says how firmly it is said.
func (a *Alert) hedge() string {
	if len(a.Facets) == 0 {
		return ""
	}
	f := a.Facets[0]
	switch {
	case a.Provisional && len(f.Behind) > 0:
		return " Provisional: " + strings.Join(f.Behind, ", ") + have(f.Behind) + " not reported everything up to the deadline."
	case a.Provisional && f.Weak:
		return " Provisional: " + shortSource(f.Source) + " does not report ends, and no sign of life was seen since."
	case f.Claimed != 0:
		return fmt.Sprintf(" An end was claimed at %s and is not proven yet.", f.Claimed)
	case f.Unattested:
		return " Unattested: " + shortSource(f.Source) + " does not promise that its record is complete."
	}
	return ""
}

func have(who []string) string {
	if len(who) == 1 {
		return " has"
	}
	return " have"
}

func (a *Alert) resolvedMessage() string {
	how := map[Closing]string{
		ClosedEnded: "Over", ClosedUnproven: "Over, as claimed and not proven", ClosedRecovered: "Covered again by an approval",
		ClosedRatified: "Ratified after the fact", ClosedOutlived: "No longer a forecast: it has outlived its window",
		ClosedReenabled: "The account was enabled again", ClosedHeard: "Heard again", ClosedNotNeeded: "Nothing needs it any more",
		ClosedShortened: "Shortened in time", ClosedRotated: "Rotated", ClosedConfirmed: "Confirmed by an operator", ClosedOwned: "Owned again", ClosedByPolicy: "No longer against the policy", ClosedOtherwise: "No longer so",
		ClosedElsewhere: "Told by another alert from here on",
	}[a.Closing]
	basis := ""
	if len(a.Facets) > 0 && a.Facets[0].Closed == ClosedEnded && a.Facets[0].Basis != "" {
		basis = fmt.Sprintf(" (%s at %s)", a.Facets[0].Basis, a.Facets[0].End)
		if lo := a.Facets[0].EndLo; a.Facets[0].Cause == events.CauseSnapshot {
			basis = fmt.Sprintf(" (%s: gone between %s and %s)", a.Facets[0].Basis, lo, a.Facets[0].End)
		}
	}
	return how + basis + ": " + a.what() + "."
}

// span is a duration for reading: two units at most, none of them zero.
func span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Hour:
		return units(d.Round(time.Second), time.Minute, "m", time.Second, "s")
	case d < 48*time.Hour:
		return units(d.Round(time.Minute), time.Hour, "h", time.Minute, "m")
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// units writes a duration in two units, leaving out what is zero.
func units(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	out := ""
	if n := d / big; n > 0 {
		out = fmt.Sprintf("%d%s", n, bigName)
	}
	if n := d % big / small; n > 0 {
		out += fmt.Sprintf("%d%s", n, smallName)
	}
	return out
}

// remedy says what to do about it.
func (a *Alert) remedy() string {
	switch a.State {
	case Resolved:
		return "Nothing to end: it is over. Review why it was not in time, or who decided."
	case Retracted:
		return "Nothing to do: it was not so."
	}
	if len(a.Facets) > 0 && a.Facets[0].Kind != "" && a.Facets[0].To != Forever && a.Rule.ID != ruleWillOutlive.ID {
		return "It has ended: review why it was late."
	}
	if len(a.Facets) == 0 {
		return "Nothing to do."
	}
	if a.Rule.remedy != nil {
		return a.Rule.remedy(a, a.Facets[0])
	}
	switch f := a.Facets[0]; f.Kind {
	case events.KindLease:
		return "Revoke " + f.ID + " at " + f.Scope.System + ", then confirm at the target that it no longer works; or have the approval extended."
	case events.KindMembership:
		return "Remove " + a.who(f) + " from " + strings.TrimSpace(f.Scope.Resource+" "+f.Scope.Role) + " in " + f.Scope.System + "; or have the approval extended."
	case events.KindSession:
		return "Terminate session " + f.ID + " at " + f.Scope.System + "; or have the approval extended."
	}
	return "Review the access."
}
