package api

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
)

// cursors is the form of a cursor, which is a key of the state and may have any bytes.
var cursors = base64.RawURLEncoding

// maxScanned bounds the records that are read for one page: one on which nothing fits
// the question comes back short, with a cursor.
const maxScanned = 20_000

// At says of when an answer is.
type At struct {
	// Position is the place in the log up to which the state is judged, LogTime the
	// time that the log has reached there.
	Position uint64 `json:"position"`
	LogTime  string `json:"logTime"`
}

func atOf(v *correlator.View, at store.Position) At { return At{at.Seq, moment(v.Now())} }

// Alerts is a page of alerts.
type Alerts struct {
	At
	Alerts []Alert `json:"alerts"`
	// Next is the cursor of the next page, "" on the last.
	Next string `json:"next,omitempty"`
}

// Alert is an alert as it stands.
type Alert struct {
	ID          string `json:"id"`
	Rule        string `json:"rule"`
	Title       string `json:"title"`
	Severity    string `json:"severity"`
	State       string `json:"state"` // raised, updated, resolved, retracted
	Revision    uint64 `json:"revision"`
	Provisional bool   `json:"provisional"`
	Raised      string `json:"raised"`
	Closing     string `json:"closing,omitempty"`
	// Approval, ApprovalSource, Source and Account are what it is about.
	Approval       string    `json:"approval,omitempty"`
	ApprovalSource string    `json:"approvalSource,omitempty"`
	Source         string    `json:"source,omitempty"`
	Account        events.ID `json:"account,omitempty"`
	// Facets counts what it is about, Open what of that is not over.
	Facets int `json:"facets"`
	Open   int `json:"open"`
	// Said is what it last said, in the past tense and without its outcome.
	Said  string `json:"said"`
	Marks []Mark `json:"marks"`
}

// Mark is an operator's word that an alert bears.
type Mark struct {
	What     string `json:"mark"` // acknowledged, suppressed
	By       string `json:"by"`
	Why      string `json:"why,omitempty"`
	At       string `json:"at"`
	Until    string `json:"until,omitempty"`
	Position uint64 `json:"position"`
}

// AlertDetail is an alert with what it is about.
type AlertDetail struct {
	At
	Alert
	Controls []string `json:"controls"`
	// Techniques are those of ATT&CK.
	Techniques []string        `json:"techniques"`
	Accesses   []Access        `json:"accesses"`
	Approvals  []AlertApproval `json:"approvals"`
	// Partial: it is about more than is listed.
	Partial bool `json:"partial"`
}

// Access is an access that an alert is about.
type Access struct {
	Kind    events.AccessKind `json:"kind"`
	Source  string            `json:"source"`
	ID      string            `json:"id"`
	Subject events.ID         `json:"subject"`
	Scope   events.Scope      `json:"scope"`
	// Judgement is what it is while it is open.
	Judgement string `json:"judgement,omitempty"`
	// Start and End are of the last time it was held; no End while it is open.
	Start string           `json:"start,omitempty"`
	End   string           `json:"end,omitempty"`
	Basis correlator.Basis `json:"basis,omitempty"`
}

// AlertApproval is an approval that an alert is about.
type AlertApproval struct {
	Source    string    `json:"source"`
	ID        string    `json:"id"`
	Requester events.ID `json:"requester"`
	DecidedBy events.ID `json:"decidedBy,omitempty"`
	Ticket    string    `json:"ticket,omitempty"`
}

// Subjects is a page of who holds access.
type Subjects struct {
	At
	Subjects []Subject `json:"subjects"`
	Next     string    `json:"next,omitempty"`
}

// Subject is an id that holds access, or held it not long ago.
type Subject struct {
	ID events.ID `json:"id"`
	// Person are the ids that are one person with it, itself included.
	Person []events.ID `json:"person"`
	// Accesses counts those that are known, Open those that are held; of more than a
	// thousand the first thousand are counted, and Partial says so.
	Accesses int  `json:"accesses"`
	Open     int  `json:"open"`
	Partial  bool `json:"partial"`
	// Alerts are those that stand because of one of them.
	Alerts []string `json:"alerts"`
}

// Sources is a page of who is listened to.
type Sources struct {
	At
	Sources []Source `json:"sources"`
	Next    string   `json:"next,omitempty"`
}

