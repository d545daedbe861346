package correlator

import (
	"maps"
	"math"
	"slices"

	"github.com/overstay/overstay/events"
)

// AlertRecord is what the state keeps of one alert.
type AlertRecord struct {
	ID          string
	Rule        RuleID
	State       AlertState
	Revision    uint64
	Severity    Severity
	Provisional bool
	Raised      Time
	Closing     Closing
	// What it is about, as far as its key says.
	ApprovalSource, Approval string
	Source                   string
	Account                  events.ID
	// Open and Total count its facets.
	Open, Total int
	// Said is what it last said.
	Said string
	// Marks are the operators' words that it bears while it stands.
	Marks []MarkView

	key string
}

// EachAlert calls fn with every alert that was ever published, in key order and those
// that are forgotten last, until it returns false.
func (v *View) EachAlert(fn func(AlertRecord) bool) {
	more := true
	v.s.eachKey(keyLedger, func(k string) bool {
		if l := v.s.ledger(k); l.State != "" {
			more = fn(v.alert(l))
		}
		return more
	})
	if !more || v.past == nil {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(v.past.alerts)) {
		if a := v.past.alerts[id]; !v.told(a) && !fn(a) {
			return
		}
	}
}

// told reports whether the state has an alert that it once forgot.
func (v *View) told(a AlertRecord) bool { return v.s.ledger(a.key).State != "" }

// FacetsOf lists who is a facet of an alert: accesses, and approvals or sources
// where it is about them; open ones first.
func (v *View) FacetsOf(alert AlertRecord) (accesses []AccessView, approvals []ApprovalRecord) {
	accesses, approvals, _ = v.FacetsUpTo(alert, math.MaxInt)
	return accesses, approvals
}

// FacetsUpTo lists the first of them; more: there are others.
func (v *View) FacetsUpTo(alert AlertRecord, most int) (accesses []AccessView, approvals []ApprovalRecord, more bool) {
	var owners []string
	seen := map[string]bool{}
	add := func(owner string) bool {
		if more = len(owners) == most && !seen[owner]; !more && !seen[owner] {
			seen[owner] = true
			owners = append(owners, owner)
		}
		return !more
	}
	prefix := prefixOf(indexFacet, alert.key)
	v.s.st.Scan(prefix, nil, func(k, _ []byte) bool { return add(string(k[len(prefix)+10:])) })
	if v.past != nil && !more {
		for _, owner := range slices.Sorted(maps.Keys(v.past.facets[alert.ID])) {
			if !add(owner) {
				break
			}
		}
	}
	for _, o := range owners {
		switch o[:1] {
		case ownAccess:
			if a, ok := v.accessAt(accessKey(o[1:])); ok {
				accesses = append(accesses, a)
			}
		case ownApproval:
			if a, ok := v.approvalAt(approvalKey(o[1:])); ok {
				approvals = append(approvals, a)
			}
		}
	}
	return accesses, approvals, more
}

func (v *View) alert(l *ledger) AlertRecord {
	p := partsOf(l.Key)
	out := AlertRecord{
		ID: l.ID, Rule: p.Rule, State: l.State, Revision: l.Rev, Severity: l.Severity, Provisional: l.Provisional, Raised: l.RaisedAt,
		Closing: l.LastClosing, Source: p.Source, Account: p.Account, Open: l.Open, Total: l.Open + l.Closed, Said: l.What, key: l.Key,
	}
	out.ApprovalSource, out.Approval = p.Approval.split()
	if l.standing() {
		out.Marks = v.s.marksOf(l)
	}
	return out
}

func alertsOf(v *verdict) []string {
	var out []string
	for _, f := range v.Facets {
		if id := alertID(f.Alert); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
