package correlator

import "slices"

// judgeApproval keeps count of the windows in force and seals the chain of an
// approval that is over.
func (s *step) judgeApproval(k approvalKey) {
	a := s.approval(k)
	if a == nil {
		return
	}
	s.changed[ownApproval+string(k)] = true
	st := a.fold()
	end := st.end()
	active := st.Granted && end > s.now()
	if active != a.Active {
		a.Active = active
		if active {
			s.meta.ActiveWindows++
		} else {
			s.meta.ActiveWindows--
		}
		if s.meta.ActiveWindows <= 1 {
			for _, uri := range s.sourcesKnown() {
				s.touch(ownSource + uri)
			}
		}
	}
	wake := Forever
	if active {
		wake = end
	}
	v := s.judgeSeal(a, st, end)
	owner := ownApproval + string(k)
	s.setWaits(owner, a.Waits, v.waits)
	a.Waits = v.waits
	s.setWake(owner, &a.Wake, min(wake, v.wake))
}

// sourcesKnown lists every source, in order.
func (s *step) sourcesKnown() []string {
	var out []string
	s.st.Scan([]byte(keySource), nil, func(k, _ []byte) bool {
		out = append(out, string(k[1:]))
		return true
	})
	for uri, r := range s.sources {
		if r != nil && !slices.Contains(out, uri) {
			out = append(out, uri)
		}
	}
	slices.Sort(out)
	return out
}
