package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// ApprovalRecord is one approval, whole.
type ApprovalRecord struct {
	Source, ID string
	Kind       events.ApprovalKind
	Requester  events.ID
	Consumers  []events.ID
	DecidedBy  events.ID
	Scopes     []events.Scope
	Ticket     string
	Granted    bool
	Windows    []CoverView
	Facts      []Fact
	// Accesses counts what it granted, Open what of that is held.
	Accesses, Open int
	// Sealed is how many revisions of its seal were published.
	Sealed uint64
	Alerts []string

	users []events.ID // in any of its windows
}

// EachApproval calls fn with every approval in key order, until it returns false.
func (v *View) EachApproval(fn func(ApprovalRecord) bool) {
	var keys []approvalKey
	v.s.eachKey(keyApproval, func(k string) bool {
		keys = append(keys, approvalKey(k))
		return true
	})
	for _, k := range v.approvalKeys(keys, func(approvalKey, ApprovalRecord) bool { return true }) {
		if a, ok := v.approvalAt(k); ok && !fn(a) {
			return
		}
	}
}

// Approvals finds the approvals with an id, of one source or, where that is "",
// of any.
func (v *View) Approvals(source, id string) []ApprovalRecord {
	var keys []approvalKey
	if source != "" {
		keys = append(keys, makeApprovalKey(source, id))
	} else {
		v.s.each(indexApprovalID, id, func(source string) bool {
			keys = append(keys, makeApprovalKey(source, id))
			return true
		})
	}
	keys = v.approvalKeys(keys, func(_ approvalKey, a ApprovalRecord) bool { return a.ID == id && (source == "" || a.Source == source) })
	return v.approvals(keys)
}

// ApprovalsFor lists the approvals that one of these ids may use, in key order.
func (v *View) ApprovalsFor(ids []events.ID) []ApprovalRecord {
	var keys []approvalKey
	for _, id := range ids {
		v.s.each(indexConsumer, indexed(id), func(k string) bool {
			keys = append(keys, approvalKey(k))
			return true
		})
	}
	return v.approvals(v.approvalKeys(keys, func(_ approvalKey, a ApprovalRecord) bool {
		return slices.ContainsFunc(a.users, func(id events.ID) bool { return slices.Contains(ids, id) || slices.Contains(ids, v.s.canonical(id)) })
	}))
}

func (v *View) approvals(keys []approvalKey) []ApprovalRecord {
	var out []ApprovalRecord
	for _, k := range keys {
		if a, ok := v.approvalAt(k); ok {
			out = append(out, a)
		}
	}
	return out
}

func (v *View) approval(a *approval) ApprovalRecord {
	st := a.fold()
	out := ApprovalRecord{
		Kind: st.Kind, Requester: st.Requester, Consumers: st.users(), DecidedBy: st.DecidedBy, Scopes: st.Scopes, Ticket: st.Ticket,
		Granted: st.Granted, Accesses: a.Granted, Open: a.Open, Sealed: a.SealRev, Alerts: alertsOf(&a.verdict), users: st.consumerIDs(),
	}
	out.Source, out.ID = a.Key.split()
	for _, w := range st.Windows {
		out.Windows = append(out.Windows, windowView(w))
	}
	for _, act := range a.Acts {
		out.Facts = append(out.Facts, Fact{What: "approval " + act.What, At: act.T, Event: act.ID, Seq: act.Seq, Expiry: act.End})
	}
	return out
}
