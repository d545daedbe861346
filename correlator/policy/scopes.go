package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// maxMembers bounds one entitlement, since its members are compared pair by pair.
const maxMembers = 1000

// pattern reads the three parts of a scope pattern, with further keys beside.
func pattern(p *correlator.ScopePattern, beside strictyaml.Fields) strictyaml.Reader {
	fields := strictyaml.Fields{
		"system":   strictyaml.String(&p.System, systemIsPlain),
		"resource": strictyaml.String(&p.Resource, globIsSane),
		"role":     strictyaml.String(&p.Role, globIsSane),
	}
	for key, r := range beside {
		fields[key] = r
	}
	return strictyaml.Object(fields).Then(func(v strictyaml.Value) {
		if v.Lacks("system") {
			v.Report(`name one, such as "vault/prod"`, "has no system")
		}
	})
}

func systemIsPlain(s string) (message, hint string) {
	if strings.Contains(s, "*") {
		return fmt.Sprintf("%q has a *, and a system is matched as it is", s), "write one entry for each system"
	}
	return "", ""
}

// globIsSane refuses patterns that were written for another language, and would
// silently match nothing in this one.
func globIsSane(s string) (message, hint string) {
	switch {
	case len(s) > events.MaxIDLen:
		return fmt.Sprintf("has %d bytes, more than %d", len(s), events.MaxIDLen), ""
	case strings.Contains(s, "**"):
		return fmt.Sprintf("%q has two * in a row", s), "one * matches any run of characters, slashes included"
	case strings.HasPrefix(s, "^") || (strings.HasSuffix(s, "$") && strings.Contains(s, ".*")):
		return fmt.Sprintf("%q looks like a regular expression", s), "patterns match the whole text, and * is any run of characters"
	}
	return "", ""
}

func (l *loader) watch() strictyaml.Reader {
	lines := map[correlator.ScopePattern]int{}
	return strictyaml.List(&l.policy.Watched, func(p *correlator.ScopePattern) strictyaml.Reader {
		return pattern(p, nil).IfSound(func(v strictyaml.Value) {
			if line, twice := lines[*p]; twice {
				v.Report("", "is the same as on line %d", line)
			}
			lines[*p] = v.Line()
		})
	})
}

func (l *loader) entitlements() strictyaml.Reader {
	return strictyaml.Map(func(name string, key strictyaml.Value) strictyaml.Reader {
		e := correlator.Entitlement{Name: name}
		var at, levelAt []strictyaml.Value
		return strictyaml.Object(strictyaml.Fields{
			"levels": strictyaml.Strings(&e.Levels),
			"members": strictyaml.List(&e.Members, func(m *correlator.EntitlementMember) strictyaml.Reader {
				var levelPlace strictyaml.Value
				return pattern(&m.Scope, strictyaml.Fields{
					"level": strictyaml.String(&m.Level).Then(func(v strictyaml.Value) { levelPlace = v }),
				}).Then(func(v strictyaml.Value) {
					at, levelAt = append(at, v), append(levelAt, levelPlace)
				})
			}),
		}).Then(func(strictyaml.Value) {
			checkEntitlement(e, key, at, levelAt)
			l.policy.Entitlements = append(l.policy.Entitlements, e)
		})
	})
}

func checkEntitlement(e correlator.Entitlement, key strictyaml.Value, at, levelAt []strictyaml.Value) {
	switch {
	case e.Name == "":
		key.Report("", "an entitlement needs a name")
	case len(at) == 0:
		key.Report("list the native names of the right under members", "an entitlement without members joins nothing")
	case len(at) > maxMembers:
		key.Report("", "has %d members, more than %d", len(at), maxMembers)
		return
	}
	for i, m := range e.Members {
		if m.Level == "" || slices.Contains(e.Levels, m.Level) {
			continue
		}
		if len(e.Levels) == 0 {
			levelAt[i].Report("list them under levels, weakest first", "is %q, and the entitlement has no levels", m.Level)
			continue
		}
		levelAt[i].Report(strictyaml.Nearest(m.Level, e.Levels), "is %q, not one of the levels %s", m.Level, strings.Join(e.Levels, ", "))
	}
	checkOverlaps(e, at)
}

// checkOverlaps refuses members of one entitlement that overlap: at different
// levels a scope would have two, and an approval for the weaker would cover the
// stronger.
func checkOverlaps(e correlator.Entitlement, at []strictyaml.Value) {
	for i, m := range e.Members {
		for j, earlier := range e.Members[:i] {
			if m.Scope.System == "" || !m.Scope.Overlaps(earlier.Scope) {
				continue
			}
			if level(e, m) != level(e, earlier) {
				at[i].Report("make the patterns disjoint", "overlaps the member on line %d, which has level %q and not %q",
					at[j].Line(), level(e, earlier), level(e, m))
			} else if m.Scope == earlier.Scope {
				at[i].Report("", "is the same as on line %d", at[j].Line())
			}
		}
	}
}

// level is the member's level, the lowest where it states none.
func level(e correlator.Entitlement, m correlator.EntitlementMember) string {
	if m.Level == "" && len(e.Levels) > 0 {
		return e.Levels[0]
	}
	return m.Level
}
