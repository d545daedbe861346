package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// Realms are owned: the first source in the log that declares one, or whose
// accounts or accesses lie in it, is the only one that may say what its ids are.
// Otherwise any connector could declare somebody else's ids shared, and with that
// take people apart and silence what is told of them. The policy overrides all.
const (
	maxRealms     = 256
	maxUsedRealms = maxRealms / 2 // leaves room for those that are declared
)

// useRealm makes a source the owner of a realm that nobody owns yet.
func (s *step) useRealm(name, source string) {
	if len(s.meta.RealmOwners) < maxUsedRealms {
		s.ownRealm(name, source)
	}
}

// ownRealm reports whether a realm is the source's, and makes it so where it is
// nobody's.
func (s *step) ownRealm(name, source string) bool {
	if name == "" {
		return false
	}
	owner, owned := s.meta.RealmOwners[name]
	if !owned && len(s.meta.RealmOwners) < maxRealms {
		if s.meta.RealmOwners == nil {
			s.meta.RealmOwners = map[string]string{}
		}
		s.meta.RealmOwners[name] = source
		owner = source
	}
	return owner == source
}

// declareRealms takes in what a source says of its realms. A change of what was
// thought of one has everything judged again. What it says of another source's
// is passed over, and noted where it differs.
func (s *step) declareRealms(r *source) {
	r.Refused = nil
	changed := false
	for _, realm := range r.Caps.Realms {
		have, known := s.meta.Realms[realm.Name]
		if !known {
			have = events.Realm{Name: realm.Name}
		}
		switch {
		case !s.ownRealm(realm.Name, r.URI):
			if have != realm {
				r.Refused = append(r.Refused, realm.Name)
			}
		case have != realm || !known:
			if s.meta.Realms == nil {
				s.meta.Realms = map[string]events.Realm{}
			}
			s.meta.Realms[realm.Name] = realm
			s.forgetPeople()
			changed = changed || have != realm
		}
	}
	slices.Sort(r.Refused)
	if changed {
		clear(s.persons)
		s.rejudge()
	}
}
