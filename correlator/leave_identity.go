package correlator

import (
	"strings"

	"github.com/overstay/overstay/events"
)

// identityFor is how long it is kept who somebody was, and that an account was
// closed, beyond the last word on it: as long as access that was held then may come
// back, twice over.
const identityFor = 2 * tombstoneFor

// leaveLink forgets that two ids were linked, once they no longer are, or once no
// record has said so for long where only records did, and on one of its sides nobody
// holds or may use anything. What a directory states once stays.
func (s *step) leaveLink(owner string) {
	var l link
	if !decodeRecord(s.st.Get([]byte(owner)), &l) || len(l.Acts) == 0 {
		return
	}
	last := Ever
	stated := false
	for _, a := range l.Acts {
		last = max(last, min(a.T, s.now()))
		stated = stated || !a.Alias
	}
	for _, i := range l.intervals() {
		if i.To != Forever {
			last = max(last, min(i.To, s.now()))
		}
	}
	a, b := l.Acts[0].A, l.Acts[0].B
	due := last.Add(identityFor)
	if stated && l.holds(s.now()) || s.now() < due || s.present(a, b) && s.present(b, a) {
		s.expire(owner, max(due, s.now().Add(tombstoneFor)))
		return
	}
	asserter := owner[strings.LastIndex(owner, idSep)+1:]
	s.delist(indexLink, indexed(a), indexed(b)+idSep+asserter)
	s.delist(indexLink, indexed(b), indexed(a)+idSep+asserter)
	clear(s.persons)
}

// leaveAccount forgets an account that was closed long ago, whose person holds
// nothing and that owns nothing.
func (s *step) leaveAccount(owner string) {
	id := events.ID(owner[1:])
	a := s.account(id)
	if a == nil || len(a.Acts) == 0 {
		return
	}
	all := s.accountOf(id)
	closed := all.closedTimes()
	due := min(all.Acts[len(all.Acts)-1].T, s.now()).Add(identityFor)
	owns := false
	s.each(indexOwned, indexed(id), func(string) bool {
		owns = true
		return false
	})
	if n := len(closed); n == 0 || closed[n-1].To != Forever || s.now() < due || owns || !a.verdict.rests() || s.present(id, "") {
		s.expire(owner, max(due, s.now().Add(tombstoneFor)))
		return
	}
	for _, f := range a.Facets {
		s.st.Delete(facetKey(f, owner))
	}
	for _, act := range a.Acts {
		if act.Owner != "" {
			s.delist(indexOwned, indexed(act.Owner), string(id))
		}
	}
	s.delist(indexAccount, indexed(id), string(id))
	s.drop(owner)
	s.accounts.drop(id)
}

// present reports whether anybody who is, or was, reachable from an id holds an
// access or may use an approval; what is reached only over one other id does not
// count.
func (s *step) present(id, except events.ID) bool {
	ids := []events.ID{s.canonical(id)}
	seen := map[events.ID]bool{ids[0]: true, s.canonical(except): true}
	for i := 0; i < len(ids) && len(ids) < maxPerson; i++ {
		if s.budget--; s.names(ids[i]) || s.budget <= 0 {
			return true
		}
		near, _ := s.neighbours(ids[i], anyTime)
		for _, e := range near {
			for _, other := range []events.ID{e.A, e.B} {
				if !seen[other] {
					seen[other] = true
					ids = append(ids, other)
				}
			}
		}
	}
	return len(ids) >= maxPerson
}

// names reports whether an access or an approval names the id.
func (s *step) names(id events.ID) bool {
	found := false
	for _, class := range []string{indexSubject, indexConsumer} {
		s.each(class, indexed(id), func(string) bool {
			found = true
			return false
		})
	}
	return found
}
