package openldap

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// record is one entry as the directory shows it now, of which only what says
// something about access is kept. Person and Group are nil for other entries.
type record struct {
	UUID     string
	DN       string // normalised
	CSN      CSN
	Created  time.Time // whole seconds, by the directory's clock
	Modifier string    // modifiersName, normalised where it is a DN
	Hash     string    // hex SHA-256 of the attributes that were read
	Person   *person
	Group    *group
}

// attributes lists what is asked for, by name. "*" and "+" would bring
// userPassword along.
func (c Config) attributes() []string {
	names := []string{"objectClass", "entryUUID", "entryCSN", "createTimestamp", "modifiersName", "uid", "mail", "gidNumber"}
	names = append(names, c.MemberAttributes...)
	names = append(names, c.MemberUIDAttributes...)
	for _, r := range c.Disabled {
		if r.Attribute != "" {
			names = append(names, r.Attribute)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// read takes an entry apart. uuid is what the sync control says; empty, it is
// read from the entry.
func (c Config) read(e *ldap.Entry, uuid string) (record, error) {
	rec := record{UUID: uuid, DN: foldDN(e.DN), Hash: hashEntry(e)}
	var err error
	rec.CSN, err = parseCSN(first(e.GetEqualFoldAttributeValues("entryCSN")))
	classes := e.GetEqualFoldAttributeValues("objectClass")
	isGroup, isPerson := anyFold(classes, c.GroupClasses), anyFold(classes, c.PeopleClasses)
	if rec.UUID == "" {
		rec.UUID = first(e.GetEqualFoldAttributeValues("entryUUID"))
	}
	if !isGroup && !isPerson {
		return rec, nil
	}
	if err != nil || rec.UUID == "" {
		return record{}, fmt.Errorf("read %s: entryUUID or entryCSN is missing: the account that reads needs the operational attributes too", clip(e.DN))
	}
	rec.Created = generalizedTime(first(e.GetEqualFoldAttributeValues("createTimestamp")))
	rec.Modifier = foldDN(first(e.GetEqualFoldAttributeValues("modifiersName")))
	if isGroup {
		rec.Group, err = c.readGroup(e, rec)
		return rec, err
	}
	rec.Person = &person{
		DN: rec.DN, UIDs: e.GetEqualFoldAttributeValues("uid"), Mails: e.GetEqualFoldAttributeValues("mail"),
		GID: first(e.GetEqualFoldAttributeValues("gidNumber")),
		Off: judge(c.Disabled, rec.DN, e.GetEqualFoldAttributeValues),
	}
	return rec, nil
}

func (c Config) readGroup(e *ldap.Entry, rec record) (*group, error) {
	g := &group{DN: rec.DN, CSN: rec.CSN, GID: first(e.GetEqualFoldAttributeValues("gidNumber"))}
	for _, name := range c.MemberAttributes {
		for _, v := range e.GetEqualFoldAttributeValues(name) {
			if dn := foldDN(withoutUniqueID(v)); dn != "" { // groupOfNames must have a member; "" is the usual filler
				g.Members = append(g.Members, dn)
			}
		}
	}
	for _, name := range c.MemberUIDAttributes {
		g.UIDs = append(g.UIDs, e.GetEqualFoldAttributeValues(name)...)
	}
	slices.Sort(g.Members)
	slices.Sort(g.UIDs)
	if n := len(g.Members) + len(g.UIDs); n > c.MaxMembers {
		return nil, fmt.Errorf("read %s: the group has %d members, more than maxMembers = %d", clip(e.DN), n, c.MaxMembers)
	}
	return g, nil
}

// withoutUniqueID cuts the bit string that a uniqueMember value may end in
// ("cn=a,dc=b#'0101'B", RFC 4517 section 3.3.21).
func withoutUniqueID(v string) string {
	if i := strings.LastIndex(v, "#'"); i >= 0 && strings.HasSuffix(v, "'B") {
		return v[:i]
	}
	return v
}

func hashEntry(e *ldap.Entry) string {
	var lines []string
	for _, a := range e.Attributes {
		for _, v := range a.Values {
			lines = append(lines, strings.ToLower(a.Name)+": "+v+"\n")
		}
	}
	slices.Sort(lines)
	h := sha256.New()
	io.WriteString(h, "dn: "+e.DN+"\n"+strings.Join(lines, "")) // a hash takes everything
	return hex.EncodeToString(h.Sum(nil))
}

// generalizedTime reads createTimestamp; the zero time is "not stated".
func generalizedTime(s string) time.Time {
	t, err := time.Parse("20060102150405Z", s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func anyFold(have, want []string) bool {
	return slices.ContainsFunc(have, func(h string) bool {
		return slices.ContainsFunc(want, func(w string) bool { return strings.EqualFold(h, w) })
	})
}
