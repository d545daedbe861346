package correlator

import (
	"fmt"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// message is the one sentence to act on: who, what, where, since when, under
// which approval by whom.
func (a *Alert) message() string {
	switch a.State {
	case Resolved:
		return a.resolvedMessage()
	case Retracted:
		return fmt.Sprintf("Withdrawn: %s. A fact that reached us late (%s at %s) shows that it was not so.",
			a.what(), a.Cause.What, a.Cause.At)
	}
	return a.what() + "." + a.hedge()
}

// what states the finding without its outcome.
func (a *Alert) what() string {
	if len(a.Facets) == 0 {
		return a.Said
	}
	f := a.Facets[0]
	if a.Rule.ID == ruleSourceBlind.ID {
		return fmt.Sprintf("%s is blind since %s (%s) while open windows or accesses need it", shortSource(a.Source), f.From, f.Note)
	}
	who, what := a.who(f), f.what()
	if a.Total > 1 {
		what = fmt.Sprintf("%s and %d more", what, a.Total-1)
	}
	switch a.Rule.ID {
	case ruleWillOutlive.ID:
		return fmt.Sprintf("%s holds %s until %s, %s beyond the end of the window%s", who, what, f.Expiry, span(f.Expiry.Sub(f.From)), a.underApproval())
	case ruleExtended.ID:
		return fmt.Sprintf("%s %s %s, extended past the end of the window at %s%s%s", who, f.held(), what, f.From, f.overrun(), a.underApproval())
	case ruleUnapproved.ID:
		return fmt.Sprintf("%s %s %s without any approval since %s", who, f.held(), what, f.From)
	case ruleOffboarded.ID:
		return fmt.Sprintf("%s %s %s although %s was closed at %s", who, f.held(), what, a.Account, f.From)
	case ruleRevocationFailed.ID:
		return fmt.Sprintf("%s could not be revoked from %s at %s%s", what, who, f.From, note(f.Note))
	}
	return fmt.Sprintf("%s %s %s past the end of the window at %s%s%s", who, f.held(), what, f.From, f.overrun(), a.underApproval())
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
func (f FacetView) held() string {
	if f.To == Forever {
		return "still holds"
	}
	return "held"
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

func (f FacetView) overrun() string {
	if f.To == Forever {
		return ""
	}
	return ", for " + span(f.To.Sub(f.From))
}

func (a *Alert) underApproval() string {
	if a.Approval == nil {
		return ""
	}
	out := " of approval " + a.Approval.ID
	if a.Approval.DecidedBy != "" {
		out += " by " + string(a.Approval.DecidedBy)
	}
	return out
}

// hedge says how firmly it is said.
func (a *Alert) hedge() string {
	if len(a.Facets) == 0 {
		return ""
	}
	f := a.Facets[0]
	switch {
	case a.Provisional && len(f.Behind) > 0:
		return " Provisional: " + strings.Join(f.Behind, ", ") + " has not reported up to the deadline."
	case a.Provisional && f.Weak:
		return " Provisional: " + shortSource(f.Source) + " does not report ends, and no sign of life was seen since."
	case f.Claimed != 0:
		return fmt.Sprintf(" An end was claimed at %s and is not proven yet.", f.Claimed)
	case f.Unattested:
		return " Unattested: no source promises that its record is complete."
	}
	return ""
}

func (a *Alert) resolvedMessage() string {
	how := map[Closing]string{
		ClosedEnded: "Over", ClosedUnproven: "Over, as claimed and not proven", ClosedRecovered: "Covered again by an approval",
		ClosedRatified: "Ratified after the fact", ClosedOutlived: "No longer a forecast: it has outlived its window",
		ClosedReenabled: "The account was enabled again", ClosedHeard: "Heard again", ClosedNotNeeded: "Nothing needs it any more",
		ClosedShortened: "Shortened in time", ClosedByPolicy: "No longer against the policy", ClosedOtherwise: "No longer so",
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

// span is a duration for reading: two units at most.
func span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < time.Hour:
		return strings.TrimSuffix(d.Round(time.Second).String(), "0s")
	case d < 48*time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// remedy says what to do about it.
func (a *Alert) remedy() string {
	switch a.Rule.ID {
	case ruleSourceBlind.ID:
		return "Check the connector and its source; until it speaks again, verdicts that await it are provisional."
	case ruleRevocationFailed.ID:
		return "Remove the credential at its target by hand, then confirm there that it no longer works."
	case ruleOffboarded.ID:
		return "End every access listed, then confirm at its target; disabling an account ends none of them."
	}
	if len(a.Facets) == 0 {
		return "Nothing to do."
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
