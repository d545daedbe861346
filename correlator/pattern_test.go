package correlator

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

func TestScopePatternMatches(t *testing.T) {
	dba := events.Scope{System: "ldap/corp", Role: "cn=orders-dba,ou=groups,dc=corp"}
	creds := events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/orders-rw", Level: "write"}
	for _, tt := range []struct {
		name    string
		pattern ScopePattern
		scope   events.Scope
		want    bool
	}{
		{"a group by the beginning of its DN", ScopePattern{System: "ldap/corp", Role: "cn=*-dba,*"}, dba, true},
		{"another directory", ScopePattern{System: "ldap/other", Role: "cn=*-dba,*"}, dba, false},
		{"systems are not globs", ScopePattern{System: "ldap/*"}, dba, false},
		{"a whole system", ScopePattern{System: "ldap/corp"}, dba, true},
		{"a family of roles", ScopePattern{System: "vault/prod", Role: "database/creds/orders-*"}, creds, true},
		{"the level plays no part", ScopePattern{System: "vault/prod", Resource: "database", Role: "database/creds/orders-rw"}, creds, true},
		{"the resource counts", ScopePattern{System: "vault/prod", Resource: "kv", Role: "*"}, creds, false},
		{"a part may not be used twice", ScopePattern{System: "s", Role: "ab*ba"}, events.Scope{System: "s", Role: "aba"}, false},
		{"a star takes nothing too", ScopePattern{System: "s", Role: "ab*ba"}, events.Scope{System: "s", Role: "abba"}, true},
		{"only a star is special", ScopePattern{System: "s", Role: "a.?[b]"}, events.Scope{System: "s", Role: "axxb"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.pattern.Matches(tt.scope); got != tt.want {
				t.Errorf("%+v matches %+v: %v, want %v", tt.pattern, tt.scope, got, tt.want)
			}
		})
	}
}

// obviousGlob is the definition, tried out in every way.
func obviousGlob(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		return obviousGlob(pattern[1:], s) || (s != "" && obviousGlob(pattern, s[1:]))
	}
	return s != "" && pattern[0] == s[0] && obviousGlob(pattern[1:], s[1:])
}

func TestGlobAgreesWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*]{1,7}`).Draw(t, "pattern")
		s := rapid.StringMatching(`[ab]{0,9}`).Draw(t, "s")
		if got, want := matchGlob(pattern, s), obviousGlob(pattern, s); got != want {
			t.Fatalf("%q matches %q: %v, want %v", pattern, s, got, want)
		}
	})
}

// Two patterns overlap exactly if a string over their alphabet, as long as both
// together, matches both: what lies between can always be shortened to that.
func TestOverlapAgreesWithTrying(t *testing.T) {
	var words []string
	for n, level := 0, []string{""}; n <= 6; n++ {
		words = append(words, level...)
		var next []string
		for _, w := range level {
			next = append(next, w+"a", w+"b")
		}
		level = next
	}
	rapid.Check(t, func(t *rapid.T) {
		glob := rapid.StringMatching(`[ab*]{0,3}`)
		a, b := glob.Draw(t, "a"), glob.Draw(t, "b")
		want := false
		for _, w := range words {
			want = want || (matchGlob(a, w) && matchGlob(b, w))
		}
		if got := overlapGlobs(a, b); got != want {
			t.Fatalf("%q and %q overlap: %v, want %v", a, b, got, want)
		}
		if overlapGlobs(a, b) != overlapGlobs(b, a) {
			t.Fatalf("overlap of %q and %q depends on the order", a, b)
		}
	})
}

// A backtracking matcher would not come back from this one.
func TestGlobIsLinear(t *testing.T) {
	if matchGlob(strings.Repeat("a*", 2000)+"b", strings.Repeat("a", 1<<20)) {
		t.Error("matches, though there is no b")
	}
}
