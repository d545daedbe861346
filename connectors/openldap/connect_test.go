package openldap

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/overstay/overstay/connectors/openldap/slapdtest"
)

func TestTLSIsVerified(t *testing.T) {
	s := slapdtest.Start(t, slapdtest.WithTLS())
	for name, change := range map[string]func(*Config){
		"ldaps":    func(c *Config) { c.URL = s.SecureURL },
		"StartTLS": func(c *Config) { c.StartTLS = true },
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t, s)
			change(&c)
			var unknown x509.UnknownAuthorityError
			if err := follow(t, c, nil).ended(); err == nil || !errors.As(err, &unknown) && !strings.Contains(err.Error(), "unknown authority") {
				t.Errorf("without the CA, Run returned %v", err)
			}
			c.CAFile = s.CAFile
			begunWith(t, c)
		})
	}
}

func TestWhatCannotBeConnected(t *testing.T) {
	s := slapdtest.Start(t)
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no such file":   {func(c *Config) { c.PasswordFile += "-nowhere" }, "read the bind password"},
		"empty variable": {func(c *Config) { c.PasswordFile, c.PasswordEnv = "", "OVERSTAY_TEST_NO_SUCH_VARIABLE" }, "OVERSTAY_TEST_NO_SUCH_VARIABLE is empty"},
		"no such CA":     {func(c *Config) { c.StartTLS, c.CAFile = true, "nowhere.pem" }, "CA certificates"},
		"no PEM":         {func(c *Config) { c.StartTLS, c.CAFile = true, c.PasswordFile }, "no PEM certificate"},
		"no TLS there":   {func(c *Config) { c.StartTLS = true }, "start TLS on"},
		"no base":        {func(c *Config) { c.BaseDN = "dc=nowhere" }, "No Such Object"},
		"no socket":      {func(c *Config) { c.URL = "ldapi:///nowhere/ldapi" }, "connect to ldapi:///nowhere/ldapi"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, s)
			c.change(&cfg)
			if err := follow(t, cfg, nil).ended(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Run returned %v, want something with %q", err, c.want)
			}
		})
	}
}

func TestSettingsAreCheckedAllAtOnce(t *testing.T) {
	_, err := New(Config{
		Name: "Corp!", URL: "http://ldap", BaseDN: "=", BindDN: "cn=x", ReplicaID: 1000, MaxMembers: -1,
		Disabled: []DisableRule{{Attribute: "a", Condition: "odd", Value: "v"}, {Condition: Present}, {Attribute: "a", Condition: Equals}},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{`name "Corp!"`, `url "http://ldap"`, `baseDN "="`, "go together", "replicaID 1000",
		"must not be negative", `disabled[0]: condition "odd"`, "disabled[1]", "disabled[2]"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}

func TestAPasswordIsNotSentInTheClear(t *testing.T) {
	c := Config{Name: "corp", URL: "ldap://ldap.example.com", BaseDN: "dc=example", BindDN: "cn=x", PasswordEnv: "X"}
	if _, err := New(c); err == nil || !strings.Contains(err.Error(), "in the clear") {
		t.Errorf("New returned %v", err)
	}
	c.StartTLS = true
	if _, err := New(c); err != nil {
		t.Error(err)
	}
	for _, url := range []string{"ldaps://ldap.example.com", "ldapi:///run/slapd"} {
		c.URL = url
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), "startTLS") {
			t.Errorf("StartTLS on %s: %v", url, err)
		}
	}
}
