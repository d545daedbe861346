package correlator

import (
	"fmt"

	"github.com/overstay/overstay/events"
)

// OV-015: who approved is who asked for it or may use it, linked ids included. It
// stands while a window of the approval does.
var ruleSelfApproval = Rule{
	ID: "OV-015", Name: "self-approval", Title: "Approved by who uses it", Default: false, Severity: High,
	Attacks:  []Attack{accountManipulation},
	Controls: []string{"800-53:AC-5", "iso27001:A.5.3", "pci:7.2.3"},
	Retracts: true,
	says: func(a *Alert, f FacetView, _ bool) string {
		return fmt.Sprintf("%s, at %s: %s", f.Note, f.From, a.allows())
	},
	remedy: func(*Alert, FacetView) string {
		return "Have somebody else decide, or revoke the approval; then look at what was used under it."
	},
	approval: func(c *ApprovalCase) []Finding {
		if c.Kind == events.BreakGlass && c.Policy.BreakGlassSelfApproval {
			return nil
		}
		for _, d := range c.Decisions {
			if d.By == "" {
				continue
			}
			how := "may use"
			if d.Asked {
				how = "asked for"
			}
			note := fmt.Sprintf("%s approved %s, which %s %s", d.By, c.ID, d.User, how)
			if d.By != d.User {
				note += ", the same person"
			}
			return []Finding{c.whileItLasts(Finding{From: d.At, Due: d.At, Immediate: true, Note: note})}
		}
		return nil
	},
}

// whileItLasts has a finding stand until the approval's last window is over.
func (c *ApprovalCase) whileItLasts(f Finding) Finding {
	end := max(c.end(), f.From)
	if f.To = Forever; end <= c.Now {
		f.To, f.Closed = end, ClosedEnded
	} else if end != Forever {
		f.Again = end
	}
	return f
}

// scopes is what the approval allows.
func (a *Alert) scopes() string {
	if a.Approval == nil || len(a.Approval.Scopes) == 0 {
		return "it names no scope"
	}
	out := a.Approval.Scopes[0].String()
	if n := len(a.Approval.Scopes); n > 1 {
		out += fmt.Sprintf(" and %d more", n-1)
	}
	return out
}

// allows is what the approval allows, and until when.
func (a *Alert) allows() string {
	out := a.scopes()
	if a.Approval == nil {
		return out
	}
	switch a.Approval.End {
	case 0:
		return out + ", no window yet"
	case Forever:
		return out + " without an end"
	}
	return out + " until " + a.Approval.End.String()
}
