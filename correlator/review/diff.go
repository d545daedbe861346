package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store/eventlog"
)

// The kinds of differences between what was recorded and what a replay told.
const (
	Added   = "added"   // the replay tells it, and nobody was told
	Removed = "removed" // it was told, and the replay does not tell it
	Moved   = "moved"   // the same is told at another time
	Changed = "changed" // something else is told of the same
)

// Difference is one alert, or seal, of which something else is told.
type Difference struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Rule string `json:"rule,omitempty"`
	// Recorded and Replayed are the first revisions that differ.
	Recorded *Told  `json:"recorded,omitempty"`
	Replayed *Told  `json:"replayed,omitempty"`
	Reason   string `json:"reason"`
}

// Stream is a sequence of what was told, summed up.
type Stream struct {
	Told int `json:"told"`
	// SHA256 is over each subject and body in order, with a zero byte after both.
	SHA256 string `json:"sha256"`
}

// Diff compares what was recorded with what a replay told.
type Diff struct {
	Label Label `json:"label"`
	// Exact: the same policy and semantics, so every byte is compared.
	Exact       bool         `json:"exact"`
	Equal       bool         `json:"equal"`
	Recorded    Stream       `json:"recorded"`
	Replayed    Stream       `json:"replayed"`
	Differences []Difference `json:"differences"`
}

// Compare compares two sequences. other is the policy of the replay where it is not
// the recorded one, else nil.
func Compare(label Label, recorded, replayed []Told, other *correlator.Policy) Diff {
	d := Diff{Label: label, Exact: other == nil && label.Strength == Strong, Recorded: sumOf(recorded), Replayed: sumOf(replayed), Differences: []Difference{}}
	for _, t := range recorded {
		if t.Semantics != correlator.SemanticsID {
			d.Exact = false
			if d.Label.Strength == Strong {
				d.Label = Label{Weak, fmt.Sprintf("it was told under semantics %q, and this program has %q", t.Semantics, correlator.SemanticsID)}
			}
			break
		}
	}
	if d.Recorded == d.Replayed {
		d.Equal = true
		return d
	}
	c := comparison{policy: other, exact: d.Exact}
	if n := len(recorded); n > 0 {
		c.end = recorded[n-1].Origin.Seq
	}
	was, is := byID(recorded), byID(replayed)
	for _, id := range order(recorded, replayed) {
		if diff, ok := c.compare(was[id], is[id]); ok {
			diff.ID = id
			d.Differences = append(d.Differences, diff)
		}
	}
	d.Equal = len(d.Differences) == 0 && !d.Exact
	if len(d.Differences) == 0 && d.Exact {
		d.Differences = append(d.Differences, orderOf(recorded, replayed))
	}
	return d
}

func sumOf(told []Told) Stream {
	h := sha256.New()
	for _, t := range told {
		sumEntry(h, t.Entry)
	}
	return Stream{len(told), hex.EncodeToString(h.Sum(nil))}
}

// sumEntry adds what was told to the sum of a stream.
func sumEntry(h hash.Hash, e eventlog.Entry) {
	for _, part := range [][]byte{[]byte(e.Subject), e.Body} {
		h.Write(part)
		h.Write([]byte{0})
	}
}

func byID(told []Told) map[string][]Told {
	out := map[string][]Told{}
	for _, t := range told {
		out[t.ID] = append(out[t.ID], t)
	}
	return out
}

// order lists the ids as they were first told.
func order(sequences ...[]Told) []string {
	var ids []string
	seen := map[string]bool{}
	for _, told := range sequences {
		for _, t := range told {
			if !seen[t.ID] {
				seen[t.ID] = true
				ids = append(ids, t.ID)
			}
		}
	}
	return ids
}

// orderOf is the difference of two sequences that have the same of each alert.
func orderOf(recorded, replayed []Told) Difference {
	for i := range recorded {
		if !same(recorded[i], replayed[i]) {
			return Difference{Kind: Moved, ID: recorded[i].ID, Rule: recorded[i].Rule, Recorded: &recorded[i], Replayed: &replayed[i], Reason: "the alerts are the same and come in another order"}
		}
	}
	return Difference{Kind: Moved, Reason: "the alerts are the same and come in another order"}
}

// same: byte for byte.
func same(a, b Told) bool {
	return a.Entry.Subject == b.Entry.Subject && bytes.Equal(a.Entry.Body, b.Entry.Body)
}

// comparison compares what was told of one alert.
type comparison struct {
	policy *correlator.Policy // nil: the recorded one
	exact  bool
	end    uint64 // position that the newest recorded alert follows from
}

