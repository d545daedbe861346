package correlator

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/overstay/overstay/events"
)

// AlertState is where an alert stands. Any state may follow any other as the
// next revision: recurrence raises again, a late fact retracts.
type AlertState string

// The states.
const (
	Raised    AlertState = "raised"
	Updated   AlertState = "updated"
	Resolved  AlertState = "resolved"
	Retracted AlertState = "retracted"
)

// facet is one access's part in an alert, kept by its owner.
type facet struct {
	Alert       string   `json:"alert"` // ledger key
	Ord         int      `json:"ord"`   // which gap of this access in this alert
	From        Time     `json:"from"`
	To          Time     `json:"to"`
	Due         Time     `json:"due"`
	Fired       Time     `json:"fired"` // log time at which it was first said
	Severity    Severity `json:"severity"`
	Provisional bool     `json:"provisional,omitempty"`
	Weak        bool     `json:"weak,omitempty"`
	Unattested  bool     `json:"unattested,omitempty"`
	Behind      []string `json:"behind,omitempty"`
	Closed      Closing  `json:"closed,omitempty"`
	Basis       Basis    `json:"basis,omitempty"`
	Claimed     Time     `json:"claimed,omitempty"`
	Used        bool     `json:"used,omitempty"`
	Expiry      Time     `json:"expiry,omitempty"`
	Note        string   `json:"note,omitempty"`
	// Until is the approval that covered it up to From, where another granted it.
	Until approvalKey `json:"until,omitempty"`
}

// facet makes a finding's facet, graded by how firmly it may be said.
func (f *Finding) facet(v settled) facet {
	out := facet{
		Alert: f.Alert, Ord: f.Ord, From: f.From, To: f.To, Due: f.Due, Severity: f.Severity, Weak: f.Weak,
		Provisional: len(v.behind) > 0 || f.Weak, Unattested: v.unattested, Behind: v.behind,
		Closed: f.Closed, Basis: f.Basis, Claimed: f.Claimed, Used: f.Used, Expiry: f.Expiry, Note: f.Note, Until: f.Until,
	}
	if len(v.behind) > 0 {
		out.Severity = min(out.Severity, Medium)
	}
	return out
}

func (f facet) open() bool { return f.Closed == "" }

// keySep joins the parts of a ledger key.
const keySep = "\x02"

// alertParts is what an alert is about; its id is derived from nothing else.
type alertParts struct {
	Rule     RuleID
	Approval approvalKey
	Source   string
	Access   accessKey
	Account  events.ID
	// History: what was still open when a source with a past was first read is
	// one alert per source and rule.
	History bool
}

func (p alertParts) key() string {
	history := ""
	if p.History {
		history = "history"
	}
	return strings.Join([]string{string(p.Rule), string(p.Approval), p.Source, string(p.Access), string(p.Account), history}, keySep)
}

func partsOf(key string) alertParts {
	f := strings.SplitN(key, keySep, 6)
	for len(f) < 6 {
		f = append(f, "")
	}
	return alertParts{RuleID(f[0]), approvalKey(f[1]), f[2], accessKey(f[3]), events.ID(f[4]), f[5] != ""}
}

