package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// resolve follows a reissue to the access that it continues.
func (s *step) resolve(k accessKey) accessKey {
	for range maxLineage {
		if !s.stands(indexAlias, string(k)) {
			break
		}
		k = accessKey(s.st.Get(key(indexAlias, string(k))))
	}
	return k
}

// addParents notes the edges upward. A reissue of the same right is not a second
// access: it continues the first under the first one's key.
func (s *step) addParents(ev events.Event, x *access, parents []events.Parent) *access {
	var refs []parentRef
	for _, p := range parents {
		k := s.resolve(makeAccessKey(p.Kind, sourceOf(p.Source, ev), p.ID))
		if k == x.Key {
			continue
		}
		s.recall(k) // what it gave passes on
		refs = append(refs, parentRef{k, p.Edge})
		s.enlist(indexChild, string(k), string(x.Key))
	}
	x.Parents = unite(x.Parents, refs, lessParent, events.MaxParents)
	again := s.reissuesOf(x)
	for _, p := range x.Parents {
		if root := s.access(p.Key); p.reissues(x.Key) && root != nil && root.Scope == x.Scope && !x.Scope.IsZero() {
			x = s.mergeInto(root, x)
			break
		}
	}
	for _, c := range again {
		if child := s.access(c); child != nil && c != x.Key {
			s.mergeInto(x, child)
		}
	}
	return x
}

// reissuesOf lists the accesses that continue this one, and were read before it.
func (s *step) reissuesOf(x *access) []accessKey {
	var out []accessKey
	if x.Scope.IsZero() || !s.anyListed(indexChild, string(x.Key)) {
		return nil
	}
	s.each(indexChild, string(x.Key), func(c string) bool {
		out = append(out, accessKey(c))
		return len(out) < stepBudget
	})
	return slices.DeleteFunc(out, func(c accessKey) bool {
		child := s.access(c)
		return child == nil || c == x.Key || child.Scope != x.Scope || !slices.ContainsFunc(child.Parents, func(p parentRef) bool {
			return p.Key == x.Key && p.reissues(c)
		})
	})
}

// reissues reports whether the edge says that a child is the parent issued again.
// That is for the source of both to say: another's would end what is not its own.
func (p parentRef) reissues(child accessKey) bool {
	return p.Edge == events.EdgeReissue && p.Key.source() == child.source()
}

// mergeInto makes child a part of root: its facts move, and its id leads there.
func (s *step) mergeInto(root, child *access) *access {
	s.bringUnder(ownAccess + string(root.Key))
	s.bringUnder(ownAccess + string(child.Key))
	s.changed[ownAccess+string(root.Key)] = true
	_, _, id := child.Key.split()
	for _, a := range child.Acts {
		if a.Kind == actStart {
			a.Kind, a.Issue = actRenew, true // the same access, with a new expiry
		}
		if a.Of == "" {
			a.Of = id
		}
		s.learn(root, a)
	}
	s.adopt(root, child)
	root.Refs = unite(root.Refs, child.Refs, lessRef, events.MaxRefs)
	root.Aliases = uniteIDs(root.Aliases, child.Aliases)
	root.isOfKind(child.Credential, child.CredentialBy)
	root.isRevocable(child.Revocable, child.RevocableBy)
	for _, p := range child.Parents {
		s.delist(indexChild, string(p.Key), string(child.Key))
		if p.Key != root.Key {
			s.enlist(indexChild, string(p.Key), string(root.Key))
			root.Parents = unite(root.Parents, []parentRef{p}, lessParent, events.MaxParents)
		}
	}
	for _, r := range child.Refs {
		s.delist(indexRef, r.ID, string(child.Key))
		s.enlist(indexRef, r.ID, string(root.Key))
	}
	s.forget(child)
	s.putPast(indexAlias, string(child.Key), []byte(root.Key))
	s.expire(indexAlias+string(child.Key), s.now().Add(tombstoneFor))
	s.touchAccess(root.Key)
	return root
}

// adopt makes the children of one access those of another.
func (s *step) adopt(root, former *access) {
	var children []accessKey
	s.each(indexChild, string(former.Key), func(child string) bool {
		children = append(children, accessKey(child))
		return true
	})
	for _, k := range children {
		s.delist(indexChild, string(former.Key), string(k))
		child := s.access(k)
		if child == nil || k == root.Key {
			continue
		}
		for i, p := range child.Parents {
			if p.Key == former.Key {
				child.Parents[i].Key = root.Key
			}
		}
		child.Parents = unite(child.Parents, nil, lessParent, events.MaxParents)
		s.changed[ownAccess+string(k)] = true
		s.enlist(indexChild, string(root.Key), string(k))
		s.touchAccess(k)
	}
}

// forgetAlias lets go of where an id of a reissue leads, once what it leads to is
// forgotten or has not gone by it for long.
func (s *step) forgetAlias(child accessKey) {
	k := key(indexAlias, string(child))
	root := s.resolve(child)
	_, _, id := child.split()
	x := s.access(root)
	if x != nil && !slices.ContainsFunc(x.Acts, func(a act) bool { return a.Of == id }) || x == nil && s.pastAccess(root) == nil {
		s.dropPast(indexAlias, string(child))
		return
	}
	s.expire(string(k), s.now().Add(tombstoneFor))
}

// forget takes an access out of the state with everything derived from it.
func (s *step) forget(x *access) {
	s.setFacets(ownAccess+string(x.Key), &x.verdict, nil)
	s.setGranted(x, nil, nil)
	s.setPaths(x, nil)
	s.setSecrets(x, nil)
	s.setUnresolved(x, "")
	s.setBears(x, nil)
	s.setExpiry(ownAccess+string(x.Key), &x.Expire, 0)
	s.setWaits(ownAccess+string(x.Key), x.Waits, nil)
	s.setWake(ownAccess+string(x.Key), &x.Wake, 0)
	s.countJudgement(x, "", false)
	for _, id := range x.Indexed {
		s.delist(indexSubject, indexed(id), string(x.Key))
	}
	s.st.Delete([]byte(keyAccess + string(x.Key)))
	delete(s.changed, ownAccess+string(x.Key))
	s.accesses.put(x.Key, nil)
}
