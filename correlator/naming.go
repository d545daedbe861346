package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// namings are, by who may use them and by a right, the approvals that name it, under
// one policy. Each access of a person asks for those of its right, at every event;
// the approvals that the person had for others are many more.
type namings struct {
	by  *Policy
	all map[string]map[events.Scope][]approvalKey
}

// maxRights bounds the rights that are kept for one person.
const maxRights = 256

// naming lists the approvals, in order, that an id may use and that name a right.
func (s *step) naming(id string, held events.Scope) []approvalKey {
	if s.named.by != s.pol || len(s.named.all) > s.generation {
		s.named = namings{s.pol, map[string]map[events.Scope][]approvalKey{}}
	}
	rights := s.named.all[id]
	if keys, known := rights[held]; known {
		return keys
	}
	keys := slices.DeleteFunc(s.usableBy(id), func(k approvalKey) bool { return !s.mentions(k, held) })
	if rights == nil || len(rights) >= maxRights {
		rights = map[events.Scope][]approvalKey{}
		s.named.all[id] = rights
	}
	rights[held] = keys
	return keys
}

// usableBy lists the approvals, in order, that an id may use.
func (w *Working) usableBy(id string) []approvalKey {
	var keys []approvalKey
	w.each(indexConsumer, id, func(k string) bool {
		keys = append(keys, approvalKey(k))
		return true
	})
	return keys
}

// mentions reports whether any act of the approval names a right that is held: what
// none names has never been covered by it and is not now.
func (s *step) mentions(k approvalKey, held events.Scope) bool {
	return s.mentionedUnder(s.pol, k, held)
}

func (w *Working) mentionedUnder(pol *Policy, k approvalKey, held events.Scope) bool {
	a := w.approval(k)
	if a == nil {
		return false
	}
	for i := range a.Acts {
		if w.match(pol, a.Acts[i].Scopes, held) != noMatch {
			return true
		}
	}
	return false
}

// rename takes in that an approval is, or is not any more, among those that an id may
// use, or that it says something else.
func (w *Working) rename(id string, k approvalKey, usable bool) {
	rights := w.named.all[id]
	for held, keys := range rights {
		i, among := slices.BinarySearch(keys, k)
		switch names := usable && w.mentionedUnder(w.named.by, k, held); {
		case names && !among:
			rights[held] = slices.Insert(slices.Clone(keys), i, k)
		case among && !names:
			rights[held] = slices.Delete(slices.Clone(keys), i, i+1)
		}
	}
}
