package teleport

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/overstay/overstay/events"
)

// listRecord is access_list.*.
type listRecord struct {
	Name           string       `json:"name"`
	List           string       `json:"access_list_name"`
	Members        []listMember `json:"members"`
	RemovedMembers []string     `json:"removed_members"`
	Expires        string       `json:"expires"`
	User           string       `json:"user"`
	UpdatedBy      string       `json:"updated_by"`
	Success        *bool        `json:"success"`

	expires time.Time
	effect  events.Effect
	actor   events.ID
	scope   events.Scope
}

type listMember struct {
	Name    string         `json:"member_name"`
	Kind    jsontext.Value `json:"membership_kind"`
	Expires string         `json:"expires"`
}

// isList reports whether the member is itself a list, as number or as word.
func (l listMember) isList() bool {
	return string(l.Kind) == "2" || string(l.Kind) == `"MEMBERSHIP_KIND_LIST"`
}

func (m *Mapper) readList(rec *record) (*listRecord, error) {
	var l listRecord
	if err := rec.fields(&l); err != nil {
		return nil, err
	}
	name := orElse(l.List, l.Name)
	if name == "" {
		return nil, fmt.Errorf("%w: %s without the list's name", ErrBadField, rec.Event)
	}
	var err error
	if l.expires, err = optionalTime("expires", l.Expires); err != nil {
		return nil, err
	}
	if l.Success != nil && !*l.Success {
		l.effect = events.Failed
	}
	l.actor = m.actor(rec, orElse(l.User, l.UpdatedBy))
	l.scope = m.listScope(rec.Cluster, name)
	return &l, nil
}

func (m *Mapper) membersAdded(rec *record) (Outcome, error) {
	l, err := m.readList(rec)
	if err != nil {
		return Unreadable, err
	}
	for _, member := range l.Members {
		if err := m.memberAdded(rec, l, member); err != nil {
			return Unreadable, err
		}
	}
	return said(rec), nil
}

func (m *Mapper) memberAdded(rec *record, l *listRecord, member listMember) error {
	meta := events.Meta{Actor: l.actor, Effect: l.effect}
	if member.isList() {
		return rec.say(events.GroupNested, member.Name, m.id(rec.Cluster, realmList, member.Name),
			&events.GroupNesting{Meta: meta, Scope: l.scope})
	}
	until, err := optionalTime("members[].expires", member.Expires)
	if err != nil {
		return err
	}
	if until.IsZero() {
		until = l.expires
	}
	return rec.say(events.MembershipAdded, member.Name, m.actor(rec, member.Name),
		&events.Membership{Meta: meta, Scope: l.scope, ScheduledEnd: until})
}

func (m *Mapper) membersRemoved(rec *record) (Outcome, error) {
	l, err := m.readList(rec)
	if err != nil {
		return Unreadable, err
	}
	for _, member := range l.Members {
		if err := m.memberRemoved(rec, l, member); err != nil {
			return Unreadable, err
		}
	}
	return said(rec), nil
}

func (m *Mapper) memberRemoved(rec *record, l *listRecord, member listMember) error {
	meta := events.Meta{Actor: l.actor, Effect: l.effect}
	if member.isList() {
		return rec.say(events.GroupUnnested, member.Name, m.id(rec.Cluster, realmList, member.Name),
			&events.GroupNesting{Meta: meta, Scope: l.scope})
	}
	return rec.say(events.MembershipRemoved, member.Name, m.actor(rec, member.Name), &events.Membership{
		Meta: meta, Scope: l.scope,
		End: &events.End{Basis: events.EndObserved, Cause: events.CauseRemoved},
	})
}

// allMembersRemoved ends the memberships that the record lists, and claims the
// rest: the record of a long list may name nobody.
func (m *Mapper) allMembersRemoved(rec *record) (Outcome, error) {
	l, err := m.readList(rec)
	if err != nil {
		return Unreadable, err
	}
	for _, member := range l.Members {
		if err := m.memberRemoved(rec, l, member); err != nil {
			return Unreadable, err
		}
	}
	if err := m.listEmptied(rec, l); err != nil {
		return Unreadable, err
	}
	return said(rec), nil
}

func (m *Mapper) listDeleted(rec *record) (Outcome, error) {
	l, err := m.readList(rec)
	if err != nil {
		return Unreadable, err
	}
	if err := m.listEmptied(rec, l); err != nil {
		return Unreadable, err
	}
	return said(rec), nil
}

func (m *Mapper) listEmptied(rec *record, l *listRecord) error {
	return rec.say(events.AccessEndedBefore, "", "", &events.EndedBefore{
		Meta:   events.Meta{Actor: l.actor, Effect: l.effect},
		Before: rec.at, Kind: events.KindMembership, Scope: l.scope,
	})
}

// listReviewed maps the members that a periodic review took off the list.
func (m *Mapper) listReviewed(rec *record) (Outcome, error) {
	l, err := m.readList(rec)
	if err != nil {
		return Unreadable, err
	}
	if len(l.RemovedMembers) == 0 {
		return NotAccess, nil
	}
	for _, name := range l.RemovedMembers {
		if err := m.memberRemoved(rec, l, listMember{Name: name}); err != nil {
			return Unreadable, err
		}
	}
	return said(rec), nil
}
