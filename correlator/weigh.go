package correlator

import "github.com/overstay/overstay/events"

const (
	actsOfOne  = 4       // acts of a record that count for one more, each about half a KB
	bytesOfOne = 1 << 10 // bytes of text that do
)

// weightOf is for how many records that of an owner counts, where a step is bounded by
// what it writes. It is taken from what the record says, and not from its bytes: when
// those were made depends on what else was applied with it.
func (s *step) weightOf(owner string) int {
	text := 3 * len(owner) // its key, and those of its timers
	switch owner[:1] {
	case ownAccess:
		x := s.access(accessKey(owner[1:]))
		if x == nil {
			return 1
		}
		return weightOfAccess(x) + (text+x.text())/bytesOfOne
	case ownApproval:
		a := s.approval(approvalKey(owner[1:]))
		if a == nil {
			return 1
		}
		return weightOfApproval(a) + (text+a.text())/bytesOfOne
	}
	return 1 + text/bytesOfOne
}

func weightOfAccess(x *access) int {
	if x == nil {
		return 1
	}
	return 1 + len(x.Acts)/actsOfOne
}

func weightOfApproval(a *approval) int {
	if a == nil {
		return 1
	}
	return 1 + len(a.Acts)/actsOfOne
}

// text is how many bytes of a record of an access are of its sources' making.
func (x *access) text() int {
	n := len(x.Subject) + textOf(x.Scope)
	for i := range x.Acts {
		n += len(x.Acts[i].ID) + len(x.Acts[i].Note)
	}
	return n
}

// text is how many bytes of a record of an approval are of its sources' making.
func (a *approval) text() int {
	n := 0
	for i := range a.Acts {
		act := &a.Acts[i]
		n += len(act.ID) + len(act.Ticket) + len(act.Reason)
		for _, sc := range act.Scopes {
			n += textOf(sc)
		}
		for _, id := range act.Consumers {
			n += len(id)
		}
	}
	for _, id := range a.Indexed {
		n += len(id)
	}
	return n
}

func textOf(s events.Scope) int {
	return len(s.System) + len(s.Resource) + len(s.Role) + len(s.Level)
}
