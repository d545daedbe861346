package events

import (
	"testing"

	"pgregory.net/rapid"
)

func TestMembershipIDReads(t *testing.T) {
	dba := Scope{System: "ldap/corp", Role: "cn=dba,ou=groups"}
	for _, c := range []struct {
		member ID
		scope  Scope
		path   MembershipPath
		want   string
	}{
		{"ldap/corp/uid:alice", dba, PathDirect, "ldap/corp/uid:alice in ldap/corp role=cn=dba,ou=groups"},
		{"ldap/corp/uid:alice", dba, PathNested, "ldap/corp/uid:alice in ldap/corp role=cn=dba,ou=groups path=nested"},
		{"alice", Scope{System: "db", Resource: "a b", Level: "read"}, PathDirect, `alice in db resource="a b" level=read`},
	} {
		if got := MembershipID(c.member, c.scope, c.path); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestMembershipIDsAreDistinct: no two memberships have one id, whatever their
// parts contain.
func TestMembershipIDsAreDistinct(t *testing.T) {
	part := rapid.SampledFrom([]string{"", "a", "b", "a b", " ", "in", "a in b", "role=a", "resource=a role=b", `"a"`, `"`, `a" role="b`, `\`, "path=nested"})
	membership := func(t *rapid.T) (ID, Scope, MembershipPath) {
		return ID("m" + part.Draw(t, "member")), Scope{"s" + part.Draw(t, "system"), part.Draw(t, "resource"), part.Draw(t, "role"), part.Draw(t, "level")},
			rapid.SampledFrom([]MembershipPath{PathDirect, PathNested}).Draw(t, "path")
	}
	rapid.Check(t, func(t *rapid.T) {
		m1, s1, p1 := membership(t)
		m2, s2, p2 := membership(t)
		same := m1 == m2 && s1 == s2 && p1 == p2
		if a, b := MembershipID(m1, s1, p1), MembershipID(m2, s2, p2); (a == b) != same {
			t.Fatalf("%s\n%s", a, b)
		}
	})
}