// alertID is 32 hex digits made from what the alert is about: the same incident
// has the same id in every replay.
func alertID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// ledger is what was published about one alert, and the counts by which the next
// difference is found.
type ledger struct {
	Key      string     `json:"key"`
	ID       string     `json:"id"`
	fresh    bool       // not stored yet
	State    AlertState `json:"state,omitempty"` // "" before the first revision
	Rev      uint64     `json:"rev,omitempty"`
	RaisedAt Time       `json:"raisedAt,omitempty"`

	Open      int             `json:"open"`
	Closed    int             `json:"closed"`
	Claimed   int             `json:"claimed,omitempty"` // open, but an end was claimed
	Firm      [6]int          `json:"firm"`              // open and confirmed, by severity
	Loose     [6]int          `json:"loose"`             // open and provisional, by severity
	Closings  map[Closing]int `json:"closings,omitempty"`
	Withdrawn int             `json:"withdrawn,omitempty"`

	// As last published.
	Severity    Severity `json:"severity,omitempty"`
	Provisional bool     `json:"provisional,omitempty"`
	Announced   int      `json:"announced,omitempty"`
	Marked      bool     `json:"marked,omitempty"`
	LastClosing Closing  `json:"lastClosing,omitempty"`
	// Lifted: suppressions up to this position hold no more for it. Bears and
	// LastMark are the marks that it was last told with: how many, and the newest.
	Lifted   uint64 `json:"lifted,omitempty"`
	Bears    int    `json:"bears,omitempty"`
	LastMark uint64 `json:"lastMark,omitempty"`
	// TakenOver is the run of system.told that it was compared with.
	TakenOver string `json:"takenOver,omitempty"`
	// ToldEpoch and ToldSeq are the position of the message that it was last told of.
	ToldEpoch uint64 `json:"toldEpoch,omitempty"`
	ToldSeq   uint64 `json:"toldSeq,omitempty"`
	// What was last said, for when nothing is left to say it of.
	What string `json:"what,omitempty"`
	Told Time   `json:"told,omitempty"`
}

// touchLedger asks for an alert to be compared with what was published.
func (s *step) touchLedger(k string) *ledger {
	if !s.revised[k] {
		s.revised[k], s.changed[keyLedger+k] = true, true
		s.alerts = append(s.alerts, k)
		if l := s.ledger(k); l.fresh {
			l.fresh = false
			s.Working.introduce(keyLedger + k)
		}
	}
	return s.ledger(k)
}

// count adds a facet to the counts, or takes it out with d = -1.
func (l *ledger) count(f facet, d int) {
	if !f.open() {
		l.Closed += d
		if l.Closings == nil {
			l.Closings = map[Closing]int{}
		}
		if l.Closings[f.Closed] += d; l.Closings[f.Closed] == 0 {
			delete(l.Closings, f.Closed)
		}
		return
	}
	l.Open += d
	if f.Claimed != 0 {
		l.Claimed += d
	}
	if f.Provisional {
		l.Loose[f.Severity] += d
	} else {
		l.Firm[f.Severity] += d
	}
}

// grade is the severity of the open facets, and whether all are provisional.
func (l *ledger) grade() (Severity, bool) {
	for sev := Critical; sev >= Informational; sev-- {
		if l.Firm[sev] > 0 {
			return sev, false
		}
	}
	for sev := Critical; sev >= Informational; sev-- {
		if l.Loose[sev] > 0 {
			return sev, true
		}
	}
	return l.Severity, l.Provisional
}

// ordKey tells an owner's facets of one alert and beginning apart: one byte.
func (f facet) ordKey() string { return string(rune('0' + f.Ord%64)) }

func facetKey(f facet, owner string) []byte {
	state := "c"
	if f.open() {
		state = "o"
	}
	return []byte(indexFacet + f.Alert + idSep + state + timeKey(f.From) + f.ordKey() + owner)
}

// partsFor says which alert a finding belongs to.
func (s *step) partsFor(f *Finding, j judged) alertParts {
	p := alertParts{Rule: f.Rule, Approval: f.Approval, Source: j.source, Account: f.Account}
	if f.PerAccess {
		p.Access = j.access
	}
	if r := s.source(p.Source); j.owner[:1] != ownSource && r != nil && r.History != 0 && f.Due <= r.History {
		return alertParts{Rule: f.Rule, Source: p.Source, History: true}
	}
	return p
}

