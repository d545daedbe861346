package correlator

import "slices"

// namings are, by who may use them and by a right, the approvals that name it, under
// one policy. Each access of a person asks for those of its right, at every event;
// the approvals that the person had for others are many more.
type namings struct {
	by  *Policy
	all map[string][]naming
}

// naming are the approvals that name a right.
type naming struct {
	held right
	keys []approvalKey
}

// maxRights bounds the rights that are kept for one person.
const maxRights = 256

// naming lists the approvals, in order, that an id may use and that name a right.
func (s *step) naming(id string, held right) []approvalKey {
	if s.named.by != s.pol || len(s.named.all) > s.generation {
		s.named = namings{s.pol, map[string][]naming{}}
	}
	rights := s.named.all[id]
	for i := range rights {
		if rights[i].held == held {
			// Few rights are asked for again and again: those are soon among the first.
			rights[i], rights[i/2] = rights[i/2], rights[i]
			return rights[i/2].keys
		}
	}
	keys := slices.DeleteFunc(s.usableBy(id), func(k approvalKey) bool { return !s.mentions(s.pol, s.approval(k), held) })
	if len(rights) >= maxRights {
		rights = nil
	}
	s.named.all[id] = append(rights, naming{held, keys})
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
func (w *Working) mentions(pol *Policy, a *approval, held right) bool {
	if a == nil {
		return false
	}
	for i := range a.Acts {
		if w.rights.match(pol, w.rightsOf(a, a.Acts[i].Scopes), held) != noMatch {
			return true
		}
	}
	return false
}

// rename takes in that an approval is, or is not any more, among those that an id may
// use, or that it says something else.
func (w *Working) rename(id string, k approvalKey, usable bool) {
	rights := w.named.all[id]
	var a *approval
	if usable && len(rights) > 0 {
		a = w.approval(k)
	}
	for r := range rights {
		n := &rights[r]
		i, among := slices.BinarySearch(n.keys, k)
		switch names := usable && w.mentions(w.named.by, a, n.held); {
		case names && !among:
			n.keys = slices.Insert(slices.Clone(n.keys), i, k)
		case among && !names:
			n.keys = slices.Delete(slices.Clone(n.keys), i, i+1)
		}
	}
}
