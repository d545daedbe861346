package policy

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// Each file below testdata/problems is a policy that somebody got wrong, with
// what we tell them at its end.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Load("policy.yaml", text)
			_, tail, ok := strings.Cut(string(text), "# problems:\n")
			if !ok {
				t.Fatal("the story does not say which problems it expects")
			}
			var want []string
			for line := range strings.Lines(tail) {
				want = append(want, "policy.yaml:"+strings.TrimPrefix(strings.TrimSpace(line), "# "))
			}
			if got := problemLines(t, err); !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func problemLines(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var problems *ProblemsError
	if !errors.As(err, &problems) {
		t.Fatalf("the error is %T, not a list of problems", err)
	}
	var lines []string
	for _, p := range problems.Problems {
		lines = append(lines, p.String())
	}
	return lines
}

// The policy of docs/policy.md, read key by key.
func TestLoadReadsEveryKey(t *testing.T) {
	text, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load("full.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	conditions := got.Rules["OV-005"].Unless
	if len(conditions) != 1 || conditions[0].String() != `subject.startsWith("svc/ci-")` {
		t.Errorf("conditions of OV-005: %v", conditions)
	}
	yes, no := true, false
	want := &correlator.Policy{
		Hash:  Hash(text),
		Grace: correlator.Grace{Session: 30 * time.Second, Lease: 45 * time.Second, Membership: 3 * time.Minute},
		Rules: map[correlator.RuleID]correlator.RuleSetting{
			"OV-003": {Enabled: &no},
			"OV-005": {Enabled: &yes, Severity: correlator.Critical, Unless: conditions},
			"OV-012": {Enabled: &yes},
			"OV-013": {Enabled: &yes},
			"OV-014": {Enabled: &yes},
		},
		Entitlements: []correlator.Entitlement{{
			Name:   "orders-db-admin",
			Levels: []string{"read", "write", "admin"},
			Members: []correlator.EntitlementMember{
				{Scope: correlator.ScopePattern{System: "teleport/prod", Role: "orders-dba"}, Level: "admin"},
				{Scope: correlator.ScopePattern{System: "vault/prod", Resource: "database", Role: "database/creds/orders-*"}, Level: "read"},
				{Scope: correlator.ScopePattern{System: "ldap/corp", Role: "cn=orders-dba,*"}},
			},
		}},
		Watched: []correlator.ScopePattern{{System: "ldap/corp", Role: "cn=*-dba,*"}},
		Realms: map[string]events.Realm{
			"ldap/corp/dn":       {Name: "ldap/corp/dn", Recyclable: true, Rank: 5},
			"ldap/corp/mailbox":  {Name: "ldap/corp/mailbox", Shared: true, FoldCase: true},
			"okta/uid":           {Name: "okta/uid", Immutable: true},
			"vault/prod/approle": {Name: "vault/prod/approle", Workload: true},
		},
		Joins: []correlator.Join{{Realms: []string{"teleport/prod/user", "vault/prod/userpass", "ldap/corp/uid"}, FoldCase: true}},
		Links: []correlator.Link{{
			A: "github:alice-x", B: "ldap/corp/uid:alice",
			From: correlator.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Until: correlator.At(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)),
		}},
		Sources: map[string]correlator.SourceSetting{
			"vault://prod": {
				EndReporting: map[events.AccessKind]events.EndReporting{events.KindLease: events.EndsAlways},
				Settle:       5 * time.Second, Silence: 2 * time.Minute, Uncertainty: 2 * time.Second,
				Progress: &yes, Approvals: &no, Links: &no, TrustProbes: true,
				Retired: correlator.At(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)),
			},
			"pam://x": {Authority: &correlator.Authority{
				Types: []string{"approval", "access.used"}, Systems: []string{"vault/*"},
				Realms: []string{"*", "ldap/corp/uid", "vault/prod/*", ""}, Sources: []string{"vault://prod"},
			}},
		},
		RefuseUnlisted:   true,
		Offboarding:      correlator.Offboarding{Realms: []string{"ldap/corp/uid"}, After: 20 * time.Minute},
		UnprovenAfter:    10 * time.Minute,
		HoldUnproven:     true,
		BreakGlass:       []events.ID{"ldap/corp/uid:emergency"},
		BreakGlassRecord: 5 * time.Minute,

		BreakGlassSelfApproval: true,
		ClosureWithin:          20 * time.Minute,
		Workloads:              correlator.Workloads{Realms: []string{"ldap/corp/svc"}, IDs: []string{"vault/prod/approle:*"}, Takeover: 3 * 24 * time.Hour},
		BreakGlassAtMost:       2 * time.Hour,
		AfterEnd:               8 * time.Hour,
		RotateWithin:           12 * time.Hour,
		Pipelines:              []string{"ci/prod/job:deploy-*"},
		Horizon:                48 * time.Hour,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestAnEmptyPolicyIsTheDefault: in the log. In a file it is a slip, unless it says
// that the defaults are meant.
func TestAnEmptyPolicyIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing yet\n", "\n", "---\n", Nothing, "# the defaults\n{}"} {
		_, err := LoadSource(strictyaml.Source{File: "policy.yaml", Text: []byte(text)})
		if strings.Contains(text, "{}") {
			if err != nil {
				t.Errorf("%q in a file: %v", text, err)
			}
		} else if err == nil || err.Error() != "policy.yaml:1:1: the policy says nothing: it is empty, or has nothing but comments (write {} if the defaults are meant; any of the keys of docs/policy.md says more)" {
			t.Errorf("%q in a file: %v", text, err)
		}
		got, err := Load("policy.yaml", []byte(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want := correlator.DefaultPolicy()
		want.Hash = Hash([]byte(text))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q gives %+v", text, got)
		}
	}
}

func TestWhatIsWrittenDownIsOn(t *testing.T) {
	p, err := Load("p", []byte("watch: [{system: ldap/corp}]\noffboarding: {realms: [ldap/corp/uid]}\nrules: {OV-012: {enabled: false}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if on := p.Rules["OV-005"].Enabled; on == nil || !*on {
		t.Error("scopes are watched and OV-005 is not on")
	}
	if on := p.Rules["OV-012"].Enabled; on == nil || *on {
		t.Error("OV-012 was turned off and is on")
	}
}

func TestLimits(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"size":    {"# " + strings.Repeat("x", MaxBytes), "p: the policy has 196610 bytes, more than 196608"},
		"entries": {"watch:\n" + strings.Repeat("- a\n", 10_000), "p:1:1: the document has 10001 entries, more than 10000"},
		"nesting": {"watch: " + strings.Repeat("[", 33), "p:1:40: brackets are nested more than 32 deep"},
		"dashes":  {strings.Repeat("- ", 129), "p:1:257: a list begins at column 257, beyond 256"},
		"utf-8":   {"grace:\n  é: \xff", "p:2:6: the document is not valid UTF-8 (save the file as UTF-8)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load("p", []byte(tt.text))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}
