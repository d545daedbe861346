package correlator

import (
	"strings"

	"github.com/overstay/overstay/events"
)

// right is the number of a scope: a company has few, and each event has some compared
// with others.
type right uint32

// rights numbers scopes, and remembers how those that were approved match those that
// are held, as long as the policy stays.
type rights struct {
	numbers map[events.Scope]right
	scopes  []events.Scope // by number, from 1
	round   int            // how often they were numbered anew
	matches map[uint64]scopeMatch
	by      *Policy
}

// maxNumbered bounds the scopes that are numbered, between runs of messages, and the
// comparisons that are remembered.
const maxNumbered = 1 << 13

// renumber forgets the numbers where there are too many.
func (w *Working) renumber() {
	if len(w.rights.scopes) > maxNumbered {
		w.rights, w.named = rights{round: w.rights.round + 1}, namings{}
		w.held = newRecent[accessKey, right](nil)
	}
}

// number is the number of a scope.
func (r *rights) number(scope events.Scope) right {
	no, known := r.numbers[scope]
	if !known {
		if r.numbers == nil {
			r.numbers, r.scopes = map[events.Scope]right{}, make([]events.Scope, 1)
		}
		no = right(len(r.scopes))
		r.numbers[scope], r.scopes = no, append(r.scopes, scope)
	}
	return no
}

// match is matchScopes of the best of some approved rights and one that is held.
func (r *rights) match(pol *Policy, approved []right, held right) scopeMatch {
	best := noMatch
	for _, a := range approved {
		if r.by != pol || len(r.matches) >= maxNumbered {
			r.matches, r.by = map[uint64]scopeMatch{}, pol
		}
		pair := uint64(a)<<32 | uint64(held)
		m, seen := r.matches[pair]
		if !seen {
			m = pol.matchScopes(r.scopes[a], r.scopes[held])
			r.matches[pair] = m
		}
		best = max(best, m)
	}
	return best
}

// numbered are the rights of one list of scopes, as one round of numbering has them.
type numbered struct {
	first *events.Scope // what tells the list: acts and windows share what was said
	round int
	of    []right
}

// maxLists is how many lists of its scopes an approval remembers the rights of: most
// have one.
const maxLists = 8

// rightOf is the right that an access is to.
func (w *Working) rightOf(x *access) right {
	if r := &w.rights; x.right == 0 || int(x.right) >= len(r.scopes) || r.scopes[x.right] != x.Scope {
		x.right = r.number(x.Scope)
	}
	return x.right
}

// heldBy is the right that an access in the state is to, and whether there is such a
// record: it is told without reading it, where it was asked for before.
func (w *Working) heldBy(k accessKey) (held right, there bool) {
	if x, decoded := w.accesses.peek(k); decoded {
		return w.heldIn(x)
	}
	if held, known := w.held.get(k); known {
		return held, true
	}
	held, there = w.heldIn(w.access(k))
	if there {
		w.held.put(accessKey(strings.Clone(string(k))), held)
	}
	return held, there
}

func (w *Working) heldIn(x *access) (held right, there bool) {
	if x == nil {
		return 0, false
	}
	return w.rightOf(x), true
}

// keepHeld has what was found out of an access that changed be true of it before its
// record can be let go.
func (w *Working) keepHeld(k accessKey) {
	if _, known := w.held.get(k); !known {
		return
	}
	if held, there := w.heldIn(w.access(k)); there {
		w.held.put(k, held)
		return
	}
	w.held.drop(k)
}

// rightsOf are those of scopes that an approval names.
func (w *Working) rightsOf(a *approval, scopes []events.Scope) []right {
	if len(scopes) == 0 {
		return nil
	}
	for i := range a.rights {
		if n := &a.rights[i]; n.first == &scopes[0] && len(n.of) == len(scopes) && n.round == w.rights.round {
			return n.of
		}
	}
	of := make([]right, len(scopes))
	for i, scope := range scopes {
		of[i] = w.rights.number(scope)
	}
	if len(a.rights) >= maxLists {
		a.rights = nil
	}
	a.rights = append(a.rights, numbered{&scopes[0], w.rights.round, of})
	return of
}
