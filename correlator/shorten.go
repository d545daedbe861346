package correlator

import "slices"

// maxActs bounds the acts of one access. Long runs of one kind collapse, so only
// changes add up; beyond the bound the oldest stretch is let go as a whole.
const maxActs = 128

// shorten makes room among the acts of an access. The oldest stretch that is over
// goes, and stays in the sums of the approvals that granted it, as its findings
// stay in their alerts: a source that adds and removes without end does not make
// what was told untrue. Where there is one stretch alone, the oldest act behind
// its beginning goes, so that what granted it stays known.
func (s *step) shorten(x *access) {
	for len(x.Acts) > maxActs {
		eps := s.withParents(x, x.episodes(s.now(), s.pol))
		next := 0
		if len(eps) > 1 {
			next = slices.IndexFunc(x.Acts, func(a act) bool { return a.T == eps[1].Start && a.ID == eps[1].StartID })
		}
		if next <= 0 {
			s.departsAccess(x)
			x.Acts = slices.Delete(x.Acts, 1, 2)
			continue
		}
		s.departsAccess(x)
		first := Stretch{Episode: &eps[0], Covers: s.coversOf(x, &eps[0])}
		first.settle(x.Floor)
		x.Shortened = max(x.Shortened, min(x.Acts[next-1].T, x.Acts[next].T-1))
		x.Acts = slices.Delete(x.Acts, 0, next)
		s.raiseFloor(x, x.Shortened, first.Covers)
		s.keepStretch(x, first)
	}
}

// raiseFloor moves the time up to which an access is judged for good; the windows
// that were over by then count only with their uncertainty.
func (s *step) raiseFloor(x *access, at Time, windows []cover) {
	for _, cv := range windows {
		if a := s.approval(cv.Approval); a != nil && cv.To < at {
			x.FloorUnc = max(x.FloorUnc, a.fold().Unc)
		}
	}
	x.Floor = max(x.Floor, at)
}

// keepStretch adds a stretch that is let go to what the approvals that granted it
// granted.
func (s *step) keepStretch(x *access, st Stretch) {
	for _, k := range grantsOf(nil, []Stretch{st}) {
		a := s.approval(k)
		if a == nil {
			continue
		}
		s.keepGranted(a, []Episode{*st.Episode}, x.Key)
		if len(s.stretchesOf(k, x)) == 0 {
			a.Granted++ // its judgement takes it off, but it was granted
		}
		s.touchApproval(k)
	}
}
