package correlator

import "time"

// OV-022: a source that owes progress is silent, has a hole in its sequence, or
// one of its events is in quarantine, while windows or accesses need it.
var ruleSourceBlind = Rule{
	ID: "OV-022", Name: "source-blind", Title: "A source is blind", Default: true, Severity: High,
	Attacks:  []Attack{disabledCloudLogs},
	Controls: []string{"800-53:AU-5", "csf2:DE.CM-09", "pci:10.7.2"},
	source: func(c *SourceCase) []Finding {
		if f, ok := blind(c); ok {
			return []Finding{f}
		}
		return nil
	},
}

// SourceCase is everything a rule may look at to judge one source.
type SourceCase struct {
	Now         Time
	URI         string
	Owes        bool // it owes progress
	Heard       Time
	Silence     time.Duration
	HoleAt      Time
	Quarantined Time
	// Needed: windows or accesses rest on it.
	Needed bool
}

// quarantineHold is how long an unreadable event keeps its source blind: by then
// a complete snapshot or a reviewer has filled the hole, or nothing will.
const quarantineHold = 24 * time.Hour

func blind(c *SourceCase) (Finding, bool) {
	if !c.Needed {
		return Finding{}, false
	}
	f := Finding{To: Forever, Immediate: true}
	silentAt := c.Heard.Add(c.Silence)
	switch {
	case c.HoleAt != 0:
		f.From, f.Due, f.Note = c.HoleAt, c.HoleAt.Add(holeSettle), "a hole in its sequence"
	case c.Quarantined != 0 && c.Now < c.Quarantined.Add(quarantineHold):
		f.From, f.Due, f.Note = c.Quarantined, c.Quarantined, "one of its events could not be read"
		f.Again = c.Quarantined.Add(quarantineHold)
	case c.Owes && c.Heard != 0:
		f.From, f.Due, f.Note = c.Heard, silentAt, "no word from it"
	default:
		return Finding{}, false
	}
	return f, true
}
