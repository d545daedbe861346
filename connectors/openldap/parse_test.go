package openldap

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNormalDN(t *testing.T) {
	for in, want := range map[string]string{
		"uid=alice,ou=people,dc=example,dc=com":   "uid=alice,ou=people,dc=example,dc=com",
		"UID=Alice, OU=People ,dc=Example,DC=com": "uid=alice,ou=people,dc=example,dc=com",
		"cn=Ops   Team,dc=x":                      "cn=ops team,dc=x",
		`cn=Smith\, John,dc=x`:                    `cn=smith\, john,dc=x`,
		"ou=b+cn=a,dc=x":                          "cn=a+ou=b,dc=x",
		"cn=Zoë,dc=x":                             "cn=zoë,dc=x",
	} {
		got, err := normalDN(in)
		if err != nil || got != want {
			t.Errorf("normalDN(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	if foldDN("No DN At All") != "no dn at all" {
		t.Error("a name that is no DN is not kept")
	}
}

func TestUniqueMemberValues(t *testing.T) {
	for in, want := range map[string]string{
		"cn=a,dc=b#'0101'B": "cn=a,dc=b",
		"cn=a,dc=b":         "cn=a,dc=b",
		"cn=a#1,dc=b":       "cn=a#1,dc=b",
	} {
		if got := withoutUniqueID(in); got != want {
			t.Errorf("%q is taken as %q", in, got)
		}
	}
}

func TestCookiesOfSeveralServers(t *testing.T) {
	const a, b = "20261121192447.216107Z#000000#001#000000", "20261121192450.000000Z#000000#002#000000"
	csns, err := cookieCSNs([]byte("rid=000,sid=001,csn=" + a + ";" + b))
	if err != nil || len(csns) != 2 {
		t.Fatal(csns, err)
	}
	p := position{}
	if !p.advance(csns[0]) || p.advance(csns[0]) || !p.advance(csns[1]) {
		t.Error("a CSN is new once")
	}
	if got := string(p.cookie(7)); got != "rid=007,csn="+a+";"+b {
		t.Errorf("the cookie is %q", got)
	}
	if (position{"001": csns[0]}).reaches(p) || !p.reaches(position{"001": csns[0]}) || !p.reaches(position{}) {
		t.Error("reaches is wrong")
	}
	if got := csns[0].Time(); !got.Equal(time.Date(2026, 11, 21, 19, 24, 47, 216107000, time.UTC)) {
		t.Errorf("its time is %v", got)
	}
	for _, bad := range []string{"rid=000,csn=x", "csn=20261121192447.216107Z#000000#001", "csn=20261321192447.216107Z#000000#001#000000"} {
		if _, err := cookieCSNs([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if csns, err := cookieCSNs([]byte("rid=000")); err != nil || csns != nil {
		t.Error(csns, err)
	}
}

func TestDisableRules(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	today := itoa(now.Unix() / 86400)
	rules := append(DefaultDisabled(),
		DisableRule{Attribute: "loginShell", Condition: EndsWith, Value: "/nologin"},
		DisableRule{Attribute: "marked", Condition: Present},
		DisableRule{Condition: UnderUnit, Value: "OU=Leavers, dc=x"})
	for _, c := range []struct {
		dn, attribute, value string
		want                 bool
	}{
		{"uid=a,ou=people,dc=x", "uid", "a", false},
		{"uid=a,ou=people,dc=x", "shadowExpire", "1", true},
		{"uid=a,ou=people,dc=x", "shadowExpire", today, true},
		{"uid=a,ou=people,dc=x", "shadowExpire", "-1", false},
		{"uid=a,ou=people,dc=x", "shadowExpire", "0", false},
		{"uid=a,ou=people,dc=x", "shadowExpire", "99999", false},
		{"uid=a,ou=people,dc=x", "shadowExpire", "99999999999999999999", false},
		{"uid=a,ou=people,dc=x", "pwdAccountLockedTime", "000001010000Z", true},
		{"uid=a,ou=people,dc=x", "pwdAccountLockedTime", "20261121110000Z", false},
		{"uid=a,ou=people,dc=x", "nsAccountLock", "true", true},
		{"uid=a,ou=people,dc=x", "loginShell", "/usr/sbin/nologin", true},
		{"uid=a,ou=people,dc=x", "marked", "", true},
		{"uid=a,ou=leavers,dc=x", "uid", "a", true},
		{"uid=a,ou=not-leavers,dc=x", "uid", "a", false},
	} {
		values := func(attribute string) []string {
			if attribute == c.attribute {
				return []string{c.value}
			}
			return nil
		}
		if got := judge(rules, c.dn, values).at(now); got != c.want {
			t.Errorf("%s with %s=%q: disabled is %t", c.dn, c.attribute, c.value, got)
		}
	}
}

func FuzzDN(f *testing.F) {
	for _, s := range []string{"uid=alice,dc=x", `cn=a\,b+ou=\#c , dc = X`, "", "cn=#04024869", `cn=\E2\84\AA`, `A\20=0000`, "cn=ǅ  İ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := foldDN(s)
		normal, err := normalDN(s)
		if err != nil {
			return
		}
		if normal != once {
			t.Fatalf("foldDN gives %q and normalDN %q", once, normal)
		}
		if again, err := normalDN(normal); err != nil || again != normal {
			t.Fatalf("%q → %q → %q, %v", s, normal, again, err)
		}
	})
}

func FuzzCookie(f *testing.F) {
	f.Add([]byte("rid=000,sid=001,csn=20261121192447.216107Z#000000#001#000000;20261121192450.000000Z#000000#002#000000"))
	f.Add([]byte("rid=,csn=;,csn=20261121192447.216107Z#0"))
	f.Fuzz(func(t *testing.T, cookie []byte) {
		csns, err := cookieCSNs(cookie)
		if err != nil {
			if !utf8.ValidString(err.Error()) && utf8.Valid(cookie) {
				t.Fatalf("error %q", err)
			}
			return
		}
		p := position{}
		for _, c := range csns {
			if c.Time().IsZero() {
				t.Fatalf("%q has no time", c)
			}
			p.advance(c)
		}
		again, err := cookieCSNs(p.cookie(1))
		if err != nil || len(again) != len(p) {
			t.Fatalf("%q reads back as %v, %v", p.cookie(1), again, err)
		}
	})
}

func FuzzCursor(f *testing.F) {
	c := Config{Name: "corp", BaseDN: "dc=x"}.withDefaults()
	p := c.begin()
	p.Coverage = time.Unix(1e9, 0)
	p.Seen["000"] = "20261121192447.216107Z#000000#000#000000"
	good, err := p.cursor()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(good))
	f.Add([]byte(strings.Replace(string(good), `"held":"`, `"held":"AA`, 1)))
	f.Fuzz(func(t *testing.T, cursor []byte) {
		if p, err := c.resume(cursor); err == nil {
			p.knownUntil()
		}
	})
}
