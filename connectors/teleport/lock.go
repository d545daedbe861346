package teleport

import (
	"fmt"
	"slices"

	"github.com/overstay/overstay/events"
)

// lockRecord is lock.created and lock.deleted.
type lockRecord struct {
	Name      string            `json:"name"`
	Expires   string            `json:"expires"`
	Target    map[string]string `json:"target"`
	User      string            `json:"user"`
	UpdatedBy string            `json:"updated_by"`
}

func (m *Mapper) lockMapping(typ string) func(*record) (Outcome, error) {
	switch typ {
	case "lock.created":
		return func(rec *record) (Outcome, error) { return m.lock(rec, false) }
	case "lock.deleted":
		return func(rec *record) (Outcome, error) { return m.lock(rec, true) }
	}
	return nil
}

// lock maps a lock: it stops use, and ends nothing. lock.created is also written
// when a lock is changed. lock.deleted names only the lock, so its target is
// remembered.
func (m *Mapper) lock(rec *record, lifted bool) (Outcome, error) {
	var l lockRecord
	if err := rec.fields(&l); err != nil {
		return Unreadable, err
	}
	until, err := optionalTime("expires", l.Expires)
	if err != nil {
		return Unreadable, err
	}
	target := m.lockTarget(rec, &l)
	if target == "" {
		return Unreadable, fmt.Errorf("%w: %s without a target or a name", ErrBadField, rec.Event)
	}
	err = rec.say(events.AccessBlocked, "", target, &events.Block{
		Meta:   events.Meta{Actor: m.actor(rec, orElse(l.UpdatedBy, l.User))},
		System: m.system(rec.Cluster),
		LockID: clean(l.Name, maxName),
		Until:  until,
		Lifted: lifted,
	})
	if err != nil {
		return Unreadable, err
	}
	if lifted {
		m.state.Locks.drop(l.Name)
	} else if l.Name != "" {
		m.state.Locks.put(l.Name, target, rec.at.Add(userLife))
	}
	return said(rec), nil
}

// lockTarget is what a lock stops: a user, or a role, login, server, device or
// access request under a realm of that name. A lock with several conditions stops
// only what meets them all, which is less than any one of them holds; it goes by
// its own name.
func (m *Mapper) lockTarget(rec *record, l *lockRecord) events.ID {
	var conditions []string
	for kind, value := range l.Target {
		if value != "" {
			conditions = append(conditions, kind)
		}
	}
	slices.Sort(conditions)
	switch {
	case len(conditions) == 1 && conditions[0] == "user":
		return m.actor(rec, l.Target["user"])
	case len(conditions) == 1:
		return m.id(rec.Cluster, realmName(conditions[0]), l.Target[conditions[0]])
	}
	if target, ok := m.state.Locks.get(l.Name); ok && len(conditions) == 0 {
		return target
	}
	return m.id(rec.Cluster, "lock", l.Name)
}
