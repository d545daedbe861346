package policy

import (
	"slices"

	"github.com/overstay/overstay/correlator"
)

// Rule is one rule that a policy may name.
type Rule struct {
	ID   correlator.RuleID
	Name string
	// Works is false for a rule that is described and not built yet: turning it
	// on is refused, since a rule that never fires looks like a clean record.
	Works bool
}

// Rules lists the rules by id. docs/rules describes each.
func Rules() []Rule {
	return []Rule{
		{"OV-001", "outlived", true},
		{"OV-002", "used-after-end", false},
		{"OV-003", "will-outlive", true},
		{"OV-004", "unrevocable-tail", false},
		{"OV-005", "unapproved", true},
		{"OV-006", "exceeds-approval", false},
		{"OV-007", "approval-unused", false},
		{"OV-008", "revocation-ineffective", false},
		{"OV-009", "revocation-failed", true},
		{"OV-010", "closure-skew", false},
		{"OV-011", "standing-path", false},
		{"OV-012", "offboarded-live", true},
		{"OV-013", "owner-gone", false},
		{"OV-014", "break-glass-open", false},
		{"OV-015", "self-approval", false},
		{"OV-016", "delegation-mismatch", false},
		{"OV-017", "shared-workload-identity", false},
		{"OV-018", "human-use", false},
		{"OV-019", "extended-unapproved", true},
		{"OV-020", "overlap-conflict", false},
		{"OV-021", "approval-altered", false},
		{"OV-022", "source-blind", true},
		{"OV-023", "clock-skew", false},
		{"OV-024", "identity-unresolved", false},
		{"OV-025", "evidence-tampered", false},
		{"OV-026", "secret-not-rotated", false},
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
