package correlator

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"slices"

	"github.com/overstay/overstay/events"
)

// The judgements of an open access, as the coverage report names them.
const (
	judgedCovered  = "covered"
	judgedExposed  = "exposed"
	judgedBaseline = "baseline"
	unjudgedScope  = "unjudged: no approval of this person names it"
	unjudgedOver   = "unjudged: the approvals that name it were over when it began"
	unjudgedEnd    = "unjudged: the window's end is unknown"
	unjudgedWho    = "unjudged: nobody is named"
)

// judgementOf sums up an open access in a word; "" for one that has ended.
func judgementOf(c *Case) string {
	if !openOf(c) {
		return ""
	}
	st := c.Stretches[len(c.Stretches)-1]
	for _, cv := range st.Covers {
		if cv.Full && cv.From <= c.Now && c.Now < cv.To {
			if cv.UnknownEnd {
				return unjudgedEnd
			}
			return judgedCovered
		}
	}
	for _, g := range st.Gaps {
		if g.After != nil && g.To == Forever {
			return judgedExposed
		}
	}
	return uncovered(c, st, c.ApprovalsSeen)
}

// uncovered is what a stretch is while nothing covers it and nothing that granted it
// has ended; seen says whether approvals of the time that it began in are known.
func uncovered(c *Case, st Stretch, seen bool) string {
	switch {
	case c.Subject == "":
		return unjudgedWho
	case st.Baseline:
		return judgedBaseline
	case c.Watched && seen:
		return judgedExposed
	}
	if slices.ContainsFunc(st.Covers, func(cv cover) bool { return cv.Full && cv.To <= st.Start }) {
		return unjudgedOver
	}
	return unjudgedScope
}

// room is where a judgement makes what it needs for itself, and the next one takes it
// over: whoever keeps something of it, a record above all, keeps a copy.
type room struct {
	findings             []Finding
	made                 []since
	access               Case
	source               SourceCase
	granted, held, bears []approvalKey
}

// takeRoom gives a judgement a room of its own until it hands it back. None runs inside
// another as it is; one that did would find no room left, and not write over the other.
func (w *Working) takeRoom() *room {
	b := w.room
	if w.room = nil; b == nil {
		b = new(room)
	}
	return b
}

func (w *Working) handBack(b *room) { w.room = b }

// scratch is for what one function needs while it runs.
type scratch struct {
	near, referred []approvalKey
	covers         []cover   // of one approval
	episodes       []Episode // of what an approval granted
}

// grantsOf lists the approvals that granted any of the stretches, in a list that is
// empty.
func grantsOf(out []approvalKey, stretches []Stretch) []approvalKey {
	for _, st := range stretches {
		for _, cv := range st.Covers {
			if cv.Grants {
				out = append(out, cv.Approval)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// bearsOf lists the approvals that cover a stretch without having granted any.
func bearsOf(out []approvalKey, stretches []Stretch, granted []approvalKey) []approvalKey {
	for _, st := range stretches {
		for _, cv := range st.Covers {
			if _, grants := slices.BinarySearch(granted, cv.Approval); !grants {
				out = append(out, cv.Approval)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// setBears keeps the index of what an approval bears on besides: it stays for as
// long as an access is judged by it.
func (s *step) setBears(x *access, now []approvalKey) {
	if slices.Equal(x.Bears, now) {
		return
	}
	for _, k := range x.Bears {
		if !slices.Contains(now, k) {
			s.delist(indexBears, string(k), string(x.Key))
		}
	}
	for _, k := range now {
		if !slices.Contains(x.Bears, k) {
			s.enlist(indexBears, string(k), string(x.Key))
		}
	}
	x.Bears = append([]approvalKey(nil), now...)
}

// grantsHeld lists the approvals, of those that granted any stretch, that granted the
// one which is open.
func (c *Case) grantsHeld(out, granted []approvalKey) []approvalKey {
	n := len(c.Stretches)
	switch {
	case !openOf(c):
		return out
	case n == 1:
		return append(out, granted...)
	}
	return grantsOf(out, c.Stretches[n-1:])
}

// setGranted keeps the index of what an approval granted, and the counts of it:
// all, and those of which a stretch that it granted is open.
func (s *step) setGranted(x *access, now, open []approvalKey) {
	if slices.Equal(x.Granted, now) && slices.Equal(x.GrantedOpen, open) {
		return
	}
	count := func(keys, open []approvalKey, d int) {
		for _, k := range keys {
			a := s.approval(k)
			if a == nil {
				continue
			}
			owner := ownApproval + string(k)
			s.changed[owner] = true
			a.Granted += d
			if slices.Contains(open, k) {
				a.Open += d
			}
			a.outdate()
			s.touch(owner)
		}
	}
	count(x.Granted, x.GrantedOpen, -1)
	count(now, open, 1)
	for _, k := range x.Granted {
		if !slices.Contains(now, k) {
			s.delist(indexGranted, string(k), string(x.Key))
		}
	}
	for _, k := range now {
		s.enlist(indexGranted, string(k), string(x.Key))
	}
	x.Granted, x.GrantedOpen = append([]approvalKey(nil), now...), append([]approvalKey(nil), open...)
}

// setShape keeps whose the access is and when it was held, as far as its children
// depend on it: they live and die with a stretch of it, and inherit who holds it and
// what granted it. Signs of life are left out, so that a
// token in use does not have a thousand leases judged again.
func (s *step) setShape(x *access, c *Case) {
	shape := c.shape(s.rootSubject(x))
	if x.Shape == string(shape[:]) {
		return
	}
	x.Shape = string(shape[:])
	s.touchAll(indexChild, string(x.Key))
	s.recallAll(indexPastChild, string(x.Key))
	for _, k := range x.Granted {
		s.touchApproval(k)
	}
}

// shape sums up who holds an access and its stretches, with what granted each.
func (c *Case) shape(root events.ID) (text [32]byte) {
	h := fnv.New128a()
	b := make([]byte, 0, 512)
	say := func(parts ...string) {
		for _, p := range parts {
			b = append(append(b, p...), 0)
		}
	}
	say(string(root), string(c.Workload))
	for _, id := range c.Person {
		say(string(id))
	}
	for i := range c.Stretches {
		st := &c.Stretches[i]
		b = append(b, 1)
		b = binary.BigEndian.AppendUint64(b, uint64(st.Start))
		b = binary.BigEndian.AppendUint64(b, uint64(st.End))
		say(string(st.Basis))
		for _, cv := range st.Covers {
			if cv.Grants {
				say(string(cv.Approval))
			}
		}
		h.Write(b)
		b = b[:0]
	}
	h.Write(b)
	hex.Encode(text[:], h.Sum(b[:0]))
	return text
}

// countJudgement keeps the counts of open accesses, by source and judgement.
func (s *step) countJudgement(x *access, judged string, open bool) {
	m := &s.meta.Counts
	if open != x.OpenNow {
		r := s.sourceOrNew(x.Key.source())
		d := 1
		if !open {
			d = -1
		}
		m.Open += d
		r.Open += d
		x.OpenNow = open
		s.touch(ownSource + r.URI)
	}
	if judged == x.Judged {
		return
	}
	if m.Judgement == nil {
		m.Judgement = map[string]int{}
	}
	if x.Judged != "" {
		if m.Judgement[x.Judged]--; m.Judgement[x.Judged] == 0 {
			delete(m.Judgement, x.Judged)
		}
	}
	if judged != "" {
		m.Judgement[judged]++
	}
	x.Judged = judged
}
