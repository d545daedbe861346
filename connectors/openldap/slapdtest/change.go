package slapdtest

import (
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Admin is a connection as [RootDN], closed when the test ends or the server
// stops.
func (s *Server) Admin() *ldap.Conn {
	s.t.Helper()
	conn, err := ldap.DialURL(s.URL)
	if err != nil {
		s.t.Fatalf("connect to slapd: %v", err)
	}
	s.t.Cleanup(func() { conn.Close() })
	if err := conn.Bind(RootDN, RootPassword); err != nil {
		s.t.Fatalf("bind to slapd as %s: %v", RootDN, err)
	}
	return conn
}

// Do makes one connection as [RootDN], lets change use it, and fails the test on
// an error.
func (s *Server) Do(change func(*ldap.Conn) error) {
	s.t.Helper()
	conn := s.Admin()
	defer conn.Close()
	if err := change(conn); err != nil {
		s.t.Fatalf("change the directory: %v", err)
	}
}

// AddMember adds values of member (or another attribute of a group).
func (s *Server) AddMember(group, attribute string, values ...string) {
	s.t.Helper()
	m := ldap.NewModifyRequest(group, nil)
	m.Add(attribute, values)
	s.Do(func(c *ldap.Conn) error { return c.Modify(m) })
}

// RemoveMember removes values of member (or another attribute of a group).
func (s *Server) RemoveMember(group, attribute string, values ...string) {
	s.t.Helper()
	m := ldap.NewModifyRequest(group, nil)
	m.Delete(attribute, values)
	s.Do(func(c *ldap.Conn) error { return c.Modify(m) })
}

// AwaitMembers waits until a group has exactly these members: the refint and
// memberof overlays do their part after they have answered.
func (s *Server) AwaitMembers(group string, members ...string) {
	s.t.Helper()
	slices.Sort(members)
	conn := s.Admin()
	defer conn.Close()
	limit, again := time.NewTimer(20*time.Second), time.NewTicker(2*time.Millisecond)
	defer limit.Stop()
	defer again.Stop()
	for {
		res, err := conn.Search(ldap.NewSearchRequest(group, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false,
			"(objectClass=*)", []string{"member"}, nil))
		if err != nil {
			s.t.Fatalf("read the members of %s: %v", group, err)
		}
		got := res.Entries[0].GetAttributeValues("member")
		slices.Sort(got)
		if slices.Equal(got, members) {
			return
		}
		select {
		case <-limit.C:
			s.t.Fatalf("%s has the members %q, and not %q", group, got, members)
		case <-again.C:
		}
	}
}

// Replace sets an attribute; no values remove it.
func (s *Server) Replace(dn, attribute string, values ...string) {
	s.t.Helper()
	m := ldap.NewModifyRequest(dn, nil)
	m.Replace(attribute, values)
	s.Do(func(c *ldap.Conn) error { return c.Modify(m) })
}

// Rename gives an entry a new name and, when unit is not empty, a new place.
func (s *Server) Rename(dn, rdn, unit string) {
	s.t.Helper()
	s.Do(func(c *ldap.Conn) error { return c.ModifyDN(ldap.NewModifyDNRequest(dn, rdn, true, unit)) })
}

// Delete removes an entry.
func (s *Server) Delete(dn string) {
	s.t.Helper()
	s.Do(func(c *ldap.Conn) error { return c.Del(ldap.NewDelRequest(dn, nil)) })
}

// AddPerson creates uid=<uid> in [People].
func (s *Server) AddPerson(uid string) (dn string) {
	s.t.Helper()
	dn = "uid=" + uid + "," + People
	s.Add(dn, "objectClass: inetOrgPerson", "uid: "+uid, "cn: "+uid, "sn: "+uid)
	return dn
}

// AddGroup creates a groupOfNames in [Groups].
func (s *Server) AddGroup(cn string, members ...string) (dn string) {
	s.t.Helper()
	dn = "cn=" + cn + "," + Groups
	lines := []string{"objectClass: groupOfNames", "cn: " + cn}
	for _, m := range members {
		lines = append(lines, "member: "+m)
	}
	s.Add(dn, lines...)
	return dn
}

// Add creates an entry of lines as in LDIF, "uid: alice".
func (s *Server) Add(dn string, lines ...string) {
	s.t.Helper()
	values := map[string][]string{}
	var names []string
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	add := ldap.NewAddRequest(dn, nil)
	for _, name := range names {
		add.Attribute(name, values[name])
	}
	s.Do(func(c *ldap.Conn) error { return c.Add(add) })
}
