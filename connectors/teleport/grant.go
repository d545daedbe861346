package teleport

import (
	"fmt"
	"time"

	"github.com/overstay/overstay/events"
)

// outcome maps the state that a request is in after the record.
func (m *Mapper) outcome(rec *record, a *approvalRecord, vote *events.Vote) error {
	req, _ := m.state.Requests.get(a.ID)
	say := &events.Approval{
		Meta:       events.Meta{Actor: m.actor(rec, orElse(a.UpdatedBy, orElse(a.Reviewer, a.User)))},
		ApprovalID: a.ID,
		Requester:  req.Requester,
	}
	if vote != nil {
		say.Approvers = []events.Vote{*vote}
	}
	if rec.Event != "access_request.create" {
		say.Scopes = m.approvalScopes(rec, a) // the reviewer may change the roles
	}
	switch a.State {
	case stateApproved:
		return m.granted(rec, a, req, say)
	case stateDenied:
		say.DecidedAt, say.DecidedBy = rec.at, m.decider(rec, a)
		req.State = stateDenied
		m.remember(a.ID, req, rec.at)
		return rec.say(events.ApprovalDenied, "", req.Requester, say)
	case statePromoted:
		return m.promoted(rec, a, req, say)
	case statePending, "", "NONE":
		if vote == nil && len(say.Scopes) == 0 {
			return nil
		}
		return rec.say(events.ApprovalAltered, "", req.Requester, say)
	}
	return fmt.Errorf("%w: request state %q", ErrBadField, clean(a.State, 40))
}

// granted maps APPROVED: the first time as the grant, later as what changed.
func (m *Mapper) granted(rec *record, a *approvalRecord, req request, say *events.Approval) error {
	if !a.max.IsZero() {
		req.Max = a.max
	}
	end := req.Max
	if end.IsZero() {
		end = a.expires
	}
	if len(a.Roles) > 0 {
		req.Roles = a.Roles
	}
	typ, before := events.ApprovalGranted, req
	switch {
	case req.State != stateApproved:
		req.State, req.Start, req.End = stateApproved, a.start, end
		if req.Start.IsZero() {
			req.Start = rec.at
		}
		say.DecidedAt, say.DecidedBy = rec.at, m.decider(rec, a)
	case end.After(req.End) && !req.End.IsZero():
		typ, req.End = events.ApprovalExtended, end
		say.DecidedAt, say.DecidedBy = rec.at, m.decider(rec, a)
	case !end.IsZero() && !end.Equal(req.End):
		typ, req.End = events.ApprovalAltered, end
	default: // said before; a vote or other scopes may be new
		typ = events.ApprovalAltered
		if len(say.Approvers) == 0 && len(say.Scopes) == 0 {
			return nil
		}
	}
	if typ == events.ApprovalGranted || !before.End.Equal(req.End) {
		say.Window = window(req.Start, req.End, events.BasisEffective)
	}
	if typ == events.ApprovalGranted {
		return m.grant(rec, a.ID, req, say)
	}
	m.remember(a.ID, req, rec.at)
	return rec.say(typ, "", req.Requester, say)
}

// promoted maps PROMOTED: the request became a membership of an access list, for
// good. It has no window; the list's own review ends it, and is not in the record.
func (m *Mapper) promoted(rec *record, a *approvalRecord, req request, say *events.Approval) error {
	if a.PromotedList != "" {
		list := m.listScope(rec.Cluster, a.PromotedList)
		scopes := append(m.approvalScopes(rec, a), list)
		for _, role := range req.Roles {
			scopes = append(scopes, m.roleScope(rec.Cluster, role))
		}
		say.Scopes = unique(scopes)
	}
	say.Kind = events.Standing
	say.Window = &events.Window{Start: rec.at, EndKind: events.EndNever, Basis: events.BasisEffective}
	say.DecidedAt, say.DecidedBy = rec.at, m.decider(rec, a)
	req.State = statePromoted
	return m.grant(rec, a.ID, req, say)
}

// grant says that a request is granted. A grant must have a subject: for a request
// whose beginning the log has not shown, the request itself stands in until a
// record shows whose it is (see tellRequester).
func (m *Mapper) grant(rec *record, id string, req request, say *events.Approval) error {
	subject := req.Requester
	if subject == "" {
		subject, req.Unnamed = m.id(rec.Cluster, realmRequest, id), rec.at
	}
	m.remember(id, req, rec.at)
	return rec.say(events.ApprovalGranted, "", subject, say)
}

// tellRequester says whose a request is that was granted to a stand-in. It is dated just
// behind the grant, or it would not be the last word.
func (m *Mapper) tellRequester(rec *record, id string, req *request) error {
	if req.Unnamed.IsZero() || req.Requester == "" {
		return nil
	}
	at := req.Unnamed.Add(time.Nanosecond)
	req.Unnamed = time.Time{}
	return rec.sayAt(events.ApprovalAltered, id, req.Requester, at,
		&events.Approval{ApprovalID: id, Requester: req.Requester})
}

// remember keeps a request for as long as records may still name it.
func (m *Mapper) remember(id string, req request, at time.Time) {
	until := at.Add(requestLife)
	switch req.State {
	case stateApproved:
		if !req.End.IsZero() {
			until = req.End.Add(afterlife)
		}
	case stateDenied, stateOver:
		until = at.Add(afterlife)
	}
	m.state.Requests.put(id, req, until)
}

// window is an approval's time range. Without an end it ends nobody knows when.
func window(start, end time.Time, basis events.WindowBasis) *events.Window {
	w := &events.Window{Start: start, EndKind: events.EndUnknown, Basis: basis}
	if !end.IsZero() {
		w.End, w.EndKind = end, events.EndAt
	}
	if !w.End.IsZero() && w.End.Before(w.Start) {
		w.Start = time.Time{} // approved after its own end: an empty window, and no start is needed to say so
	}
	return w
}

// refs are the approvals that an access rests on, which Teleport itself puts into
// certificates: the issuer's word. Only the requester can hold one, so they also
// say whose a request is that was made before the log begins.
func (m *Mapper) refs(rec *record, holder events.ID, ids []string) ([]events.ApprovalRef, error) {
	var refs []events.ApprovalRef
	for _, id := range ids {
		if id == "" {
			continue
		}
		refs = append(refs, events.ApprovalRef{ID: id, AssertedBy: events.ByIssuer})
		req, _ := m.state.Requests.get(id)
		if req.Requester != "" || holder == "" {
			continue
		}
		req.Requester = holder
		if err := m.tellRequester(rec, id, &req); err != nil {
			return nil, err
		}
		m.remember(id, req, rec.at)
	}
	return refs, nil
}
