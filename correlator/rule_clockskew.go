package correlator

import "fmt"

// OV-023: a source's events come from the future, or are late by the same whole
// number of quarter hours although it says that it is up to date.
var ruleClockSkew = Rule{
	ID: "OV-023", Name: "clock-skew", Title: "A source's clock is wrong", Default: false, Severity: Low,
	Controls: []string{"800-53:AU-8", "iso27001:A.8.17"},
	says: func(a *Alert, f FacetView, past bool) string {
		tells := "tells"
		if past || a.State == Resolved {
			tells = "told"
		}
		return fmt.Sprintf("%s %s times that are %s, since %s", shortSource(a.Source), tells, f.Note, f.From)
	},
	remedy: func(*Alert, FacetView) string {
		return "Set the clock of the source's hosts, or the time zone that its connector assumes; until then state its uncertainty in the policy."
	},
	source: func(c *SourceCase) []Finding {
		var out []Finding
		if c.Skew.Since != 0 {
			out = append(out, Finding{
				Ord: 0, From: c.Skew.Since, To: Forever, Due: c.Skew.Since, Immediate: true,
				Again: c.Skew.Seen.Add(skewHold), Note: span(c.Skew.Ahead) + " ahead",
			})
		}
		if off := c.Skew.steady(); off != 0 {
			from := c.Skew.Live[0].Read
			out = append(out, Finding{
				Ord: 1, From: from, To: Forever, Due: from, Immediate: true,
				Note: span(off) + " behind, steadily, although it says that it is up to date",
			})
		}
		return out
	},
}
