package correlator

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/correlator/oracle"
	"github.com/overstay/overstay/events"
)

// For the tests of package correlator_test, which play scenarios: package scenario
// imports this one.
var (
	ValidateOCSF = validateOCSF
	ValidateOwn  = validateOwn
	Encoded      = encoded
	DocsPage     = docsPage
	Verdicts     = verdicts
)

// MaxActs is how many acts of one access are kept.
const MaxActs = maxActs

// NewSortedState is an empty state.
func NewSortedState() State { return newSortedState() }

// FinalSeals says what holds of each approval that is over, given the seals in the
// order in which they were told: the words of the last one, without where in the log
// its facts stand. What has been opened again since has none.
func FinalSeals(st State, told []*Seal) string {
	last := map[approvalKey]string{}
	for _, s := range told {
		words := fmt.Sprintf("%s: %v %s", s.Approval.ID, s.Proven, s.Assurance)
		for _, f := range s.Facets {
			words += fmt.Sprintf(" %s %d %s %s %s %s", f.Facet, f.Count, f.EndLo, f.End, f.Basis, f.Overrun)
		}
		last[makeApprovalKey(s.Approval.Source, s.Approval.ID)] = words
	}
	var lines []string
	st.Scan([]byte(keyApproval), nil, func(k, v []byte) bool {
		var a approval
		if words, sealed := last[approvalKey(k[1:])]; sealed && decodeRecord(v, &a) && a.Open == 0 {
			lines = append(lines, words)
		}
		return true
	})
	return strings.Join(lines, "\n")
}

// IncidentHistory draws a history of which the oracle knows all, in the order in
// which it arrives, with copies, and the policy and settings that it is judged by.
func IncidentHistory(t *rapid.T) ([]events.Event, *Policy, oracle.Settings) {
	h := genIncident(t)
	var out []events.Event
	for _, i := range rapid.Permutation(h.inOrder()).Draw(t, "order") {
		out = append(out, h.events[i])
	}
	for range rapid.IntRange(0, 2).Draw(t, "copies") {
		out = append(out, rapid.SampledFrom(out).Draw(t, "copy"))
	}
	pol := oraclePolicy()
	return out, pol, settingsOf(pol)
}

// HistoryStart is when the histories begin.
var HistoryStart = historyStart
