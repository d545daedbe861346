package policy

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

const maxConditions = 64 // of one rule; each is evaluated for every finding

func (l *loader) sources() strictyaml.Reader {
	return strictyaml.Map(func(uri string, key strictyaml.Value) strictyaml.Reader {
		s := correlator.SourceSetting{}
		var probes string
		var retired time.Time
		return strictyaml.Object(strictyaml.Fields{
			"settle":      strictyaml.Duration(&s.Settle, time.Millisecond, time.Hour),
			"silence":     strictyaml.Duration(&s.Silence, 10*time.Second, day),
			"uncertainty": strictyaml.Duration(&s.Uncertainty, 0, day),
			"progress":    strictyaml.BoolSet(&s.Progress),
			"approvals":   strictyaml.BoolSet(&s.Approvals),
			"ends":        ends(&s.EndReporting),
			"links":       strictyaml.BoolSet(&s.Links),
			"probes":      strictyaml.Word(&probes, probesClaim, probesTrusted),
			"authority":   authority(&s.Authority),
			"retired":     strictyaml.Instant(&retired),
		}).Then(func(strictyaml.Value) {
			if message, hint := sourceIsURI(uri); message != "" {
				key.Report(hint, "%s", message)
			}
			if s.Progress != nil && !*s.Progress && s.Silence > 0 {
				key.Report("remove one of the two", "owes no progress, so silence means nothing")
			}
			s.Retired = correlator.At(retired)
			s.TrustProbes = probes == probesTrusted
			if l.policy.Sources == nil {
				l.policy.Sources = map[string]correlator.SourceSetting{}
			}
			l.policy.Sources[uri] = s
		})
	})
}

func ends(into *map[events.AccessKind]events.EndReporting) strictyaml.Reader {
	fields := strictyaml.Fields{}
	for _, kind := range []events.AccessKind{events.KindSession, events.KindLease, events.KindMembership} {
		fields[string(kind)] = strictyaml.Func(func(v strictyaml.Value) {
			var word events.EndReporting
			strictyaml.Word(&word, events.EndsAlways, events.EndsSometimes, events.EndsNever).Read(v)
			if *into == nil {
				*into = map[events.AccessKind]events.EndReporting{}
			}
			(*into)[kind] = word
		})
	}
	return strictyaml.Object(fields)
}

func sourceIsURI(uri string) (message, hint string) {
	u, err := url.Parse(uri)
	if err == nil && u.Scheme != "" && !strings.Contains(uri, "*") && len(uri) <= strictyaml.MaxString {
		return "", ""
	}
	return fmt.Sprintf("%q is not the URI of a source", uri), `write it as in its events, such as "vault://prod"`
}

func (l *loader) rules() strictyaml.Reader {
	return strictyaml.Map(func(id string, key strictyaml.Value) strictyaml.Reader {
		s := correlator.RuleSetting{}
		var severity string
		return strictyaml.Object(strictyaml.Fields{
			"enabled":  strictyaml.BoolSet(&s.Enabled),
			"severity": strictyaml.Word(&severity, severities()...),
			"unless": strictyaml.List(&s.Unless, func(c *correlator.Condition) strictyaml.Reader {
				return strictyaml.Func(func(v strictyaml.Value) { l.cel.read(c, v) })
			}).Then(func(v strictyaml.Value) {
				if len(s.Unless) > maxConditions {
					v.Report("", "has %d conditions, more than %d", len(s.Unless), maxConditions)
				}
			}),
		}).Then(func(strictyaml.Value) {
			s.Severity, _ = correlator.ParseSeverity(severity)
			l.setRule(id, s, key)
		})
	})
}

func severities() []string {
	var words []string
	for s := correlator.Informational; s <= correlator.Critical; s++ {
		words = append(words, s.String())
	}
	return words
}

func (l *loader) setRule(id string, s correlator.RuleSetting, key strictyaml.Value) {
	rule, known := findRule(id)
	if !known {
		key.Report(strictyaml.DidYouMean(id, ruleIDs()), "is not a rule")
		return
	}
	off := s.Enabled != nil && !*s.Enabled
	if !rule.Works() && !off {
		key.Report("remove it, or set enabled: false", "%s is not built in this version, and would never fire", rule.Name)
	}
	if s.Enabled != nil && *s.Enabled {
		l.enabled[rule.ID] = key
	}
	if l.policy.Rules == nil {
		l.policy.Rules = map[correlator.RuleID]correlator.RuleSetting{}
	}
	l.policy.Rules[rule.ID] = s
}

// checkEnabled refuses a rule that is turned on without what it needs to know:
// it could never fire, and would look like a clean record.
func (l *loader) checkEnabled() {
	if key, on := l.enabled["OV-005"]; on && len(l.policy.Watched) == 0 {
		key.Report("list the scopes that must be approved under watch", "is enabled and nothing is watched, so it can never fire")
	}
	if key, on := l.enabled["OV-012"]; on && len(l.policy.Offboarding.Realms) == 0 {
		key.Report("name the realms that say who has left under offboarding.realms", "is enabled and no realm says who has left, so it can never fire")
	}
}
