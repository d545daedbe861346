package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// workload reports whether an id is no person's: the policy says so of it or its
// realm, the source of its realm does, or its directory says it of the account.
func (s *step) workload(id events.ID) bool {
	if id == "" {
		return false
	}
	set := s.pol.Workloads
	if slices.Contains(set.Realms, id.Realm()) || s.realm(id).Workload ||
		slices.ContainsFunc(set.IDs, func(p string) bool { return matchGlob(p, string(id)) }) {
		return true
	}
	a := s.accountOf(id)
	return a != nil && a.saidToBeNoPerson()
}

// saidToBeNoPerson is the directory's latest word on whose account it is.
func (a *account) saidToBeNoPerson() bool {
	for i := len(a.Acts) - 1; i >= 0; i-- {
		if p := a.Acts[i].Person; p != "" {
			return p == notAPerson
		}
	}
	return false
}

// workloadBehind is the workload whose access this is, or from whose access it
// came; "" where only persons are seen.
func (s *step) workloadBehind(x *access) events.ID {
	seen := map[accessKey]bool{x.Key: true}
	for todo := []*access{x}; len(todo) > 0; todo = todo[1:] {
		if s.workload(todo[0].Subject) {
			return todo[0].Subject
		}
		for _, p := range todo[0].Parents {
			if parent := s.access(p.Key); parent != nil && !seen[p.Key] && len(seen) <= maxLineage {
				seen[p.Key] = true
				todo = append(todo, parent)
			}
		}
	}
	return ""
}
