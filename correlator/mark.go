package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// A mark is an operator's word about alerts: that somebody looks after one, or that
// some are to be left out for a time. It changes nothing of what is so; the next
// revisions carry it. A suppression holds for what it selects, also for what is
// raised later, until it expires or an alert grows more severe under it.
type mark struct {
	What     string          `json:"what"` // acknowledged, suppressed
	Selector events.Selector `json:"selector"`
	Until    Time            `json:"until,omitempty"` // 0: as long as the alert stands
	By       string          `json:"by"`
	Why      string          `json:"why,omitempty"`
	At       Time            `json:"at"` // log time
	Seq      uint64          `json:"seq"`
}

const (
	markAcknowledged = "acknowledged"
	markSuppressed   = "suppressed"
)

// maxMarks bounds the marks in force. Beyond it the oldest goes: what it marked is
// told again without it.
const maxMarks = 256

// maxMarkText bounds in bytes what an alert carries of an operator's words.
const maxMarkText = 256

// acknowledgedFor is how long an acknowledgement is remembered.
const acknowledgedFor = 90 * 24 * time.Hour

// MarkView is a mark as an alert carries it.
type MarkView struct {
	What, By, Why string
	At, Until     Time
	Seq           uint64
}

// applyMark takes in an operator's word. A confirmation that names the rule "clock"
// releases a held jump of the clock. A note is kept by the log alone.
func (s *step) applyMark(ev events.Event, d *events.Mark) bool {
	switch ev.Type {
	case events.OperatorConfirmed:
		if d.Selector.Rule == "clock" {
			s.release()
			return true
		}
		return s.confirmIncidents(d)
	case events.OperatorAcknowledged, events.OperatorSuppressed:
	default:
		return false
	}
	m := mark{What: ev.Type.What(), Selector: d.Selector, Until: At(d.Until), By: clip(d.By, maxMarkText), Why: clip(d.Why, maxMarkText), At: s.now(), Seq: s.msg.Origin.Seq}
	if m.What == markSuppressed {
		m.Until = min(m.Until, s.now().Add(events.MaxSuppression))
		if m.Until <= s.now() {
			return false // it was over before it was said
		}
	}
	all := append(s.marks(), m)
	if len(all) > maxMarks {
		all = all[1:]
	}
	s.setMarks(all)
	return true
}

// marks are those in force.
func (w *Working) marks() []mark {
	if w.meta.Marks == 0 {
		return nil
	}
	if w.inForce == nil {
		decodeRecord(w.st.Get([]byte(keyMarks)), &w.inForce)
	}
	return w.inForce
}

// setMarks puts marks in force, and has every alert that stands looked at again.
func (s *step) setMarks(all []mark) {
	s.inForce = slices.Clone(all)
	s.meta.Marks, s.meta.MarksUntil = len(all), 0
	for _, m := range all {
		if until := m.ends(); s.meta.MarksUntil == 0 || until < s.meta.MarksUntil {
			s.meta.MarksUntil = until
		}
	}
	s.st.Put([]byte(keyMarks), encodeRecord(all))
	s.addJob(job{Kind: jobMarks, Prefix: keyLedger})
}

// ends is when a mark is forgotten.
func (m mark) ends() Time {
	if m.Until != 0 {
		return m.Until
	}
	return m.At.Add(acknowledgedFor)
}

// expireMarks lets go of the marks whose time is over.
func (s *step) expireMarks() {
	if s.meta.MarksUntil == 0 || s.now() < s.meta.MarksUntil {
		return
	}
	s.setMarks(slices.DeleteFunc(slices.Clone(s.marks()), func(m mark) bool { return m.ends() <= s.now() }))
}

// advanceMarks goes on comparing the alerts that stand with their marks.
func (s *step) advanceMarks(j *job) bool {
	var keys []string
	keys, j.Cursor = s.someKeys(keyLedger, j.Cursor)
	for _, k := range keys {
		if s.ledger(k).standing() {
			s.touchLedger(k)
		}
	}
	return j.Cursor == ""
}

func (l *ledger) standing() bool { return l.State == Raised || l.State == Updated }

// marksOf are the marks that an alert which stands bears, in the order of the log.
func (s *step) marksOf(l *ledger) []MarkView {
	var out []MarkView
	for _, m := range s.marks() {
		switch {
		case m.What == markSuppressed && m.Seq <= l.Lifted, m.What == markAcknowledged && m.At < l.RaisedAt:
			continue
		case s.selects(m.Selector, l):
			out = append(out, MarkView{m.What, m.By, m.Why, m.At, m.Until, m.Seq})
		}
	}
	slices.SortFunc(out, func(a, b MarkView) int { return cmp(a.Seq, b.Seq) })
	if n := len(out); n > MaxShown {
		out = out[n-MaxShown:]
	}
	return out
}

// selects reports whether a selector picks an alert: every field that it has does.
func (s *step) selects(sel events.Selector, l *ledger) bool {
	parts := partsOf(l.Key)
	_, approval := parts.Approval.split()
	switch {
	case sel.Alert != "" && sel.Alert != l.ID,
		sel.Rule != "" && sel.Rule != string(parts.Rule),
		sel.Approval != "" && sel.Approval != approval:
		return false
	}
	return sel.Subject == "" || s.isAbout(l, parts, s.canonical(sel.Subject))
}

// isAbout reports whether an alert is about a person, as far as the facets that it
// shows tell.
func (s *step) isAbout(l *ledger, parts alertParts, id events.ID) bool {
	if parts.Account != "" && slices.Contains(s.person(parts.Account, s.now()), id) {
		return true
	}
	for _, e := range s.exemplars(l) {
		v := s.viewFacet(e)
		if v.Subject != "" && slices.Contains(s.person(v.Subject, s.now()), id) {
			return true
		}
	}
	return false
}

// lastMark is the newest of the marks, 0 for none: by it a ledger knows what it was
// told with.
func lastMark(marks []MarkView) uint64 {
	if len(marks) == 0 {
		return 0
	}
	return marks[len(marks)-1].Seq
}

func suppressed(marks []MarkView) bool {
	return slices.ContainsFunc(marks, func(m MarkView) bool { return m.What == markSuppressed })
}

// sameMarks reports whether the alert was last told with these marks.
func (l *ledger) sameMarks(marks []MarkView) bool {
	return l.Bears == len(marks) && l.LastMark == lastMark(marks)
}

// lift takes an alert that has grown more severe out of every suppression so far.
func (s *step) lift(l *ledger, was Severity) {
	if l.Severity > was && suppressed(s.marksOf(l)) {
		l.Lifted = s.msg.Origin.Seq
	}
}

// marksData is the marks as a body carries them.
func marksData(marks []MarkView) []object {
	var out []object
	for _, m := range marks {
		o := object{"mark": m.What, "by": m.By, "at": m.At.String(), "seq": m.Seq}
		if m.Why != "" {
			o["why"] = m.Why
		}
		if m.Until != 0 {
			o["until"] = m.Until.String()
		}
		out = append(out, o)
	}
	return out
}

// marked says in a sentence each what operators say of it.
func (a *Alert) marked() string {
	out := ""
	for _, m := range a.Marks {
		switch m.What {
		case markSuppressed:
			out += " Suppressed until " + m.Until.String() + by(events.ID(m.By)) + "."
		case markAcknowledged:
			out += " Acknowledged" + by(events.ID(m.By)) + "."
		}
	}
	return out
}
