package correlator

import (
	"fmt"
	"time"
)

// OV-022: a source that owes progress is silent, has a hole in its sequence, or
// one of its events is in quarantine, while windows or accesses need it.
var ruleSourceBlind = Rule{
	ID: "OV-022", Name: "source-blind", Title: "A source is blind", Default: true, Severity: High,
	Attacks:  []Attack{disabledCloudLogs},
	Controls: []string{"800-53:AU-5", "csf2:DE.CM-09", "pci:10.7.2"},
	says: func(a *Alert, f FacetView, past bool) string {
		is, need := "is", "need"
		if past {
			is, need = "was", "needed"
		}
		return fmt.Sprintf("%s %s blind since %s (%s) while open windows or accesses %s it", shortSource(a.Source), is, f.From, f.Note, need)
	},
	remedy: func(*Alert, FacetView) string {
		return "Check the connector and its source; until it speaks again, verdicts that await it are provisional."
	},
	source: func(c *SourceCase) []Finding {
		if f, ok := blind(c); ok {
			return []Finding{f}
		}
		return nil
	},
}

// SourceCase is everything a rule may look at to judge one source.
type SourceCase struct {
	Now    Time
	URI    string
	Owes   bool          // it owes progress
	Proven bool          // it has sent some
	Every  time.Duration // how often it says that it will; 0: it does not say
	// Promised is since when it owes progress, Progress when some last came and
	// Heard when anything did.
	Promised    Time
	Progress    Time
	Heard       Time
	Silence     time.Duration
	HoleAt      Time
	Quarantined Time
	// Incidents are what puts its evidence in doubt.
	Incidents []incident
	// Skew is what the times of its events say of its clock.
	Skew skew
	// Needed: windows or accesses rest on it.
	Needed bool
}

// stalledAfter is how long a source may talk on without progress, while it reads
// a long past for example, before that counts as blind.
const stalledAfter = firstProgressWithin

func blind(c *SourceCase) (Finding, bool) {
	f := Finding{To: Forever}
	switch {
	case !c.Needed:
		return Finding{}, false
	case c.HoleAt != 0:
		f.From, f.Due, f.Note = c.HoleAt, c.HoleAt.Add(holeSettle), "a hole in its sequence"
		f.Again = c.HoleAt.Add(lossHold)
	case c.Quarantined != 0:
		f.From, f.Due, f.Note = c.Quarantined, c.Quarantined, "one of its events could not be read"
		f.Again = c.Quarantined.Add(lossHold)
	case c.Owes && c.Heard != 0:
		f.From, f.Due, f.Note = c.Heard, c.Heard.Add(c.Silence), "no word from it"
		last := c.Progress
		if !c.Proven {
			last = c.Promised
		}
		// Who says how often it reports, or that it will at all, owes that too.
		stalled := last.Add(max(c.Silence, stalledAfter))
		if (!c.Proven || c.Every > 0) && stalled < f.Due {
			f.From, f.Due, f.Note = last, stalled, "no progress from it"
		}
	default:
		return Finding{}, false
	}
	return f, true
}
