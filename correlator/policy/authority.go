package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// What a refused probe of another source's access is worth.
const (
	probesClaim   = "claim"
	probesTrusted = "trusted"
)

// Whether a source that the policy does not list may speak.
const (
	unlistedAccepted = "accept"
	unlistedRefused  = "refuse"
)

// unlisted reads what becomes of sources that the policy does not list.
func (l *loader) unlisted() strictyaml.Reader {
	var word string
	return strictyaml.Word(&word, unlistedAccepted, unlistedRefused).Then(func(v strictyaml.Value) {
		l.policy.RefuseUnlisted = word == unlistedRefused
		l.refusal = v
	})
}

// checkUnlisted refuses a policy that lets nobody speak.
func (l *loader) checkUnlisted() {
	if l.policy.RefuseUnlisted && len(l.policy.Sources) == 0 {
		l.refusal.Report("list them under sources, such as vault://prod: {settle: 5s}", "refuses all sources, since none is listed")
	}
}

// authority is what a source may speak of; a list that is left out allows
// everything.
func authority(into **correlator.Authority) strictyaml.Reader {
	a := &correlator.Authority{}
	return strictyaml.Object(strictyaml.Fields{
		"types":   strictyaml.Strings(&a.Types, typeIsSpoken),
		"systems": strictyaml.Strings(&a.Systems),
		"realms":  strictyaml.StringsOrEmpty(&a.Realms, realmPatternIsValid),
		"sources": strictyaml.Strings(&a.Sources),
	}).Then(func(strictyaml.Value) { *into = a })
}

// typeIsSpoken refuses what no source ever says: such a list would allow less than
// it seems to.
func typeIsSpoken(pattern string) (message, hint string) {
	var known []string
	for _, t := range events.Types() {
		if !t.FromSource() || t.Class() == "source" {
			continue
		}
		for _, word := range []string{t.Class(), t.Short()} {
			if word == pattern {
				return "", ""
			}
			if !slices.Contains(known, word) {
				known = append(known, word)
			}
		}
	}
	if class, ok := strings.CutSuffix(pattern, ".*"); ok && slices.Contains(known, class) {
		return fmt.Sprintf("%q is no type", pattern), fmt.Sprintf("write %q for all of them", class)
	}
	return fmt.Sprintf("%q is neither a class nor a type that a source may say", pattern), strictyaml.DidYouMean(pattern, known)
}

// realmPatternIsValid allows a realm, a beginning of realms, and "" for the ids that
// have none.
func realmPatternIsValid(pattern string) (message, hint string) {
	head, starred := strings.CutSuffix(pattern, "*")
	switch {
	case pattern == "*" || pattern == "":
		return "", ""
	case strings.Contains(head, "*"):
		return fmt.Sprintf("%q has a * that is not its last character", pattern), `write a beginning of realms, such as "vault/prod/*"`
	case starred:
		return realmIsValid(strings.TrimRight(head, "/"))
	}
	return realmIsValid(pattern)
}
