package config

import (
	"fmt"
	"net/url"
	"time"

	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/connectors/openldap"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// OpenLDAP is a directory and how to read it. Zero values take the connector's
// own defaults.
type OpenLDAP struct {
	URL      string
	StartTLS bool
	CA       string
	BindDN   string
	Password secret.Reference
	BaseDN   string

	GroupClasses        []string
	PeopleClasses       []string
	MemberAttributes    []string
	MemberUIDAttributes []string
	Disabled            []DisableRule

	SnapshotEvery time.Duration
	ReplicaID     int
	MaxEntries    int
	MaxMembers    int
}

// DisableRule is one way in which the directory disables an account.
type DisableRule struct {
	Attribute string
	Condition string
	Value     string
}

func (l *loader) openLDAP(c *OpenLDAP) strictyaml.Fields {
	return strictyaml.Fields{
		"url":                 strictyaml.String(&c.URL, urlOf("a directory", "ldaps://ldap.example.com", "ldap", "ldaps", "ldapi")),
		"startTLS":            strictyaml.Bool(&c.StartTLS),
		"ca":                  l.authority(&c.CA),
		"bindDN":              strictyaml.String(&c.BindDN),
		"password":            l.secret(&c.Password, anySecret),
		"baseDN":              strictyaml.String(&c.BaseDN, isBaseDN),
		"groupClasses":        strictyaml.Strings(&c.GroupClasses),
		"peopleClasses":       strictyaml.Strings(&c.PeopleClasses),
		"memberAttributes":    strictyaml.Strings(&c.MemberAttributes),
		"memberUIDAttributes": strictyaml.Strings(&c.MemberUIDAttributes),
		"disabled":            strictyaml.List(&c.Disabled, disableRule),
		"snapshotEvery":       strictyaml.Duration(&c.SnapshotEvery, time.Minute, day),
		"replicaID":           strictyaml.Int(&c.ReplicaID, 0, 999),
		"maxEntries":          strictyaml.Int(&c.MaxEntries, 1, 10_000_000),
		"maxMembers":          strictyaml.Int(&c.MaxMembers, 1, 1_000_000),
	}
}

func isBaseDN(dn string) (message, hint string) {
	if openldap.CheckBaseDN(dn) != nil {
		return fmt.Sprintf("%q is not a distinguished name", dn), "the suffix of the database is best, such as dc=example,dc=com"
	}
	return "", ""
}

func disableRule(r *DisableRule) strictyaml.Reader {
	return strictyaml.Object(strictyaml.Fields{
		"attribute": strictyaml.String(&r.Attribute),
		"condition": strictyaml.Word(&r.Condition, "present", "equals", "ends-with", "days-past", "under"),
		"value":     strictyaml.String(&r.Value),
	}).IfSound(func(v strictyaml.Value) {
		needsValue := r.Condition == "equals" || r.Condition == "ends-with" || r.Condition == "under"
		switch {
		case r.Condition == "":
			v.Report("", "has no condition")
		case (r.Condition == "under") == (r.Attribute != ""):
			v.Report("every condition but under looks at an attribute", "attribute and condition %q do not fit", r.Condition)
		case needsValue == (r.Value == ""):
			v.Report("equals, ends-with and under compare with a value", "value and condition %q do not fit", r.Condition)
		}
	})
}

// check looks at the keys together.
func (c *OpenLDAP) check(v strictyaml.Value) {
	if v.Lacks("bindDN") != v.Lacks("password") {
		v.Report("", "bindDN and password go together")
	}
	u, err := url.Parse(c.URL)
	if err != nil || c.URL == "" {
		return // reported with the key itself
	}
	at, _ := v.Key("url")
	switch {
	case u.Scheme != "ldap" && c.StartTLS:
		at.Report("remove startTLS", "startTLS is for ldap://, not for %s://", u.Scheme)
	case u.Scheme == "ldap" && !c.StartTLS && c.BindDN != "" && !loopback(withPort(u.Host)):
		at.Report("use ldaps:// or startTLS: true", "the bind password would cross the network in the clear")
	}
}

// withPort makes a host with or without a port one with.
func withPort(host string) string {
	u := url.URL{Host: host}
	if u.Port() == "" {
		return host + ":389"
	}
	return host
}