// Source is a source as the correlator has it.
type Source struct {
	URI      string `json:"uri"`
	Events   int    `json:"events"`
	Open     int    `json:"open"` // accesses
	Coverage string `json:"coverage,omitempty"`
	Heard    string `json:"heard,omitempty"`
	// Promises: it says up to when its record is complete; Progress is that time.
	Promises bool   `json:"promisesProgress"`
	Progress string `json:"progress,omitempty"`
	// Silence is for how many seconds it may say nothing.
	Silence float64 `json:"silenceSeconds"`
	// Blind is why it counts as blind, Gone that nobody awaits it any more.
	Blind        string `json:"blind,omitempty"`
	Gone         bool   `json:"gone"`
	Unauthorised int    `json:"unauthorised"`
	Late         int    `json:"late"`
}

// maxFacets bounds the accesses that an alert is shown with.
const maxFacets = 100

func stateRoutes() []route {
	return []route{
		{
			path: "/v1/alerts", summary: "Alerts as they stand, in a fixed order.", answers: Alerts{}, answer: (*API).alerts,
			params: []param{
				{name: "state", what: "Those that stand, those that are closed, or both; open where it is left out.", oneOf: []string{"open", "closed", "all"}},
				{name: "rule", what: "Of one rule.", oneOf: ruleIDs()},
				{name: "severity", what: "Of this severity and above.", oneOf: severities()},
				{name: "approval", what: "About the approval of this id."},
				{name: "source", what: "About this source."},
				limitParam, cursorParam,
			},
		},
		{
			path: "/v1/alerts/{id}", summary: "One alert, with what it is about.", answers: AlertDetail{}, answer: (*API).alert,
			params: []param{{name: "id", what: "The alert's id, 32 hex digits.", inPath: true}},
		},
		{
			path: "/v1/subjects", summary: "Who holds access, or held it not long ago.", answers: Subjects{}, answer: (*API).subjects,
			params: []param{{name: "subject", what: "This one alone."}, limitParam, cursorParam},
		},
		{
			path: "/v1/sources", summary: "Who is listened to, and how far each is.", answers: Sources{}, answer: (*API).sources,
			params: []param{limitParam, cursorParam},
		},
	}
}

// moment is a time for JSON, "" where it is none.
func moment(t correlator.Time) string {
	if t == 0 || t == correlator.Forever || t == correlator.Ever {
		return ""
	}
	return t.String()
}

func (a *API) alerts(_ http.ResponseWriter, _ *http.Request, q query) (any, *Problem) {
	out := Alerts{Alerts: []Alert{}}
	severity, _ := correlator.ParseSeverity(q.text["severity"]) // 0 for none
	scanned := 0
	p := a.look(func(v *correlator.View, at store.Position) {
		out.At = atOf(v, at)
		last := q.text["cursor"]
		v.AlertsAfter(last, func(place string, r correlator.AlertRecord) bool {
			if len(out.Alerts) == q.limit || scanned == maxScanned {
				out.Next = cursors.EncodeToString([]byte(last))
				return false
			}
			last = place
			scanned++
			if q.wants(r) && r.Severity >= severity {
				out.Alerts = append(out.Alerts, alertOf(v, r))
			}
			return true
		})
	})
	return out, p
}

// wants reports whether an alert is one that was asked for.
func (q query) wants(r correlator.AlertRecord) bool {
	open := r.State == correlator.Raised || r.State == correlator.Updated
	switch state := q.text["state"]; {
	case state == "closed" && open, (state == "" || state == "open") && !open:
		return false
	}
	for name, is := range map[string]string{"rule": string(r.Rule), "approval": r.Approval, "source": r.Source} {
		if asked := q.text[name]; asked != "" && asked != is {
			return false
		}
	}
	return true
}

func ruleOf(id correlator.RuleID) correlator.Rule {
	for _, r := range correlator.Rules() {
		if r.ID == id {
			return r
		}
	}
	return correlator.Rule{ID: id, Title: string(id)}
}

func alertOf(v *correlator.View, r correlator.AlertRecord) Alert {
	out := Alert{
		ID: r.ID, Rule: string(r.Rule), Title: ruleOf(r.Rule).Title, Severity: r.Severity.String(), State: string(r.State), Revision: r.Revision,
		Provisional: r.Provisional, Raised: moment(r.Raised), Closing: string(r.Closing), Approval: r.Approval, ApprovalSource: r.ApprovalSource,
		Source: r.Source, Account: r.Account, Facets: r.Total, Open: r.Open, Said: r.Said, Marks: []Mark{},
	}
	for _, m := range v.Marks(r) {
		out.Marks = append(out.Marks, Mark{What: m.What, By: m.By, Why: m.Why, At: moment(m.At), Until: moment(m.Until), Position: m.Seq})
	}
	return out
}