// setFacets replaces an owner's facets and counts the differences into their
// alerts. A facet keeps the time at which it was first said.
//
// A facet that is gone was never so, unless something else explains it: the policy
// changed, or another alert tells of the same gap.
func (s *step) setFacets(owner string, have *[]facet, want []facet) {
	for i := range want {
		f := &want[i]
		f.Fired = s.now()
		if j := slices.IndexFunc(*have, func(o facet) bool { return o.Alert == f.Alert && o.Ord == f.Ord }); j >= 0 {
			f.Fired = (*have)[j].Fired
		}
	}
	for _, o := range *have {
		if i := slices.IndexFunc(want, func(f facet) bool { return f.Alert == o.Alert && f.Ord == o.Ord }); i >= 0 && sameFacet(want[i], o) {
			continue
		}
		s.st.Delete(facetKey(o, owner))
		replaced := slices.ContainsFunc(want, func(f facet) bool { return f.Alert == o.Alert && f.Ord == o.Ord })
		s.touchLedger(o.Alert).count(o, -1)
		switch {
		case replaced || s.gone[o.Alert] != "":
		case s.byPolicy[owner]:
			s.gone[o.Alert] = ClosedByPolicy
		case slices.ContainsFunc(want, func(f facet) bool { return f.Alert != o.Alert && f.From == o.From }):
			s.gone[o.Alert] = ClosedElsewhere
		}
	}
	for _, f := range want {
		if i := slices.IndexFunc(*have, func(o facet) bool { return f.Alert == o.Alert && f.Ord == o.Ord }); i >= 0 && sameFacet((*have)[i], f) {
			continue
		}
		s.touchLedger(f.Alert).count(f, 1)
		s.st.Put(facetKey(f, owner), []byte{})
	}
	*have = want
	if len(want) == 0 {
		*have = nil
	}
}

// sameFacet reports whether nothing that is stored of two facets differs.
func sameFacet(a, b facet) bool {
	behind := slices.Equal(a.Behind, b.Behind)
	a.Behind, b.Behind = nil, nil
	return behind && facetsEqual(a, b)
}

func facetsEqual(a, b facet) bool {
	return a.Alert == b.Alert && a.Ord == b.Ord && a.From == b.From && a.To == b.To && a.Due == b.Due &&
		a.Fired == b.Fired && a.Severity == b.Severity && a.Provisional == b.Provisional && a.Weak == b.Weak &&
		a.Unattested == b.Unattested && a.Closed == b.Closed && a.Basis == b.Basis && a.Claimed == b.Claimed &&
		a.Used == b.Used && a.Expiry == b.Expiry && a.Note == b.Note && a.Until == b.Until
}

// tell publishes the differences between the ledgers and what is so now.
func (s *step) tell() {
	for _, k := range s.alerts {
		s.revise(s.ledger(k))
	}
}

// revise compares one alert with what was published of it.
func (s *step) revise(l *ledger) {
	standing := l.State == Raised || l.State == Updated
	total := l.Open + l.Closed
	switch {
	case total == 0:
		s.withdraw(l, standing)
	case l.Open == 0 && standing:
		s.publish(l, Resolved)
	case l.Open == 0 && l.State != Resolved:
		// Over before it became known: a short overrun is not lost.
		s.publish(l, Raised)
		s.publish(l, Resolved)
	case l.Open == 0:
		if total >= 2*l.Announced || l.closing() != l.LastClosing {
			s.publish(l, Resolved)
		}
	case !standing:
		s.publish(l, Raised)
	default:
		sev, prov := l.grade()
		// A severity that falls while the alert stands is no news.
		if sev > l.Severity || prov != l.Provisional || total >= 2*l.Announced || (l.Claimed == l.Open) != l.Marked || !l.sameMarks(s.marksOf(l)) {
			s.publish(l, Updated)
		}
	}
}

// withdraw tells that nothing is left of an alert.
func (s *step) withdraw(l *ledger, standing bool) {
	if l.State == "" || l.State == Retracted {
		return
	}
	parts := partsOf(l.Key)
	why, explained := s.gone[l.Key]
	switch {
	case explained:
		if standing {
			s.publishClosed(l, Resolved, why)
		}
	case ruleByID(parts.Rule).Retracts:
		s.publishClosed(l, Retracted, closedWithdrawn)
	case standing:
		s.publishClosed(l, Resolved, s.vanished(parts))
	}
}

