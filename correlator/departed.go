package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// Departed is what goes out of the working state with a step, whole, as it was right
// before: whoever looks back still wants to see it. An access that is held goes in
// part, its oldest stretch or the windows that were over long ago, and comes here as
// a whole, too; what is seen of it later says the rest.
type Departed struct {
	Accesses  []AccessView
	Approvals []ApprovalRecord
	// Alerts are forgotten.
	Alerts []AlertRecord
	// Facts made room for others in the record of an access that stays.
	Facts []DepartedFact
}

// DepartedFact is a fact that went alone, with the access that it is about.
type DepartedFact struct {
	Kind       events.AccessKind
	Source, ID string
	Fact       Fact
}

// ShowDeparted has every later step say in its result what departs. It changes
// nothing else.
func (w *Working) ShowDeparted() { w.showDeparted = true }

func (s *step) departsAccess(x *access) {
	if s.showDeparted {
		s.out.Departed.Accesses = append(s.out.Departed.Accesses, (&View{s: s}).access(x))
	}
}

func (s *step) departsApproval(a *approval) {
	if s.showDeparted {
		s.out.Departed.Approvals = append(s.out.Departed.Approvals, (&View{s: s}).approval(a))
	}
}

func (s *step) departsAlert(l *ledger) {
	if s.showDeparted {
		s.out.Departed.Alerts = append(s.out.Departed.Alerts, (&View{s: s}).alert(l))
	}
}

// departsFacts shows what a new act pushed out of the record of an access, given what
// was there before, the new act included.
func (s *step) departsFacts(x *access, before []act) {
	if len(x.Acts) >= len(before) {
		return
	}
	kind, source, id := x.Key.split()
	for _, a := range before {
		if !slices.ContainsFunc(x.Acts, func(o act) bool { return o.order(a) == 0 }) {
			s.out.Departed.Facts = append(s.out.Departed.Facts, DepartedFact{kind, source, id, factOf(kind, a)})
		}
	}
}
