package openldap

import (
	"github.com/overstay/overstay/events"
)

// scope is what membership of a group reaches: the group's normalised DN is the
// role in the directory.
func (t *translator) scope(g *group) events.Scope {
	return events.Scope{System: t.ids.system, Role: g.DN}
}

func (t *translator) added(c change, g *group, h holder) {
	scope := t.scope(g)
	rest := events.MembershipID(h.ID, scope, h.Path)
	switch {
	case h.Group:
		t.say(c, events.GroupNested, h.ID, rest, &events.GroupNesting{Meta: t.groupMeta(c, h.ID), Scope: scope})
	case c.datable():
		t.say(c, events.MembershipAdded, h.ID, rest, &events.Membership{Meta: t.meta(c, h.ID), Scope: scope, Path: h.Path})
	}
}

func (t *translator) removed(c change, g *group, h holder, cause events.EndCause) {
	scope := t.scope(g)
	rest := events.MembershipID(h.ID, scope, h.Path)
	if h.Group {
		t.say(c, events.GroupUnnested, h.ID, rest, &events.GroupNesting{Meta: t.groupMeta(c, h.ID), Scope: scope})
		return
	}
	if c.found() && t.nobody(h.ID) {
		// Its value may have been taken out by refint after the group's CSN.
		c.At = c.Read
	}
	t.say(c, events.MembershipRemoved, h.ID, rest,
		&events.Membership{Meta: t.meta(c, h.ID), Scope: scope, Path: h.Path, End: c.end(cause)})
}

// nobody reports whether an id was a person's who is gone.
func (t *translator) nobody(id events.ID) bool {
	return id.Realm() == t.ids.system+"/uuid" && t.People[id.Local()] == nil
}

// meta is what every event of a change carries; its subject's other names link.
func (t *translator) meta(c change, subject events.ID) events.Meta {
	m := t.plainMeta(c)
	m.Aliases = t.aliases(subject)
	return m
}

// groupMeta is meta for a subject that is a group, known by its DN.
func (t *translator) groupMeta(c change, subject events.ID) events.Meta {
	m := t.plainMeta(c)
	if uuid := t.byDN[subject.Local()]; t.Groups[uuid] != nil {
		m.Aliases = []events.ID{t.ids.uuid(uuid)}
	}
	return m
}

func (t *translator) plainMeta(c change) events.Meta {
	m := events.Meta{TimeQuality: c.quality(), OperationID: c.Mark}
	if c.Record != nil {
		m.Actor = t.actor(c.Record.Modifier)
		m.RawSHA256 = c.Record.Hash
	}
	return m
}

// actor is who made the change, by entryUUID where it is an account we know.
func (t *translator) actor(dn string) events.ID {
	if dn == "" {
		return ""
	}
	id := t.ids.dn(dn)
	if uuid := t.byDN[dn]; t.People[uuid] != nil {
		id = t.ids.uuid(uuid)
	}
	if id.Validate() != nil {
		return "" // an overlong name; the entry itself is reported by say
	}
	return id
}

// say adds an event. Its id is made of the entry, the change and what is said, so
// that the same change read again gives the same id.
func (t *translator) say(c change, typ events.Type, subject events.ID, about string, data events.Data) {
	id := c.UUID + "@" + c.Mark + "/" + typ.What()
	if about != "" {
		id += "/" + about
	}
	ev, err := events.New(typ, t.source, id, c.At, subject, data)
	if err != nil {
		t.skip("unusable", "entry "+c.UUID+" at "+c.Mark, err)
		return
	}
	t.out = append(t.out, ev)
}
