package correlator

import "fmt"

// OV-025: the log's integrity check fails, or a source speaks outside its
// authority. Either puts in doubt what alerts, and their absence, rest on. It
// stands until an operator confirms that somebody has looked into it.
var ruleTampered = Rule{
	ID: "OV-025", Name: "evidence-tampered", Title: "Evidence was tampered with", Default: true, Severity: Critical,
	Attacks:  []Attack{disabledTools, storedManipulation},
	Controls: []string{"800-53:AU-9(3)", "csf2:RS.AN-07", "iso27001:A.5.28"},
	says: func(a *Alert, f FacetView, past bool) string {
		past = past || a.State == Resolved
		if a.Source != engineSource {
			speaks := "speaks"
			if past {
				speaks = "spoke"
			}
			return fmt.Sprintf("%s %s outside its authority (source-unauthorised): %s, first at %s", shortSource(a.Source), speaks, f.Note, f.From)
		}
		is := "The log is"
		if past {
			is = "the log was"
		}
		return fmt.Sprintf("%s damaged: %s, noticed at %s", is, f.Note, f.From)
	},
	remedy: func(a *Alert, _ FacetView) string {
		if a.Source != engineSource {
			return "Find out who holds the connector's credentials; if it may say this, widen its authority in the policy. Then confirm the alert."
		}
		return "Find out who changed the stream, and compare it with a backup: what is missing was not judged. Then confirm the alert."
	},
	source: func(c *SourceCase) []Finding {
		var out []Finding
		for i, n := range c.Incidents {
			if n.Noticed == 0 {
				continue // log time has not begun
			}
			f := Finding{Ord: i, From: n.By.T, To: Forever, Due: n.Noticed, Immediate: true, Note: n.Note}
			if n.Confirmed != 0 {
				f.Closed, f.To = ClosedConfirmed, max(n.Confirmed, f.From)
			}
			out = append(out, f)
		}
		return out
	},
}
