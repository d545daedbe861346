package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator"
)

// controlsOf groups the exceptions by the controls that their rules test. A control
// without an exception is listed as well, and so is one whose rules are off.
func controlsOf(pol *correlator.Policy, exceptions []Exception) []ReportControl {
	controls := map[string]*ReportControl{}
	for _, rule := range correlator.Rules() {
		for _, label := range rule.Controls {
			k := controls[label]
			if k == nil {
				catalogue, id, _ := strings.Cut(label, ":")
				k = &ReportControl{Catalogue: catalogue, Control: id}
				controls[label] = k
			}
			k.Rules = append(k.Rules, string(rule.ID))
			if pol.Enabled(rule) {
				k.Tested = true
			} else {
				k.Off = append(k.Off, string(rule.ID))
			}
			for _, e := range exceptions {
				if e.Rule == string(rule.ID) {
					k.count(e)
				}
			}
		}
	}
	out := []ReportControl{}
	for _, k := range controls {
		slices.Sort(k.Rules)
		slices.Sort(k.Off)
	}
	for _, label := range slices.Sorted(maps.Keys(controls)) {
		out = append(out, *controls[label])
	}
	return out
}

func (k *ReportControl) count(e Exception) {
	k.Exceptions++
	k.Alerts = append(k.Alerts, e.ID)
	switch {
	case e.Standing:
		k.Open++
	case e.Closing == "withdrawn":
		k.Withdrawn++
	}
}

func summaryOf(r *Report) ReportSummary {
	s := ReportSummary{Approvals: len(r.Approvals), Exceptions: len(r.Exceptions), Sources: len(r.Sources)}
	counts := map[string]*int{InTime: &s.InTime, Overran: &s.Overran, StillHeld: &s.StillHeld, CoveredOn: &s.CoveredOn, InForce: &s.InForce, NotGranted: &s.NotGranted}
	for _, a := range r.Approvals {
		*counts[a.State]++
		if a.Assurance != "" && !a.Proven {
			s.Unproven++
		}
		for _, f := range a.Facets {
			if f.Facet != "approval" {
				s.Accesses += f.Count
			}
		}
	}
	for _, e := range r.Exceptions {
		if e.Standing {
			s.OpenExceptions++
		}
		if slices.ContainsFunc(e.Marks, func(m ReportMark) bool { return m.What == "suppressed" }) {
			s.Suppressed++
		}
	}
	return s
}

// notCovered says what the report cannot vouch for, each in a sentence.
func (c *collection) notCovered(r *Report, pol *correlator.Policy) []string {
	out := []string{}
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if l := r.Header.Label; l.Strength != Strong {
		say("The replay is %s: %s.", l.Strength, l.Reason)
	}
	if r.Header.After > 0 {
		say("The log was read from position %d on, over a state that was kept there: what had left that state before is not in this report.", r.Header.After+1)
	}
	if s := r.Header.Recorded; s != nil && *s != r.Header.Replayed {
		say("What the replay tells differs from what was recorded (%d told, %d recorded): overstay replay --diff lists the differences.", r.Header.Replayed.Told, s.Told)
	}
	if c.first == 0 {
		say("No message of the log lies in the period.")
	}
	c.blindSpots(r, say)
	c.unjudged(say)
	var off []string
	for _, rule := range correlator.Rules() {
		if !pol.Enabled(rule) {
			off = append(off, string(rule.ID))
		}
	}
	if slices.Sort(off); len(off) > 0 {
		say("The policy has these rules switched off: %s. The controls that only they test were not tested.", strings.Join(off, ", "))
	}
	say("Access in systems that no source named above speaks of is not seen at all.")
	return out
}

// blindSpots says which systems and sources were not heard.
func (c *collection) blindSpots(r *Report, say func(string, ...any)) {
	unseen := map[string]bool{}
	for _, a := range r.Approvals {
		for _, s := range a.Unseen {
			unseen[s] = true
		}
	}
	if len(unseen) > 0 {
		say("Approvals name systems that no connector has spoken of: %s.", strings.Join(slices.Sorted(maps.Keys(unseen)), ", "))
	}
	var mute, unpromised, silent []string
	for _, s := range r.Sources {
		switch {
		case s.Events == 0:
			mute = append(mute, s.URI)
		case !s.Promises:
			unpromised = append(unpromised, s.URI)
		}
		if s.Silences > 0 {
			silent = append(silent, s.URI)
		}
	}
	if len(mute) > 0 {
		say("Nothing was heard in the period of: %s.", strings.Join(mute, ", "))
	}
	if len(unpromised) > 0 {
		say("These sources promise no completeness, so that what they left out cannot be told from what did not happen: %s.", strings.Join(unpromised, ", "))
	}
	if len(silent) > 0 {
		say("These sources were silent for longer than they may be: %s. What happened then may be missing.", strings.Join(silent, ", "))
	}
}

// unjudged says how much of what is held was not judged at the end, and why.
func (c *collection) unjudged(say func(string, ...any)) {
	j := c.view.Glance().Judgement
	for _, why := range slices.SortedFunc(maps.Keys(j), func(a, b string) int { return cmp.Or(j[b]-j[a], strings.Compare(a, b)) }) {
		switch {
		case strings.HasPrefix(why, "unjudged: "):
			say("%d open at the end could not be judged: %s.", j[why], strings.TrimPrefix(why, "unjudged: "))
		case why == "baseline":
			say("%d open at the end began before their source's coverage did, and are not judged.", j[why])
		}
	}
}
