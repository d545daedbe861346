package teleport

import (
	"fmt"
	"time"

	"github.com/overstay/overstay/events"
)

// States of an access request.
const (
	statePending  = "PENDING"
	stateApproved = "APPROVED"
	stateDenied   = "DENIED"
	statePromoted = "PROMOTED"
	stateOver     = "over" // ours: deleted or expired
)

// approvalRecord is access_request.*.
type approvalRecord struct {
	who
	ID            string       `json:"id"`
	State         string       `json:"state"`
	Reviewer      string       `json:"reviewer"`
	ProposedState string       `json:"proposed_state"`
	Delegator     string       `json:"delegator"`
	UpdatedBy     string       `json:"updated_by"`
	Reason        string       `json:"reason"`
	Roles         []string     `json:"roles"`
	ResourceIDs   []resourceID `json:"resource_ids"`
	ResourceNames []string     `json:"resource_names"`
	PromotedList  string       `json:"promoted_access_list_name"`
	AssumeStart   string       `json:"assume_start_time"`
	MaxDuration   string       `json:"max_duration"`
	Expires       string       `json:"expires"`

	start, max, expires time.Time
}

type resourceID struct {
	Cluster string `json:"cluster"`
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Sub     string `json:"sub_resource"`
}

func (m *Mapper) approvalMapping(typ string) func(*record) (Outcome, error) {
	var mapping func(*record, *approvalRecord) error
	switch typ {
	case "access_request.create":
		mapping = m.requested
	case "access_request.update":
		mapping = m.updated
	case "access_request.review":
		mapping = m.reviewed
	case "access_request.delete":
		mapping = m.requestDeleted
	case "access_request.expire":
		mapping = m.requestExpired
	default: // access_request.search: looking is not asking
		return nil
	}
	return func(rec *record) (Outcome, error) {
		a, err := readApproval(rec)
		if err != nil {
			return Unreadable, err
		}
		if err := mapping(rec, a); err != nil {
			return Unreadable, err
		}
		return said(rec), nil
	}
}

func readApproval(rec *record) (*approvalRecord, error) {
	var a approvalRecord
	if err := rec.fields(&a); err != nil {
		return nil, err
	}
	if a.ID == "" {
		return nil, fmt.Errorf("%w: %s without the request's id", ErrBadField, rec.Event)
	}
	for _, t := range []struct {
		field, text string
		into        *time.Time
	}{
		{"assume_start_time", a.AssumeStart, &a.start},
		{"max_duration", a.MaxDuration, &a.max},
		{"expires", a.Expires, &a.expires},
	} {
		at, err := optionalTime(t.field, t.text)
		if err != nil {
			return nil, err
		}
		*t.into = at
	}
	return &a, nil
}

// requested maps the one record that names the requester. It never grants by
// itself, unless the request was created in another state than pending, which an
// administrator can do for somebody else.
func (m *Mapper) requested(rec *record, a *approvalRecord) error {
	req, _ := m.state.Requests.get(a.ID)
	req.Requester = m.subject(rec, &a.who)
	if len(a.Roles) > 0 {
		req.Roles = a.Roles
	}
	if !a.max.IsZero() {
		req.Max = a.max
	}
	end := a.max
	if end.IsZero() {
		end = a.expires
	}
	err := rec.say(events.ApprovalRequested, "", req.Requester, &events.Approval{
		Meta:       events.Meta{Actor: req.Requester, Aliases: m.aliases(rec, &a.who)},
		ApprovalID: a.ID,
		Requester:  req.Requester,
		Scopes:     m.approvalScopes(rec, a),
		Window:     window(a.start, end, events.BasisRequested),
		Reason:     clean(a.Reason, maxReason),
	})
	if err != nil {
		return err
	}
	if req.State == "" {
		req.State = statePending
	}
	m.remember(a.ID, req, rec.at)
	if a.State == "" || a.State == statePending {
		return nil
	}
	return m.outcome(rec, a, nil)
}

func (m *Mapper) updated(rec *record, a *approvalRecord) error { return m.outcome(rec, a, nil) }

// reviewed maps one vote. What the request is after it stands in state; what the
// reviewer proposed stands in proposed_state and decides nothing.
func (m *Mapper) reviewed(rec *record, a *approvalRecord) error {
	return m.outcome(rec, a, m.vote(rec, a))
}

func (m *Mapper) vote(rec *record, a *approvalRecord) *events.Vote {
	by := m.actor(rec, orElse(a.Reviewer, a.User))
	if by == "" {
		return nil
	}
	switch a.ProposedState {
	case stateApproved, statePromoted:
		return &events.Vote{By: by, Decision: "approved", At: rec.at}
	case stateDenied:
		return &events.Vote{By: by, Decision: "denied", At: rec.at}
	}
	return nil
}

// decider is who moved the request into its state. A plugin that acts for a
// person names that person as delegator.
func (m *Mapper) decider(rec *record, a *approvalRecord) events.ID {
	switch {
	case a.Delegator != "" && isEmail(a.Delegator):
		return events.NewID(realmEmail, a.Delegator)
	case a.Delegator != "":
		return m.id(rec.Cluster, realmPlugin, a.Delegator)
	case a.Reviewer != "":
		return m.actor(rec, a.Reviewer)
	case a.UpdatedBy != "":
		return m.actor(rec, a.UpdatedBy)
	}
	return m.actor(rec, a.User)
}

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
	m.remember(a.ID, req, rec.at)
	return rec.say(typ, "", m.grantee(rec, a.ID, req, typ), say)
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
	m.remember(a.ID, req, rec.at)
	return rec.say(events.ApprovalGranted, "", m.grantee(rec, a.ID, req, events.ApprovalGranted), say)
}

// grantee is the subject of an outcome. A grant must have one: for a request that
// was made before the log begins, the request itself stands in until a
// certificate or a session shows whose it is (see refs).
func (m *Mapper) grantee(rec *record, id string, req request, typ events.Type) events.ID {
	if req.Requester == "" && typ == events.ApprovalGranted {
		return m.id(rec.Cluster, realmRequest, id)
	}
	return req.Requester
}

func (m *Mapper) requestDeleted(rec *record, a *approvalRecord) error {
	return m.over(rec, a, events.ApprovalRevoked, m.actor(rec, orElse(a.UpdatedBy, a.User)))
}

func (m *Mapper) requestExpired(rec *record, a *approvalRecord) error {
	return m.over(rec, a, events.ApprovalExpired, "")
}

func (m *Mapper) over(rec *record, a *approvalRecord, typ events.Type, by events.ID) error {
	req, _ := m.state.Requests.get(a.ID)
	req.State = stateOver
	m.remember(a.ID, req, rec.at)
	return rec.say(typ, "", req.Requester, &events.Approval{
		Meta:       events.Meta{Actor: by},
		ApprovalID: a.ID,
		Requester:  req.Requester,
	})
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
		req, known := m.state.Requests.get(id)
		if req.Requester != "" || holder == "" {
			continue
		}
		req.Requester = holder
		m.remember(id, req, rec.at)
		if !known {
			continue
		}
		err := rec.say(events.ApprovalAltered, id, holder, &events.Approval{ApprovalID: id, Requester: holder})
		if err != nil {
			return nil, err
		}
	}
	return refs, nil
}
