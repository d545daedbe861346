package correlator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/events"
)

// advice turns gaps in knowledge into pieces of policy, in all at most maxAdvice
// joins and members: first who is who, since rights are compared person by person.
func advice(r Report) []string {
	var out []string
	joins := r.Unjoined[:min(len(r.Unjoined), maxAdvice)]
	if len(joins) > 0 {
		out = append(out, joinAdvice(joins))
	}
	if text := entitlementAdvice(r.Unmapped, maxAdvice-len(joins)); text != "" {
		out = append(out, text)
	}
	return out
}

func joinAdvice(pairs []RealmPair) string {
	var b strings.Builder
	b.WriteString("identity:\n  joins:\n")
	for _, p := range pairs {
		fold := ""
		if p.FoldCase {
			fold = ", foldCase: true"
		}
		fmt.Fprintf(&b, "    - {realms: [%q, %q]%s}   # %s in both\n", p.A, p.B, fold, counted(p.Shared, "name"))
	}
	return b.String()
}

// entitlementAdvice puts scopes that were judged by no approval beside those that
// the same people were approved for.
func entitlementAdvice(unmapped []ScopeCount, most int) string {
	var order []events.Scope
	members := map[events.Scope][]ScopeCount{}
	for _, u := range unmapped {
		if most == 0 || !sayable(u.Scope) || !sayable(u.Near) {
			continue
		}
		most--
		if members[u.Near] == nil {
			order = append(order, u.Near)
		}
		members[u.Near] = append(members[u.Near], u)
	}
	if len(order) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("entitlements:\n")
	var names []string
	for _, near := range order {
		name := rightName(near, names)
		names = append(names, name)
		fmt.Fprintf(&b, "  %q:\n    members:\n      - %s\n", name, member(near))
		for _, u := range members[near] {
			fmt.Fprintf(&b, "      - %s   # %d open, if it is the same right\n", member(u.Scope), u.Count)
		}
	}
	return b.String()
}

// sayable reports whether a member can be written that means this scope and no
// more: a * in it would match others, a system alone would match all in it.
func sayable(s events.Scope) bool {
	if s.Resource == "" && s.Role == "" || len(s.Resource) > events.MaxIDLen || len(s.Role) > events.MaxIDLen {
		return false
	}
	return !strings.Contains(s.System+s.Resource+s.Role, "*") && !strings.HasPrefix(s.Resource, "^") && !strings.HasPrefix(s.Role, "^")
}

// rightName makes a name for an entitlement, to be replaced by a better one.
func rightName(s events.Scope, taken []string) string {
	base := strings.Trim(strings.TrimSpace(s.Resource+" "+s.Role), " ")
	name := base
	for n := 2; slices.Contains(taken, name); n++ {
		name = fmt.Sprintf("%s %d", base, n)
	}
	return name
}

// member writes a scope as a member of an entitlement.
func member(s events.Scope) string {
	parts := []string{fmt.Sprintf("system: %q", s.System)}
	if s.Resource != "" {
		parts = append(parts, fmt.Sprintf("resource: %q", s.Resource))
	}
	if s.Role != "" {
		parts = append(parts, fmt.Sprintf("role: %q", s.Role))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
