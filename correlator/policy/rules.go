package policy

import (
	"slices"

	"github.com/overstay/overstay/correlator"
)

// Rule is one rule that a policy may name.
type Rule struct {
	ID   correlator.RuleID
	Name string
}

// Works is false for a rule that is described and not built yet: turning it on is
// refused, since a rule that never fires looks like a clean record.
func (r Rule) Works() bool {
	return slices.ContainsFunc(correlator.Rules(), func(built correlator.Rule) bool { return built.ID == r.ID })
}

// Rules lists the rules by id. docs/rules describes each.
func Rules() []Rule {
	return []Rule{
		{"OV-001", "outlived"},
		{"OV-002", "used-after-end"},
		{"OV-003", "will-outlive"},
		{"OV-004", "unrevocable-tail"},
		{"OV-005", "unapproved"},
		{"OV-006", "exceeds-approval"},
		{"OV-007", "approval-unused"},
		{"OV-008", "revocation-ineffective"},
		{"OV-009", "revocation-failed"},
		{"OV-010", "closure-skew"},
		{"OV-011", "standing-path"},
		{"OV-012", "offboarded-live"},
		{"OV-013", "owner-gone"},
		{"OV-014", "break-glass-open"},
		{"OV-015", "self-approval"},
		{"OV-016", "delegation-mismatch"},
		{"OV-017", "shared-workload-identity"},
		{"OV-018", "human-use"},
		{"OV-019", "extended-unapproved"},
		{"OV-020", "overlap-conflict"},
		{"OV-021", "approval-altered"},
		{"OV-022", "source-blind"},
		{"OV-023", "clock-skew"},
		{"OV-024", "identity-unresolved"},
		{"OV-025", "evidence-tampered"},
		{"OV-026", "secret-not-rotated"},
	}
}

func findRule(id string) (Rule, bool) {
	rules := Rules()
	i := slices.IndexFunc(rules, func(r Rule) bool { return string(r.ID) == id })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

func ruleIDs() []string {
	var ids []string
	for _, r := range Rules() {
		ids = append(ids, string(r.ID))
	}
	return ids
}
