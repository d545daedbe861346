package policy

import (
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
)

var lease = correlator.ConditionInput{
	Rule: "OV-005", Kind: "lease", Source: "vault://prod", ID: "database/creds/orders-rw/1", Subject: "vault/prod/userpass:alice",
	Person: []string{"vault/prod/userpass:alice", "ldap/corp/uid:alice"},
	System: "vault/prod", Resource: "database", Role: "database/creds/orders-rw", Level: "write", Approval: "req-1", Credential: "dynamic",
}

func compile(t *testing.T, expression string) correlator.Condition {
	t.Helper()
	text := "rules:\n  OV-001:\n    unless:\n      - |\n        " + strings.ReplaceAll(expression, "\n", "\n        ") + "\n"
	p, err := Load("p", []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return p.Rules["OV-001"].Unless[0]
}

func TestConditions(t *testing.T) {
	for expression, want := range map[string]bool{
		`true`:                                       true,
		`kind == "lease" && role.endsWith("rw")`:     true,
		`subject.startsWith("svc/ci-")`:              false,
		`"ldap/corp/uid:alice" in person`:            true,
		`person.exists(p, p.startsWith("ldap/"))`:    true,
		`role.matches("^database/creds/[a-z]+-rw$")`: true,
		`size(person) == 2 && person[0] == subject`:  true,
		`[rule, kind, source, id, subject, system, resource, role, level, approval, credential].all(x, x != "")`: true,
		`source == "vault://prod" &&` + "\n" + `credential != "static"`:                                          true,
		// What fails while it runs does not hold, unless it did not matter.
		`person[7] == "root"`:                    false,
		`person[7] != "root"`:                    false,
		`kind == "lease" || person[7] == "root"`: true,
	} {
		c := compile(t, expression)
		if got := c.Holds(lease); got != want {
			t.Errorf("%s holds: %v, want %v", expression, got, want)
		}
		if c.String() != expression {
			t.Errorf("%q calls itself %q", expression, c.String())
		}
	}
}

// A person with more ids than the estimate reckoned with: the condition is given
// up at the limit, and the finding is told.
func TestCostLimitHoldsNothingBack(t *testing.T) {
	c := compile(t, `person.exists(p, p.matches("^(a|b|c)*x$")) || true`)
	crowd := lease
	for range 20_000 {
		crowd.Person = append(crowd.Person, strings.Repeat("a", 200))
	}
	if c.Holds(crowd) {
		t.Error("holds beyond the cost limit")
	}
	if !c.Holds(lease) {
		t.Error("does not hold for an ordinary person")
	}
}

func BenchmarkCondition(b *testing.B) {
	p, err := Load("p", []byte(`rules: {OV-001: {unless: ['kind == "lease" && subject.startsWith("svc/ci-")']}}`))
	if err != nil {
		b.Fatal(err)
	}
	c := p.Rules["OV-001"].Unless[0]
	b.ReportAllocs()
	for b.Loop() {
		c.Holds(lease)
	}
}
