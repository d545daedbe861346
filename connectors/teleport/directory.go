package teleport

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/overstay/overstay/events"
)

// userRecord is user.create, user.update, user.delete and user.login. name is the
// account, user the one who changed it; user_roles, which some versions add, are
// that one's roles and not the account's.
type userRecord struct {
	who
	Name       string         `json:"name"`
	Roles      []string       `json:"roles"`
	Expires    string         `json:"expires"`
	UpdatedBy  string         `json:"updated_by"`
	Success    *bool          `json:"success"`
	Attributes jsontext.Value `json:"attributes"`
}

func (m *Mapper) directoryMapping(typ string) func(*record) (Outcome, error) {
	switch typ {
	case "user.create", "user.update":
		return m.userChanged
	case "user.delete":
		return m.userDeleted
	case "user.login":
		return m.loggedIn
	case "access_list.member.create", "access_list.member.add", "access_list.member.update":
		return m.membersAdded
	case "access_list.member.delete":
		return m.membersRemoved
	case "access_list.member.delete_all_members", "access_list.member.delete_all_for_access_list":
		return m.allMembersRemoved
	case "access_list.review":
		return m.listReviewed
	case "access_list.delete":
		return m.listDeleted
	}
	return nil
}

// userChanged maps the full set of an account's roles. Where the set before is
// known, what is said is the difference; where it is not, every role is said to
// be held, because which of them is new is not in the record. Roles that went are
// only known to have gone when they were seen.
func (m *Mapper) userChanged(rec *record) (Outcome, error) {
	var u userRecord
	if err := rec.fields(&u); err != nil {
		return Unreadable, err
	}
	subject := m.actor(rec, u.Name)
	if subject == "" {
		return Unreadable, fmt.Errorf("%w: %s without the account's name", ErrBadField, rec.Event)
	}
	expires, err := optionalTime("expires", u.Expires)
	if err != nil {
		return Unreadable, err
	}
	actor := m.actor(rec, orElse(u.User, u.UpdatedBy))
	known, _ := m.state.Users.get(string(subject))
	if rec.Event == "user.create" && !known.Known {
		err := rec.say(events.AccountCreated, "", subject, &events.Account{Meta: events.Meta{Actor: actor}})
		if err != nil {
			return Unreadable, err
		}
	}
	roles := slices.Compact(slices.Sorted(slices.Values(u.Roles)))
	for _, role := range roles {
		// An account that expires (single sign-on) is renewed at each login, and
		// its roles with it.
		if expires.IsZero() && slices.Contains(known.Roles, role) {
			continue
		}
		err := rec.say(events.MembershipAdded, role, subject, &events.Membership{
			Meta:         events.Meta{Actor: actor},
			Scope:        m.roleScope(rec.Cluster, role),
			ScheduledEnd: expires,
		})
		if err != nil {
			return Unreadable, err
		}
	}
	for _, role := range known.Roles {
		if slices.Contains(roles, role) {
			continue
		}
		if err := m.roleGone(rec, subject, actor, role, events.CauseRemoved); err != nil {
			return Unreadable, err
		}
	}
	m.state.Users.put(string(subject), account{Roles: roles, Known: true}, rec.at.Add(userLife))
	return said(rec), nil
}

func (m *Mapper) roleGone(rec *record, subject, actor events.ID, role string, cause events.EndCause) error {
	return rec.say(events.MembershipRemoved, role, subject, &events.Membership{
		Meta:  events.Meta{Actor: actor},
		Scope: m.roleScope(rec.Cluster, role),
		End:   &events.End{Basis: events.EndObserved, Cause: cause},
	})
}

func (m *Mapper) userDeleted(rec *record) (Outcome, error) {
	var u userRecord
	if err := rec.fields(&u); err != nil {
		return Unreadable, err
	}
	subject, actor := m.actor(rec, u.Name), m.actor(rec, orElse(u.User, u.UpdatedBy))
	if subject == "" {
		return Unreadable, fmt.Errorf("%w: %s without the account's name", ErrBadField, rec.Event)
	}
	err := rec.say(events.AccountDeleted, "", subject, &events.Account{Meta: events.Meta{Actor: actor}})
	if err != nil {
		return Unreadable, err
	}
	known, _ := m.state.Users.get(string(subject))
	for _, role := range known.Roles {
		if err := m.roleGone(rec, subject, actor, role, events.CauseDeleted); err != nil {
			return Unreadable, err
		}
	}
	m.state.Users.drop(string(subject))
	return said(rec), nil
}

// loggedIn maps what an identity provider said about a user, where that
// identifies: one e-mail address. The login itself is not access; the certificate
// that follows is. A failed one says nothing.
func (m *Mapper) loggedIn(rec *record) (Outcome, error) {
	var u userRecord
	if err := rec.fields(&u); err != nil {
		return Unreadable, err
	}
	subject := m.subject(rec, &u.who)
	if u.Success == nil || !*u.Success || subject == "" {
		return NotAccess, nil
	}
	known, _ := m.state.Users.get(string(subject))
	known.Known = true
	m.state.Users.put(string(subject), known, rec.at.Add(userLife))
	mail := email(u.Attributes)
	if mail == "" {
		return NotAccess, nil
	}
	if err := rec.say(events.IdentityLinked, "", subject, &events.IdentityLink{Other: mail}); err != nil {
		return Unreadable, err
	}
	return said(rec), nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
