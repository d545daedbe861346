package openldap

import (
	"maps"
	"slices"

	"github.com/overstay/overstay/events"
)

// memory is what the connector knows of the directory: just enough to tell from
// an entry's new state what changed.
type memory struct {
	People map[string]*person `json:"people"` // by entryUUID
	Groups map[string]*group  `json:"groups"` // by entryUUID
	// Former holds names that an entry had since the last scan began. refint
	// rewrites groups a moment after an entry was renamed or deleted; until a
	// scan has looked, the old name still means the old entry.
	Former    map[string]former `json:"former,omitempty"`    // by DN
	FormerUID map[string]string `json:"formerUID,omitempty"` // uid → entryUUID

	ids   ids
	byDN  map[string]string          // DN → entryUUID
	byUID map[string]map[string]bool // uid → entryUUIDs of people
	byGID map[string]map[string]bool // gidNumber → entryUUIDs of people
}

type person struct {
	DN    string    `json:"dn"`
	UIDs  []string  `json:"uid,omitempty"`
	Mails []string  `json:"mail,omitempty"`
	GID   string    `json:"gid,omitempty"`
	Off   disabling `json:"off,omitzero"`
	Said  bool      `json:"said,omitempty"` // that it is disabled
}

type group struct {
	DN      string   `json:"dn"`
	CSN     CSN      `json:"csn"`
	GID     string   `json:"gid,omitempty"`
	Members []string `json:"members,omitempty"` // normalised DNs, sorted
	UIDs    []string `json:"uids,omitempty"`    // sorted

	holders holders
}

type former struct {
	UUID  string `json:"uuid"`
	Group bool   `json:"group,omitempty"`
}

// holder is one way to hold a group: a person, a name that belongs to nobody
// known, or (Group) all members of another group.
type holder struct {
	ID    events.ID
	Path  events.MembershipPath
	Group bool
}

type holders map[holder]bool

// ids makes the ids of one directory.
type ids struct{ system string }

func (i ids) uuid(s string) events.ID { return events.NewID(i.system+"/uuid", s) }
func (i ids) dn(s string) events.ID   { return events.NewID(i.system+"/dn", s) }
func (i ids) uid(s string) events.ID  { return events.NewID(i.system+"/uid", s) }

// mailRealm is shared with the other connectors, so that policy can join people
// across systems by it. Addresses are given away again: it links nobody by itself.
const mailRealm = "mail"

func newMemory(system string) *memory {
	m := &memory{People: map[string]*person{}, Groups: map[string]*group{}}
	m.index(system)
	return m
}

// index makes what is derived, after reading a cursor.
func (m *memory) index(system string) {
	m.ids = ids{system}
	m.byDN, m.byUID, m.byGID = map[string]string{}, map[string]map[string]bool{}, map[string]map[string]bool{}
	m.People, m.Groups, m.Former = orEmpty(m.People), orEmpty(m.Groups), orEmpty(m.Former)
	m.FormerUID = orEmpty(m.FormerUID)
	maps.DeleteFunc(m.People, func(_ string, p *person) bool { return p == nil })
	maps.DeleteFunc(m.Groups, func(_ string, g *group) bool { return g == nil })
	for uuid, p := range m.People {
		m.indexPerson(uuid, p)
	}
	for uuid, g := range m.Groups {
		m.byDN[g.DN] = uuid
	}
	for _, g := range m.Groups {
		g.holders = m.resolve(g)
	}
}

func orEmpty[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}

func (m *memory) indexPerson(uuid string, p *person) {
	m.byDN[p.DN] = uuid
	for _, uid := range p.UIDs {
		put(m.byUID, uid, uuid)
	}
	if p.GID != "" {
		put(m.byGID, p.GID, uuid)
	}
}

// setPerson replaces a person; nil removes it.
func (m *memory) setPerson(uuid string, p *person) {
	if old := m.People[uuid]; old != nil {
		m.leaveDN(old.DN, uuid, false)
		for _, uid := range old.UIDs {
			drop(m.byUID, uid, uuid)
			m.FormerUID[uid] = uuid
		}
		drop(m.byGID, old.GID, uuid)
	}
	delete(m.People, uuid)
	if p != nil {
		m.People[uuid] = p
		m.indexPerson(uuid, p)
	}
}

