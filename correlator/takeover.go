package correlator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/events"
)

// A state that was made again without all of the log, or by other semantics, may
// number what it tells otherwise than the state before it did, or judge otherwise
// for want of facts. A revision that a subscriber has cannot be told anew, and a
// verdict that differs must not be kept from it. So the shell holds back what such a
// state has to say until a run of system.told has listed what the alert stream says
// last of each alert. From there on each goes on from that revision, and those that
// stand otherwise than they were told are told again, marked as recomputed.

// takeOver is how far that is.
type takeOver struct {
	// Run is the one that is being gone through, "" for none.
	Run string `json:"run,omitempty"`
	// What was told last in Epoch when the list was begun follows from the message at
	// After; 0: nothing was told by this state.
	Epoch uint64 `json:"epoch,omitempty"`
	After uint64 `json:"after,omitempty"`
	// Done are runs that were gone through: a log that is read again has them again.
	Done []string `json:"done,omitempty"`
	// Stranded counts the alerts that stand as they were told and that this state
	// knows nothing of; First are the first of them.
	Stranded int      `json:"stranded,omitempty"`
	First    []string `json:"first,omitempty"`
}

const (
	maxTakeOvers = 16
	maxStranded  = 8 // that are named
)

// toldRecord is what was told last of an alert or a seal.
type toldRecord struct {
	Rev         uint64     `json:"rev"`
	State       AlertState `json:"state,omitempty"` // "" for a seal
	Severity    string     `json:"severity,omitempty"`
	Provisional bool       `json:"provisional,omitempty"`
	Open        int        `json:"open,omitempty"`
}

func (t toldRecord) standing() bool { return t.State == Raised || t.State == Updated }

func toldKey(id string) []byte { return []byte(keyTold + id) }

// applyTold keeps what was told until the last of its run is there, and then begins
// to go through everything.
func (s *step) applyTold(d *events.Told) bool {
	if d.Run == s.meta.TakeOver.Run || slices.Contains(s.meta.TakeOver.Done, d.Run) {
		return false
	}
	for _, a := range d.Alerts {
		s.st.Put(toldKey(a.ID), encodeRecord(toldRecord{a.Revision, AlertState(a.State), a.Severity, a.Provisional, a.Open}))
	}
	for _, seal := range d.Seals {
		s.st.Put(toldKey(seal.ID), encodeRecord(toldRecord{Rev: seal.Revision}))
	}
	if d.Last {
		done := s.meta.TakeOver.Done
		if was := s.meta.TakeOver.Run; was != "" {
			done = append(done, was) // the new run lists what that one did, and more
		}
		s.meta.TakeOver = takeOver{Run: d.Run, Epoch: d.Epoch, After: d.After, Done: done[max(0, len(done)-maxTakeOvers):]}
		s.addJob(job{Kind: jobTakeOver, Prefix: keyLedger, Run: d.Run})
	}
	return true
}

// told is what was told of an alert or a seal and has not been taken over; it is,
// with this.
func (s *step) told(id string) (toldRecord, bool) {
	var t toldRecord
	if s.meta.TakeOver.Run == "" || !decodeRecord(s.st.Get(toldKey(id)), &t) {
		return t, false
	}
	s.st.Delete(toldKey(id))
	return t, true
}

// takeOver has an alert go on from the revision that was told last.
func (s *step) takeOver(l *ledger) (was toldRecord, told bool) {
	if s.meta.TakeOver.Run == "" || l.TakenOver == s.meta.TakeOver.Run {
		return toldRecord{}, false
	}
	l.TakenOver = s.meta.TakeOver.Run
	was, told = s.told(l.ID)
	l.Rev = max(l.Rev, was.Rev)
	return was, told
}