func (c comparison) compare(was, is []Told) (Difference, bool) {
	switch {
	case len(was) == 0:
		return Difference{Kind: Added, Rule: is[0].Rule, Replayed: &is[0], Reason: c.whyAdded(is)}, true
	case len(is) == 0:
		return Difference{Kind: Removed, Rule: was[0].Rule, Recorded: &was[0], Reason: c.whyRemoved(was)}, true
	}
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(was):
			return Difference{Kind: Changed, Rule: is[0].Rule, Replayed: &is[i], Reason: fmt.Sprintf("revision %d comes besides: %s", is[i].Revision, says(is[i]))}, true
		case i >= len(is):
			return Difference{Kind: Changed, Rule: was[0].Rule, Recorded: &was[i], Reason: fmt.Sprintf("revision %d does not come: %s", was[i].Revision, says(was[i]))}, true
		}
		if reason := c.differ(was[i], is[i]); reason != "" {
			return Difference{Kind: Changed, Rule: was[0].Rule, Recorded: &was[i], Replayed: &is[i], Reason: reason}, true
		}
	}
	for i := range was {
		if reason := moved(was[i], is[i]); reason != "" {
			return Difference{Kind: Moved, Rule: was[0].Rule, Recorded: &was[i], Replayed: &is[i], Reason: reason}, true
		}
		if c.exact && !same(was[i], is[i]) {
			return Difference{Kind: Changed, Rule: was[0].Rule, Recorded: &was[i], Replayed: &is[i], Reason: fmt.Sprintf("revision %d says the same in other bytes", was[i].Revision)}, true
		}
	}
	return Difference{}, false
}

func says(t Told) string { return strings.TrimSpace(t.State + " " + t.At.Format(time.RFC3339)) }

// differ compares what a weak replay promises: state, interval, basis, severity,
// confidence.
func (c comparison) differ(was, is Told) string {
	var reasons []string
	say := func(what string, was, is any) {
		if was != is {
			reasons = append(reasons, fmt.Sprintf("%s is %v and was %v", what, is, was))
		}
	}
	say("the state", was.State, is.State)
	say("how it closed", was.closing, is.closing)
	say("the severity", was.Severity, is.Severity)
	say("the confidence", was.confidence, is.confidence)
	say("the type", was.Type, is.Type)
	if a, b := intervals(was), intervals(is); !slices.Equal(a, b) {
		reasons = append(reasons, fmt.Sprintf("it is about %s and was about %s", strings.Join(b, ", "), strings.Join(a, ", ")))
	}
	return strings.Join(reasons, "; ")
}

// intervals are the overruns that an alert names.
func intervals(t Told) []string {
	var out []string
	for _, f := range t.facets {
		s := fmt.Sprintf("%s %s %s to %s", f.Kind, f.ID, f.From, f.To)
		if f.Basis != "" {
			s += " (" + f.Basis + ")"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func moved(was, is Told) string {
	if was.At.Equal(is.At) && was.Due == is.Due {
		return ""
	}
	reason := fmt.Sprintf("told %s and was told %s", is.At.Format(time.RFC3339Nano), was.At.Format(time.RFC3339Nano))
	if a, b := tolerated(was), tolerated(is); a >= 0 && b >= 0 && a != b {
		reason += fmt.Sprintf(": %s of overrun are tolerated, and were %s", b, a)
	}
	return reason
}

// tolerated is how long after the end of its cover the first facet was due; -1 if
// nothing says.
func tolerated(t Told) time.Duration {
	for _, f := range t.facets {
		from, err1 := time.Parse(time.RFC3339Nano, f.From)
		due, err2 := time.Parse(time.RFC3339Nano, f.Due)
		if err1 == nil && err2 == nil {
			return due.Sub(from)
		}
	}
	return -1
}

// overrun is the longest gap that the revisions name, with the kind of its access;
// 0 for none that has ended.
func overrun(told []Told) (time.Duration, toldFacet) {
	var longest time.Duration
	var of toldFacet
	for _, f := range told[len(told)-1].facets {
		from, err1 := time.Parse(time.RFC3339Nano, f.From)
		to, err2 := time.Parse(time.RFC3339Nano, f.To)
		if err1 == nil && err2 == nil && to.Sub(from) > longest {
			longest, of = to.Sub(from), f
		}
	}
	return longest, of
}

func (c comparison) whyRemoved(was []Told) string {
	if c.policy == nil {
		return "the replay does not tell it"
	}
	if s, ok := c.policy.Rules[correlator.RuleID(was[0].Rule)]; ok && s.Enabled != nil && !*s.Enabled {
		return "the policy switches " + was[0].Rule + " off"
	}
	if gap, f := overrun(was); gap > 0 {
		if grace := c.policy.Grace.Of(f.Kind); gap <= grace {
			return fmt.Sprintf("its overrun of %s is within the grace of %s for a %s; %s were tolerated", gap, grace, f.Kind, tolerated(was[0]))
		}
	}
	return "under this policy nothing follows from it"
}

func (c comparison) whyAdded(is []Told) string {
	switch {
	case c.policy == nil && is[0].Origin.Seq > c.end:
		return fmt.Sprintf("it follows from position %d, and nothing that was recorded follows from a position after %d: it may not have been published yet", is[0].Origin.Seq, c.end)
	case c.policy == nil:
		return "it was not recorded"
	}
	if gap, f := overrun(is); gap > 0 && tolerated(is[0]) >= 0 && gap > tolerated(is[0]) {
		return fmt.Sprintf("its overrun of %s is beyond the grace of %s for a %s", gap, c.policy.Grace.Of(f.Kind), f.Kind)
	}
	return "under this policy it is told: " + is[0].Message
}
