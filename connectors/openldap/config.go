package openldap

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"time"
)

// Config says which directory is read, as whom, and what its entries mean. The
// zero value of every field but Name, URL and BaseDN has a default.
type Config struct {
	// Name is the directory's name in ids and scopes: "corp" gives the system
	// "ldap/corp" and the source "ldap://corp". It must never change.
	Name string
	// URL is ldap://host:port, ldaps://host:port or ldapi:///path/of/socket.
	URL string
	// StartTLS upgrades an ldap:// connection before anything else is said.
	StartTLS bool
	// CAFile holds the PEM certificates to trust; empty: the system's.
	CAFile string

	// BindDN is the account to read as. Empty: SASL EXTERNAL over ldapi, else
	// anonymous.
	BindDN string
	// PasswordFile and PasswordEnv name where the password is; one of them. It
	// is read at each connect, so that a rotated one is picked up.
	PasswordFile string
	PasswordEnv  string

	// BaseDN is where the directory is read from. With the database's suffix
	// itself, progress rests on the directory's position; below it, changes
	// elsewhere make that impossible at times (see docs/connectors/openldap.md).
	BaseDN string

	// GroupClasses and PeopleClasses are the object classes that make an entry
	// a group or a person's account; anything else is passed over.
	GroupClasses  []string
	PeopleClasses []string
	// MemberAttributes hold members by DN, MemberUIDAttributes by uid.
	MemberAttributes    []string
	MemberUIDAttributes []string
	// Disabled says when an account counts as disabled: when any rule holds.
	Disabled []DisableRule

	// SnapshotEvery is the time between two full scans.
	SnapshotEvery time.Duration
	// ReplicaID is the rid (0 to 999) in the cookies sent to the directory.
	ReplicaID int

	// MaxEntries bounds the people and groups held in memory, MaxMembers those
	// of one group.
	MaxEntries int
	MaxMembers int
}

const (
	defaultSnapshotEvery = 15 * time.Minute
	defaultMaxEntries    = 200_000
	defaultMaxMembers    = 50_000
	maxReplicaID         = 999
)

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	orElse(&c.GroupClasses, "groupOfNames", "groupOfUniqueNames", "groupOfMembers", "posixGroup", "organizationalRole")
	// A directory stores the classes that were written, not those above them.
	orElse(&c.PeopleClasses, "person", "organizationalPerson", "inetOrgPerson", "account", "posixAccount")
	orElse(&c.MemberAttributes, "member", "uniqueMember", "roleOccupant")
	orElse(&c.MemberUIDAttributes, "memberUid")
	if c.Disabled == nil {
		c.Disabled = DefaultDisabled()
	}
	if c.SnapshotEvery == 0 {
		c.SnapshotEvery = defaultSnapshotEvery
	}
	if c.MaxEntries == 0 {
		c.MaxEntries = defaultMaxEntries
	}
	if c.MaxMembers == 0 {
		c.MaxMembers = defaultMaxMembers
	}
	return c
}

func orElse(field *[]string, words ...string) {
	if len(*field) == 0 {
		*field = words
	}
}

// Validate reports everything that is wrong at once, one error a line.
func (c Config) Validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !nameForm.MatchString(c.Name) {
		fail("name %q: want lower-case letters, digits and . _ - (at most 63)", c.Name)
	}
	if err := c.validateURL(); err != nil {
		errs = append(errs, err)
	}
	if CheckBaseDN(c.BaseDN) != nil {
		fail("baseDN %q is not a distinguished name such as dc=example,dc=com", c.BaseDN)
	}
	if c.PasswordFile != "" && c.PasswordEnv != "" {
		fail("password names a file and a variable: say one of them")
	}
	if hasPassword := c.PasswordFile != "" || c.PasswordEnv != ""; hasPassword != (c.BindDN != "") {
		fail("bindDN and password go together")
	}
	for i, r := range c.Disabled {
		if err := r.validate(); err != nil {
			fail("disabled[%d]: %w", i, err)
		}
	}
	if c.SnapshotEvery < 0 || c.MaxEntries < 0 || c.MaxMembers < 0 {
		fail("snapshotEvery, maxEntries and maxMembers must not be negative")
	}
	if c.ReplicaID < 0 || c.ReplicaID > maxReplicaID {
		fail("replicaID %d is not between 0 and %d", c.ReplicaID, maxReplicaID)
	}
	return errors.Join(errs...)
}

// validateURL also refuses to send a password in the clear to another machine.
func (c Config) validateURL() error {
	u, err := url.Parse(c.URL)
	if err != nil {
		return fmt.Errorf("url: %q cannot be read as a URL", c.URL)
	}
	switch u.Scheme {
	case "ldaps", "ldapi":
		if c.StartTLS {
			return fmt.Errorf("startTLS is for ldap://, not for %s://", u.Scheme)
		}
	case "ldap":
		if !c.StartTLS && c.BindDN != "" && !loopback(u.Hostname()) {
			return fmt.Errorf("url %s: the bind password would cross the network in the clear: use ldaps:// or startTLS", c.URL)
		}
	default:
		return fmt.Errorf("url %q: want ldap://, ldaps:// or ldapi://", c.URL)
	}
	if u.User != nil {
		return fmt.Errorf("url: holds a user name; use bindDN and password")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