func (a *API) alert(_ http.ResponseWriter, _ *http.Request, q query) (any, *Problem) {
	out := AlertDetail{Controls: []string{}, Techniques: []string{}, Accesses: []Access{}, Approvals: []AlertApproval{}}
	found := false
	p := a.look(func(v *correlator.View, at store.Position) {
		var r correlator.AlertRecord
		if r, found = v.Alert(q.text["id"]); !found {
			return
		}
		out.At, out.Alert = atOf(v, at), alertOf(v, r)
		rule := ruleOf(r.Rule)
		out.Controls = append(out.Controls, rule.Controls...)
		for _, t := range rule.Attacks {
			out.Techniques = append(out.Techniques, techniqueOf(t))
		}
		accesses, approvals, more := v.FacetsUpTo(r, maxFacets)
		out.Partial = more
		for _, x := range accesses {
			out.Accesses = append(out.Accesses, accessOf(x))
		}
		for _, ap := range approvals {
			out.Approvals = append(out.Approvals, AlertApproval{Source: ap.Source, ID: ap.ID, Requester: ap.Requester, DecidedBy: ap.DecidedBy, Ticket: ap.Ticket})
		}
	})
	if p == nil && !found {
		p = notFound("alert", q.text["id"], nil)
	}
	return out, p
}

func techniqueOf(t correlator.Attack) string {
	if t.Sub != "" {
		return t.Sub
	}
	return t.Technique
}

func accessOf(x correlator.AccessView) Access {
	out := Access{Kind: x.Kind, Source: x.Source, ID: x.ID, Subject: x.Subject, Scope: x.Scope, Judgement: x.Judgement}
	if n := len(x.Stretches); n > 0 {
		last := x.Stretches[n-1]
		out.Start, out.End = moment(last.Start), moment(last.End)
		if last.End != correlator.Forever {
			out.Basis = last.Basis
		}
	}
	return out
}

func (a *API) subjects(_ http.ResponseWriter, _ *http.Request, q query) (any, *Problem) {
	out := Subjects{Subjects: []Subject{}}
	id, looked := events.ID(q.text["subject"]), false
	p := a.look(func(v *correlator.View, at store.Position) {
		out.At = atOf(v, at)
		if id != "" {
			if s, ok := v.Subject(id); ok {
				out.Subjects, looked = append(out.Subjects, subjectOf(s)), true
			}
			return
		}
		last, scanned := q.text["cursor"], 0
		v.SubjectsAfter(last, func(place string, group []correlator.SubjectRecord) bool {
			if len(out.Subjects) >= q.limit || scanned >= maxScanned {
				out.Next = cursors.EncodeToString([]byte(last))
				return false
			}
			last = place
			for _, s := range group {
				scanned += s.Accesses
				out.Subjects = append(out.Subjects, subjectOf(s))
			}
			return true
		})
	})
	if p == nil && id != "" && !looked {
		p = notFound("subject", string(id), nil)
	}
	return out, p
}

func subjectOf(s correlator.SubjectRecord) Subject {
	return Subject{
		ID: s.ID, Person: append([]events.ID{}, s.Person...), Accesses: s.Accesses, Open: s.Open, Partial: s.Partial, Alerts: append([]string{}, s.Alerts...),
	}
}

func (a *API) sources(_ http.ResponseWriter, _ *http.Request, q query) (any, *Problem) {
	out := Sources{Sources: []Source{}}
	p := a.look(func(v *correlator.View, at store.Position) {
		out.At = atOf(v, at)
		all := v.Glance().Sources // sorted
		from, found := slices.BinarySearchFunc(all, q.text["cursor"], func(s correlator.SourceGlance, uri string) int { return strings.Compare(s.URI, uri) })
		if found {
			from++
		}
		for _, s := range all[from:min(len(all), from+q.limit)] {
			out.Sources = append(out.Sources, sourceOf(s))
		}
		if end := from + q.limit; end < len(all) {
			out.Next = cursors.EncodeToString([]byte(all[end-1].URI))
		}
	})
	return out, p
}

func sourceOf(s correlator.SourceGlance) Source {
	return Source{
		URI: s.URI, Events: s.Events, Open: s.Open, Coverage: moment(s.Coverage), Heard: moment(s.Heard), Promises: s.Owes, Progress: moment(s.Progress),
		Silence: float64(s.Silence) / float64(time.Second), Blind: s.Blind, Gone: s.Gone, Unauthorised: s.Unauthorised, Late: s.Late,
	}
}