// setGroup replaces a group; nil removes it.
func (m *memory) setGroup(uuid string, g *group) {
	if old := m.Groups[uuid]; old != nil {
		m.leaveDN(old.DN, uuid, true)
	}
	delete(m.Groups, uuid)
	if g != nil {
		m.Groups[uuid] = g
		m.byDN[g.DN] = uuid
	}
}

func (m *memory) leaveDN(dn, uuid string, isGroup bool) {
	if m.byDN[dn] == uuid { // else somebody else has taken the name already
		delete(m.byDN, dn)
	}
	m.Former[dn] = former{UUID: uuid, Group: isGroup}
}

// forgetFormer is called after a scan: from now on an old name is nobody's.
func (m *memory) forgetFormer() {
	clear(m.Former)
	clear(m.FormerUID)
}

// resolve says who holds a group, from its values and everybody's names.
func (m *memory) resolve(g *group) holders {
	h := make(holders, len(g.Members)+len(g.UIDs))
	for _, dn := range g.Members {
		if who, ok := m.byMember(dn); ok {
			h[who] = true
		}
	}
	for _, uid := range g.UIDs {
		h[holder{ID: m.byMemberUID(uid)}] = true
	}
	if g.GID != "" {
		for uuid := range m.byGID[g.GID] {
			h[holder{ID: m.ids.uuid(uuid), Path: events.PathPrimary}] = true
		}
	}
	return h
}

// byMember resolves a member DN. ok is false for the name of a group that was
// deleted: it has no members any more.
func (m *memory) byMember(dn string) (who holder, ok bool) {
	uuid, isGroup := m.byDN[dn], false
	if uuid == "" {
		f := m.Former[dn]
		uuid, isGroup = f.UUID, f.Group
	}
	switch {
	case uuid == "":
		return holder{ID: m.ids.dn(dn)}, true
	case m.Groups[uuid] != nil:
		return holder{ID: m.ids.dn(m.Groups[uuid].DN), Group: true}, true
	case isGroup:
		return holder{}, false
	}
	return holder{ID: m.ids.uuid(uuid)}, true
}

// byMemberUID resolves a memberUid. A uid that two people have is nobody's.
func (m *memory) byMemberUID(uid string) events.ID {
	people := m.byUID[uid]
	if len(people) == 1 {
		for uuid := range people {
			return m.ids.uuid(uuid)
		}
	}
	if uuid := m.FormerUID[uid]; len(people) == 0 && uuid != "" {
		return m.ids.uuid(uuid)
	}
	return m.ids.uid(uid)
}

// aliases are the other names of a subject, or nil for one that is not a person
// we know.
func (m *memory) aliases(id events.ID) []events.ID {
	if id.Realm() != m.ids.system+"/uuid" {
		return nil
	}
	p := m.People[id.Local()]
	if p == nil {
		return nil
	}
	return m.names(p)
}

// names are the ids of a person besides its entryUUID, at most as many as an event
// may carry and none that no event may carry.
func (m *memory) names(p *person) []events.ID {
	all := []events.ID{m.ids.dn(p.DN)}
	for _, uid := range p.UIDs {
		all = append(all, m.ids.uid(uid))
	}
	for _, mail := range p.Mails {
		all = append(all, events.NewID(mailRealm, mail))
	}
	all = slices.DeleteFunc(all, func(id events.ID) bool { return id.Validate() != nil })
	return all[:min(len(all), events.MaxAliases)]
}

// groupsWhere lists groups in a fixed order.
func (m *memory) groupsWhere(want func(*group) bool) []string {
	var found []string
	for _, uuid := range slices.Sorted(maps.Keys(m.Groups)) {
		if want(m.Groups[uuid]) {
			found = append(found, uuid)
		}
	}
	return found
}

func put(index map[string]map[string]bool, key, uuid string) {
	if index[key] == nil {
		index[key] = map[string]bool{}
	}
	index[key][uuid] = true
}

func drop(index map[string]map[string]bool, key, uuid string) {
	delete(index[key], uuid)
	if len(index[key]) == 0 {
		delete(index, key)
	}
}