// vanished says why a report-based alert is over.
func (s *step) vanished(p alertParts) Closing {
	if p.Rule != ruleSourceBlind.ID {
		return ClosedOtherwise
	}
	if r := s.source(p.Source); r != nil && r.Open == 0 && s.meta.ActiveWindows == 0 {
		return ClosedNotNeeded
	}
	return ClosedHeard
}

// closings are the ways in which a facet can be over, the weakest first.
var closings = []Closing{
	ClosedUnproven, ClosedOutlived, ClosedRatified, ClosedRecovered, ClosedReenabled, ClosedShortened, ClosedRotated, ClosedOwned, ClosedOtherwise, ClosedEnded, ClosedConfirmed,
}

// closing names the closing of a resolved alert: the weakest of its facets', so
// that one unproven end is not hidden behind a thousand proven ones.
func (l *ledger) closing() Closing {
	for _, c := range closings {
		if l.Closings[c] > 0 {
			return c
		}
	}
	return ""
}

func (s *step) publish(l *ledger, state AlertState) { s.publishClosed(l, state, l.closing()) }

// publishClosed makes the next revision.
func (s *step) publishClosed(l *ledger, state AlertState, why Closing) {
	if l.State == "" {
		s.expire(keyLedger+l.Key, s.now().Add(tombstoneFor))
	}
	s.takeOver(l)
	l.Rev++
	l.Told, l.ToldEpoch, l.ToldSeq = s.now(), s.msg.Origin.Epoch, s.msg.Origin.Seq
	if state == Raised {
		if !s.restating || l.RaisedAt == 0 {
			l.RaisedAt = s.now()
		}
		why = ""
	}
	if state == Updated {
		why = ""
	}
	was := l.Severity
	if l.Open > 0 || state == Raised {
		sev, prov := s.gradeFor(l)
		if state == Updated && prov == l.Provisional {
			sev = max(sev, l.Severity)
		}
		l.Severity, l.Provisional = sev, prov
	}
	if state == Updated {
		s.lift(l, was)
	}
	l.State, l.LastClosing = state, why
	l.Announced = l.Open + l.Closed
	l.Marked = l.Open > 0 && l.Claimed == l.Open
	a := s.alert(l, state, why)
	a.Recomputed = s.restating
	if l.standing() {
		a.Marks = s.marksOf(l)
	}
	l.Bears, l.LastMark = len(a.Marks), lastMark(a.Marks)
	l.What = a.was()
	s.out.Publish = append(s.out.Publish, Publication{Alert: a})
}

// leaveLedger forgets an alert that is over, was last told of long ago, and counts
// nothing that is still judged. Its next revision, should it ever come, goes on from
// the last: an id and a revision are never two things.
func (s *step) leaveLedger(k string) {
	l := s.ledger(k)
	due := l.Told.Add(tombstoneFor)
	counts := false
	s.st.Scan(prefixOf(indexFacet, k), nil, func(_, _ []byte) bool {
		counts = true
		return false
	})
	if standing := l.State == Raised || l.State == Updated; standing || counts || s.revised[k] || s.now() < due {
		s.expire(keyLedger+k, max(due, s.now().Add(tombstoneFor/90)))
		return
	}
	s.departsAlert(l)
	s.keepRevision(l.ID, l.Rev)
	s.drop(keyLedger + k)
	delete(s.ledgers, k)
}

// gradeFor is the severity to publish: of the open facets, or, for an overrun
// that was over when it became known, of the closed ones.
func (s *step) gradeFor(l *ledger) (Severity, bool) {
	if l.Open > 0 {
		return l.grade()
	}
	sev, prov := Informational, true
	for _, o := range s.exemplars(l) {
		sev = max(sev, o.facet.Severity)
		prov = prov && o.facet.Provisional
	}
	return sev, prov
}
