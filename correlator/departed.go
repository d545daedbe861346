package correlator

// Departed is what goes out of the working state with a step, whole, as it was right
// before: whoever looks back still wants to see it. An access that is held goes in
// part, its oldest stretch or the windows that were over long ago, and comes here as
// a whole, too; what is seen of it later says the rest.
type Departed struct {
	Accesses  []AccessView
	Approvals []ApprovalRecord
}

// ShowDeparted has every later step say in its result what departs. It changes
// nothing else.
func (w *Working) ShowDeparted() { w.showDeparted = true }

func (s *step) departsAccess(x *access) {
	if s.showDeparted {
		s.out.Departed.Accesses = append(s.out.Departed.Accesses, (&View{s}).access(x))
	}
}

func (s *step) departsApproval(a *approval) {
	if s.showDeparted {
		s.out.Departed.Approvals = append(s.out.Departed.Approvals, (&View{s}).approval(a))
	}
}
