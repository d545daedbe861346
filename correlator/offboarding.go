package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// leaving is when every account of a person in the authoritative realms was
// closed.
type leaving struct {
	Account events.ID // the first of them, by id: it names the alert
	Gone    []Interval
}

// leaving finds when the person had left: when none of their accounts in the
// authoritative realms was open.
func (s *step) leaving(person []events.ID) *leaving {
	var out *leaving
	for _, id := range person {
		if !slices.Contains(s.pol.Offboarding.Realms, id.Realm()) {
			continue
		}
		a := s.accountOf(id)
		if a == nil {
			continue
		}
		if out == nil {
			out = &leaving{Account: id, Gone: a.closedTimes()}
			continue
		}
		out.Gone = intersect(out.Gone, a.closedTimes())
	}
	return out
}
