package slapdtest_test

import (
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/overstay/overstay/connectors/openldap/slapdtest"
)

func TestTheReaderSeesGroupsAndNoPasswords(t *testing.T) {
	s := slapdtest.Start(t)
	conn, err := ldap.DialURL(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Bind(slapdtest.ReaderDN, slapdtest.ReaderPassword); err != nil {
		t.Fatal(err)
	}
	res, err := conn.Search(ldap.NewSearchRequest(slapdtest.Suffix, ldap.ScopeWholeSubtree, 0, 0, 0, false,
		"(objectClass=*)", []string{"*", "+"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	members := 0
	for _, e := range res.Entries {
		if e.GetAttributeValue("userPassword") != "" {
			t.Errorf("%s shows its password", e.DN)
		}
		members += len(e.GetAttributeValues("member"))
	}
	if members != 2 {
		t.Errorf("the reader sees %d member values, not 2", members)
	}
}

func TestRestartKeepsAddressAndData(t *testing.T) {
	s := slapdtest.Start(t)
	s.AddPerson("dave")
	url := s.URL
	s.Kill()
	s.Restart()
	if s.URL != url {
		t.Errorf("the server moved from %s to %s", url, s.URL)
	}
	s.Replace("uid=dave,"+slapdtest.People, "description", "still here")
}
