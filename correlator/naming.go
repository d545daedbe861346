package correlator

import "slices"

// namings are, by who may use them, the approvals with what they name, under one policy.
// Each access of a person asks for those of its right, at every event; the approvals that
// the person had for others are many more, and most have not been asked for otherwise for
// long: their records are read once for all rights, and not again for as long as somebody
// asks for one of this person's.
type namings struct {
	by  *Policy
	all recent[string, usable]
}

// usable is what one id may use.
type usable struct {
	approvals []named  // in the order of their keys
	asked     []naming // what was asked of them
}

// named is an approval, with the rights that its acts name.
type named struct {
	key    approvalKey
	rights []right
}

// naming are the approvals that name a right, in order.
type naming struct {
	held right
	keys []approvalKey
}

// maxRights bounds the rights that are kept for one person.
const maxRights = 256

// naming lists the approvals, in order, that an id may use and that name a right.
func (s *step) naming(id string, held right) []approvalKey {
	if s.named.by != s.pol {
		s.named = namings{s.pol, newRecent[string, usable](nil)}
	}
	u, known := s.named.all.get(id)
	for i := range u.asked {
		if u.asked[i].held == held {
			// Few rights are asked for again and again: those are soon among the first.
			u.asked[i], u.asked[i/2] = u.asked[i/2], u.asked[i]
			return u.asked[i/2].keys
		}
	}
	if !known {
		u.approvals = s.namedBy(id)
	}
	var keys []approvalKey
	for _, a := range u.approvals {
		if s.rights.match(s.pol, a.rights, held) != noMatch {
			keys = append(keys, a.key)
		}
	}
	if len(u.asked) >= maxRights {
		u.asked = nil
	}
	u.asked = append(u.asked, naming{held, keys})
	s.named.all.put(id, u)
	return keys
}

// namedBy lists what an id may use, in order.
func (w *Working) namedBy(id string) []named {
	keys := w.usableBy(id)
	if len(keys) == 0 {
		return nil
	}
	out := make([]named, len(keys))
	for i, k := range keys {
		out[i] = named{k, w.rightsNamed(w.approval(k))}
	}
	return out
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

// rightsNamed are the rights that any act of the approval names: what none names has
// never been covered by it and is not now.
func (w *Working) rightsNamed(a *approval) []right {
	if a == nil {
		return nil
	}
	var out []right
	for i := range a.Acts {
		of := w.rightsOf(a, a.Acts[i].Scopes)
		if out == nil {
			out = slices.Clip(of) // shared with the approval, and nobody's to change
			continue
		}
		for _, r := range of {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// rename takes in that an approval is, or is not any more, among those that an id may
// use, or that it says something else.
func (w *Working) rename(id string, k approvalKey, isUsable bool) {
	u, known := w.named.all.get(id)
	if !known {
		return
	}
	i, among := slices.BinarySearchFunc(u.approvals, k, func(a named, k approvalKey) int { return cmp(string(a.key), string(k)) })
	var rights []right
	switch {
	case isUsable:
		rights = w.rightsNamed(w.approval(k))
		if !among {
			u.approvals = slices.Insert(u.approvals, i, named{key: k})
		}
		u.approvals[i].rights = rights
	case among:
		u.approvals = slices.Delete(u.approvals, i, i+1)
	}
	w.named.all.put(id, u)
	for r := range u.asked {
		n := &u.asked[r]
		i, among := slices.BinarySearch(n.keys, k)
		switch names := isUsable && w.rights.match(w.named.by, rights, n.held) != noMatch; {
		case names && !among:
			n.keys = slices.Insert(slices.Clone(n.keys), i, k)
		case among && !names:
			n.keys = slices.Delete(slices.Clone(n.keys), i, i+1)
		}
	}
}
