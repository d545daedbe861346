package events

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// MembershipPath says by which way a membership is held.
type MembershipPath string

// The paths. The empty word means direct.
const (
	PathDirect  MembershipPath = ""
	PathNested  MembershipPath = "nested"
	PathPrimary MembershipPath = "primary"
	pathDirect  MembershipPath = "direct"
)

// Membership is the data of directory.membership-added and -removed. The
// event's subject is the member, the scope is the group or role.
type Membership struct {
	Meta
	Scope        Scope          `json:"scope"`
	Path         MembershipPath `json:"path,omitempty"`
	State        string         `json:"state,omitempty"` // "active" (also when left out) or "eligible", which is no access
	ScheduledEnd time.Time      `json:"scheduledEnd,omitzero"`
	Approvals    []ApprovalRef  `json:"approvals,omitempty"`
	End          *End           `json:"end,omitempty"` // on removed; left out means observed, removed
}

func (m *Membership) validate(c *checker, _ Type) {
	m.validateMeta(c)
	m.Scope.validate(c, "scope")
	if m.Path == pathDirect {
		m.Path = PathDirect
	}
	enum(c, "path", m.Path, PathDirect, pathDirect, PathNested, PathPrimary)
	enum(c, "state", m.State, "", "active", "eligible")
	c.time("scheduledEnd", m.ScheduledEnd)
	validateRefs(c, &m.Approvals)
	if m.End != nil {
		m.End.validate(c)
	}
}

// MembershipID is the access id of a membership: the source gives it none, so it
// is made of who, what and by which way. Two different memberships never have one
// id: each part has its name before it, and one that contains a space is quoted.
func MembershipID(member ID, scope Scope, path MembershipPath) string {
	id := word(string(member)) + " in " + word(scope.System)
	for _, part := range []struct{ name, value string }{
		{"resource", scope.Resource}, {"role", scope.Role}, {"level", scope.Level}, {"path", string(path)},
	} {
		if part.value != "" {
			id += " " + part.name + "=" + word(part.value)
		}
	}
	return id
}

// word is a part as one word: as it is, or in quotes.
func word(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '"' }) {
		return strconv.Quote(s)
	}
	return s
}

// GroupNesting is the data of directory.group-nested and -unnested: the members
// of the group that is the event's subject hold Scope through it.
type GroupNesting struct {
	Meta
	Scope Scope `json:"scope"`
}

func (g *GroupNesting) validate(c *checker, _ Type) {
	g.validateMeta(c)
	g.Scope.validate(c, "scope")
}

// Account is the data of directory.account-created, -disabled, -enabled,
// -deleted, owner-changed and job-changed. The event's subject is the account.
type Account struct {
	Meta
	Owner  ID     `json:"owner,omitempty"`  // owner-changed: the new one, empty for none
	Job    string `json:"job,omitempty"`    // job-changed: the new one
	Person *bool  `json:"person,omitempty"` // false: a workload's account
}

func (a *Account) validate(c *checker, _ Type) {
	a.validateMeta(c)
	c.optionalID("owner", a.Owner)
	c.text("job", a.Job)
}

// IdentityLink is the data of directory.identity-linked and -unlinked: the
// event's subject and Other are the same person from From on (unlinked: until
// the event's time).
type IdentityLink struct {
	Meta
	Other ID        `json:"other"`
	From  time.Time `json:"from,omitzero"`  // zero: always
	Until time.Time `json:"until,omitzero"` // zero: for ever
}

func (l *IdentityLink) validate(c *checker, _ Type) {
	l.validateMeta(c)
	c.id("other", l.Other)
	c.time("from", l.From)
	c.time("until", l.Until)
	if !l.From.IsZero() && !l.Until.IsZero() && l.Until.Before(l.From) {
		c.fail("until", "is before from")
	}
}
