package correlator

import (
	"fmt"
	"strings"
)

// String says what is published in one line, for people and for tests: "raised
// OV-001 r1 high facets=1/1: alice still holds …" of an alert, with the facets
// that are open and all of them, and "sealed REQ-1 r1 assurance=observed …" of a
// seal. docs/scenarios.md explains the words.
func (p Publication) String() string {
	if p.Seal != nil {
		return p.Seal.line()
	}
	a := p.Alert
	level := a.Severity.String()
	if a.Provisional {
		level += " provisional"
	}
	return fmt.Sprintf("%s %s r%d %s facets=%d/%d: %s", a.State, a.Rule.ID, a.Revision, level, a.Open, a.Total, a.message())
}

func (s *Seal) line() string {
	word := "sealed"
	if !s.Proven {
		word = "closed-unproven"
	}
	line := fmt.Sprintf("%s %s r%d assurance=%s", word, s.Approval.ID, s.Revision, s.Assurance)
	for _, f := range s.Facets {
		line += fmt.Sprintf(" %s=%d@%s/%s", f.Facet, f.Count, f.End.Std().Format("15:04:05"), f.Basis)
	}
	if len(s.Unseen) > 0 {
		line += " unseen=" + strings.Join(s.Unseen, ",")
	}
	return line
}

// Told is the log time at which it is published.
func (p Publication) Told() Time {
	if p.Seal != nil {
		return p.Seal.Told
	}
	return p.Alert.Told
}
