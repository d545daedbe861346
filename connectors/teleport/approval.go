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
	if err := m.tellRequester(rec, a.ID, &req); err != nil {
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
		return events.NewID(realmMail, a.Delegator)
	case a.Delegator != "":
		return m.id(rec.Cluster, realmPlugin, a.Delegator)
	case a.Reviewer != "":
		return m.actor(rec, a.Reviewer)
	case a.UpdatedBy != "":
		return m.actor(rec, a.UpdatedBy)
	}
	return m.actor(rec, a.User)
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
