package openldap

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// translator turns changes into events, and takes them into the memory.
type translator struct {
	*memory
	source string
	skip   func(reason, place string, err error)
	out    []events.Event
	// moved is set when an entry got another name or went away: refint may be
	// about to rewrite groups without a word.
	moved bool
	// changed is set when the memory is no longer what it was.
	changed bool
}

// apply takes in one change.
func (t *translator) apply(c change) {
	said := len(t.out)
	defer func() { t.changed = t.changed || len(t.out) > said }()
	switch {
	case c.Record == nil && t.People[c.UUID] != nil:
		t.personGone(c)
	case c.Record == nil && t.Groups[c.UUID] != nil:
		t.groupGone(c)
	case c.Record == nil:
	case c.Record.Person != nil:
		t.person(c)
	case c.Record.Group != nil:
		t.group(c)
	default:
		t.apply(change{UUID: c.UUID, Mark: c.Mark, At: c.At, Since: c.Since}) // it is neither any more
	}
}

func (t *translator) person(c change) {
	old, now := t.People[c.UUID], c.Record.Person
	if t.Groups[c.UUID] != nil {
		t.groupGone(c)
	}
	t.changed = t.changed || old == nil || old.DN != now.DN || old.GID != now.GID || old.Off != now.Off
	t.setPerson(c.UUID, now)
	subject := t.ids.uuid(c.UUID)
	switch {
	case old == nil && c.created():
		t.say(c, events.AccountCreated, subject, "", &events.Account{Meta: t.meta(c, subject)})
	case old == nil:
		t.relink(c, nil, t.names(now))
	default:
		t.moved = t.moved || old.DN != now.DN
		t.relink(c, t.names(old), t.names(now))
		now.Said = old.Said
	}
	t.judged(c, now)
	if old == nil {
		old = &person{}
	}
	if old.GID != now.GID || !slices.Equal(old.UIDs, now.UIDs) {
		t.regroup(c, events.CauseRemoved, t.groupsNaming(old, now))
	}
}

// groupsNaming lists the groups that hold either state of a person by its uid or
// its primary group number.
func (t *translator) groupsNaming(states ...*person) []string {
	return t.groupsWhere(func(g *group) bool {
		for _, p := range states {
			if g.GID != "" && g.GID == p.GID || slices.ContainsFunc(p.UIDs, func(u string) bool {
				_, ok := slices.BinarySearch(g.UIDs, u)
				return ok
			}) {
				return true
			}
		}
		return false
	})
}

// relink says which names a person has got and lost. A rename is a link.
func (t *translator) relink(c change, before, after []events.ID) {
	subject := t.ids.uuid(c.UUID)
	for _, id := range after {
		if !slices.Contains(before, id) {
			t.say(c, events.IdentityLinked, subject, string(id), &events.IdentityLink{Meta: t.plainMeta(c), Other: id, From: c.At})
		}
	}
	for _, id := range before {
		if !slices.Contains(after, id) {
			t.say(c, events.IdentityUnlinked, subject, string(id), &events.IdentityLink{Meta: t.plainMeta(c), Other: id})
		}
	}
}

// judged says when an account was disabled or enabled.
func (t *translator) judged(c change, p *person) {
	off := p.Off.at(c.At)
	if off == p.Said {
		return
	}
	p.Said = off
	typ := events.AccountEnabled
	if off {
		typ = events.AccountDisabled
	}
	subject := t.ids.uuid(c.UUID)
	t.say(c, typ, subject, "", &events.Account{Meta: t.meta(c, subject)})
}

// expire says which accounts were disabled by the mere passing of time.
func (t *translator) expire(now time.Time) {
	for _, uuid := range slices.Sorted(maps.Keys(t.People)) {
		if p := t.People[uuid]; !p.Said && p.Off.at(now) {
			at := cmp.Or(p.Off.After, now)
			t.judged(change{UUID: uuid, Mark: at.UTC().Format(time.RFC3339), At: at}, p)
		}
	}
}

// personGone says that an account was deleted. Its memberships by DN stay: only a
// scan shows whether the directory removed the values (refint) or left them to
// whoever gets the name next.
func (t *translator) personGone(c change) {
	subject := t.ids.uuid(c.UUID)
	old := t.People[c.UUID]
	t.say(c, events.AccountDeleted, subject, "", &events.Account{Meta: t.meta(c, subject)})
	t.setPerson(c.UUID, nil)
	t.moved = true
	t.regroup(c, events.CauseDeleted, t.groupsNaming(&person{GID: old.GID}))
}

func (t *translator) group(c change) {
	old, now := t.Groups[c.UUID], c.Record.Group
	if t.People[c.UUID] != nil {
		t.personGone(c)
	}
	if old != nil && old.DN == now.DN {
		now.holders = old.holders
	}
	t.changed = true
	t.setGroup(c.UUID, now)
	if c.found() && old != nil && old.CSN == now.CSN {
		t.rewritten(c.UUID, c)
		return
	}
	t.regroup(c, events.CauseRemoved, []string{c.UUID})
	if old != nil && old.DN != now.DN {
		t.moved = true
		t.endAll(c, old, events.CauseRemoved)
		t.regroup(c, events.CauseRemoved, t.groupsNesting(old.DN))
	}
}

func (t *translator) groupGone(c change) {
	old := t.Groups[c.UUID]
	t.setGroup(c.UUID, nil)
	t.moved = true
	t.endAll(c, old, events.CauseDeleted)
	t.regroup(c, events.CauseRemoved, t.groupsNesting(old.DN))
}

// groupsNesting lists the groups that hold the group that has, or had, a name.
func (t *translator) groupsNesting(dn string) []string {
	nested := holder{ID: t.ids.dn(dn), Group: true}
	return t.groupsWhere(func(g *group) bool { return g.holders[nested] })
}

// endAll ends everything held through a name that is no group's any more.
func (t *translator) endAll(c change, g *group, cause events.EndCause) {
	for _, h := range sorted(g.holders) {
		t.removed(c, g, h, cause)
	}
	g.holders = nil
}

// regroup says how the holders of groups changed.
func (t *translator) regroup(c change, cause events.EndCause, groups []string) {
	for _, uuid := range groups {
		g := t.Groups[uuid]
		before := g.holders
		g.holders = t.resolve(g)
		for _, h := range sorted(g.holders) {
			if !before[h] {
				t.added(c, g, h)
			}
		}
		for _, h := range sorted(before) {
			if !g.holders[h] {
				t.removed(c, g, h, cause)
			}
		}
	}
}

// rewritten takes in members that changed without a change of the entry (refint).
// When it happened nobody knows, so the snapshot says it; a nesting, which no
// snapshot carries, is said here.
func (t *translator) rewritten(uuid string, c change) {
	g := t.Groups[uuid]
	before := g.holders
	g.holders = t.resolve(g)
	t.nestings(c, g, before)
}

// nestings says which groups are new in g, and which have gone.
func (t *translator) nestings(c change, g *group, before holders) {
	for _, h := range sorted(g.holders) {
		if h.Group && !before[h] {
			t.added(c, g, h)
		}
	}
	for _, h := range sorted(before) {
		if h.Group && !g.holders[h] {
			t.removed(c, g, h, events.CauseRemoved)
		}
	}
}

func sorted(hs holders) []holder {
	return slices.SortedFunc(maps.Keys(hs), func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path))
	})
}