// advanceTakeOver goes through the alerts, the approvals, and what is left of what
// was told.
func (s *step) advanceTakeOver(j *job) bool {
	if j.Run != s.meta.TakeOver.Run {
		return true // another run has begun since, and lists all of it
	}
	classes := []string{keyLedger, keyApproval, keyTold}
	for at := max(slices.Index(classes, j.Prefix), 0); at < len(classes); at++ {
		if j.Prefix != classes[at] {
			j.Prefix, j.Cursor = classes[at], ""
		}
		var keys []string
		keys, j.Cursor = s.someKeys(j.Prefix, j.Cursor)
		for _, k := range keys {
			switch j.Prefix {
			case keyLedger:
				s.restate(s.ledger(k))
			case keyApproval:
				s.restateSeal(approvalKey(k))
			case keyTold:
				s.strand(k)
			}
		}
		if j.Cursor != "" {
			return false
		}
	}
	s.tellStranded()
	done := append(s.meta.TakeOver.Done, s.meta.TakeOver.Run)
	s.meta.TakeOver = takeOver{Done: done[max(0, len(done)-maxTakeOvers):]}
	return true
}

// someKeys lists the keys of a class from one on, without the class, as far as the
// budget goes, and where to go on: "" at the end.
func (s *step) someKeys(class, from string) (keys []string, next string) {
	s.st.Scan([]byte(class), []byte(from), func(k, _ []byte) bool {
		if s.budget <= 0 {
			next = string(k)
			return false
		}
		s.budget--
		keys = append(keys, string(k[len(class):]))
		return true
	})
	return keys, next
}

// restate tells an alert again where it stands otherwise than it was told.
func (s *step) restate(l *ledger) {
	if l.TakenOver == s.meta.TakeOver.Run {
		return // it has been told since
	}
	s.changed[keyLedger+l.Key] = true
	was, told := s.takeOver(l)
	if t := s.meta.TakeOver; t.Epoch != 0 && l.ToldEpoch == t.Epoch && l.ToldSeq > t.After {
		return // it was told after the list was made, or is yet to be
	}
	s.restating = true
	defer func() { s.restating = false }()
	switch {
	case l.State == "":
		// It has not been told, by this state either: revise sees to it.
	case l.standing() && !was.standing():
		s.publish(l, Raised)
	case l.standing():
		if sev, prov := l.grade(); sev.String() != was.Severity || prov != was.Provisional || l.Open != was.Open {
			s.publish(l, Updated)
		}
	case told && was.standing():
		s.publishClosed(l, l.State, l.LastClosing)
	case !told && l.State == Resolved && l.Closed > 0:
		s.publish(l, Raised) // it was over before anybody was told
		s.publish(l, Resolved)
	}
}

// restateSeal has a seal go on from the revision that was told last. One that
// nobody was told is made again.
func (s *step) restateSeal(k approvalKey) {
	a := s.approval(k)
	if a == nil {
		return
	}
	if was, told := s.told(sealID(k.split())); told {
		s.changed[keyApproval+string(k)] = true
		a.SealRev = max(a.SealRev, was.Rev)
	} else if a.SealSum != "" && a.SealTakenOver != s.meta.TakeOver.Run {
		a.SealSum = ""
		s.touchApproval(k)
	}
}

// strand keeps the revision of what was told and is not known here.
func (s *step) strand(id string) {
	was, told := s.told(id)
	if !told {
		return
	}
	s.keepRevision(id, was.Rev)
	if was.standing() {
		t := &s.meta.TakeOver
		if t.Stranded++; len(t.First) < maxStranded {
			t.First = append(t.First, id)
		}
	}
}

// tellStranded says which alerts nobody will hear of again.
func (s *step) tellStranded() {
	t := s.meta.TakeOver
	if t.Stranded == 0 {
		return
	}
	note := fmt.Sprintf("the state was made again without what %d open alerts rest on, which stand as they were told: %s", t.Stranded, strings.Join(t.First, ", "))
	if t.Stranded > len(t.First) {
		note += " and more"
	}
	s.noteDamage(s.msg.Event, incident{What: "told " + t.Run, Note: note, Once: true})
}
