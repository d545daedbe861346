package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

// The parameters that questions about the past share.
var (
	knownParam  = param{name: "knownAt", what: "As it was known at this time: what came into the log later does not count.", kind: instant}
	whoParam    = param{name: "subject", what: "Of one person or workload, by any id."}
	scopeParams = []param{
		{name: "system", what: "On this system; with resource and role the scope that is asked about."},
		{name: "resource", what: "On these resources of the system, a pattern in which * is any run of characters."},
		{name: "role", what: "In these roles there, a pattern as well."},
	}
)

// with puts parameters together.
func with(some []param, more ...param) []param { return append(slices.Clip(more), some...) }

func pastRoutes() []route {
	return []route{
		{
			path: "/v1/alerts/{id}/explain", summary: "Why an alert says what it says: what it rests on, in the order of the log, and what would have kept it from being told.",
			answers: review.Explanation{}, replays: true, answer: (*API).explain,
			params: []param{
				{name: "id", what: "The alert's id, or its beginning.", inPath: true}, knownParam,
				{name: "limit", what: "How many of its accesses are followed, 1 to 1000; 8 where it is left out.", kind: whole, unless: 8},
				{name: "factsOnly", what: "Leave out what would have kept it from being told, for which the log is played again and again.", oneOf: []string{"true", "false"}},
			},
		},
		{
			path: "/v1/explain", summary: "Why there is an alert about somebody at a time, or none.",
			answers: review.SubjectAnswer{}, replays: true, answer: (*API).explainSubject,
			params: with(scopeParams, param{name: "subject", what: "Any id of a person or workload.", required: true}, param{name: "at", what: "At this time.", kind: instant, required: true}, knownParam),
		},
		{
			path: "/v1/asof", summary: "Who could act at a time, by which path, under which approval, as known at another.",
			answers: review.AsOfAnswer{}, replays: true, answer: (*API).asOf,
			params: with(scopeParams, param{name: "at", what: "Who could act at this time.", kind: instant, required: true}, knownParam, whoParam,
				param{name: "entitlement", what: "Under this right of the policy."}),
		},
		{
			path: "/v1/who-acted", summary: "Who acted in a range of time, from what sources say of uses and sessions.",
			answers: review.ActedAnswer{}, replays: true, answer: (*API).whoActed,
			params: with(scopeParams, param{name: "from", what: "From this time on.", kind: instant}, param{name: "to", what: "Before this time.", kind: instant}, knownParam, whoParam),
		},
		{
			path: "/v1/timeline", summary: "What one person, alert or approval looks like on one axis of time. Give one of subject, alert and approval.",
			answers: review.History{}, replays: true, answer: (*API).timeline,
			params: []param{
				{name: "subject", what: "One id of a person or a workload; all ids that are the same one belong to it."},
				{name: "alert", what: "The id of an alert, or its beginning."},
				{name: "approval", what: "The id of an approval."},
				{name: "from", what: "Show from this time on.", kind: instant},
				{name: "to", what: "Show up to this time.", kind: instant},
			},
		},
		{
			path: "/v1/report", summary: "What an auditor asks of a period: approvals and their ends, exceptions, sources, and what is not covered.",
			answers: review.Report{}, replays: true, answer: (*API).report,
			params: []param{{name: "from", what: "Begin with this time.", kind: instant}, {name: "to", what: "End before this time.", kind: instant}},
		},
	}
}

func (a *API) report(w http.ResponseWriter, r *http.Request, q query) (any, *Problem) {
	return a.replay(w, r, func(ctx context.Context, src *review.Source) (any, error) {
		return review.MakeReport(ctx, review.ReportOptions{
			Source: src, From: review.Bound{At: q.times["from"]}, To: review.Bound{At: q.times["to"]}, Program: a.o.Program, Made: time.Now(),
		})
	})
}

func (a *API) timeline(w http.ResponseWriter, r *http.Request, q query) (any, *Problem) {
	ask := review.TimelineQuery{Subject: events.ID(q.text["subject"]), Alert: q.text["alert"], Approval: q.text["approval"], From: q.times["from"], To: q.times["to"]}
	given := 0
	for _, name := range []string{"subject", "alert", "approval"} {
		if q.text[name] != "" {
			given++
		}
	}
	if given != 1 {
		return nil, badRequest("A time line is about one subject, alert or approval, and %d are given.", given)
	}
	return a.replay(w, r, func(ctx context.Context, src *review.Source) (any, error) { return review.Timeline(ctx, src, ask, nil) })
}

// scope is the scope that is asked about.
func (q query) scope() (correlator.ScopePattern, *Problem) {
	p := correlator.ScopePattern{System: q.text["system"], Resource: q.text["resource"], Role: q.text["role"]}
	if p.System == "" && p != (correlator.ScopePattern{}) {
		return p, badRequest("resource and role are of a system, and none is given.")
	}
	return p, nil
}

func (a *API) explain(w http.ResponseWriter, r *http.Request, q query) (any, *Problem) {
	ask := review.AlertQuery{Alert: q.text["id"], KnownAt: q.times["knownAt"], NoCounterfactual: q.text["factsOnly"] == "true"}
	if q.text["limit"] != "" {
		ask.Most = q.limit
	}
	return a.replay(w, r, func(ctx context.Context, src *review.Source) (any, error) { return review.Explain(ctx, src, ask) })
}

func (a *API) explainSubject(w http.ResponseWriter, r *http.Request, q query) (any, *Problem) {
	scope, p := q.scope()
	if p != nil {
		return nil, p
	}
	ask := review.SubjectQuery{Subject: events.ID(q.text["subject"]), At: q.times["at"], KnownAt: q.times["knownAt"], Scope: scope}
	return a.replay(w, r, func(ctx context.Context, src *review.Source) (any, error) {
		return review.ExplainSubject(ctx, src, ask)
	})
}

func (a *API) asOf(w http.ResponseWriter, r *http.Request, q query) (any, *Problem) {
	scope, p := q.scope()
	if p != nil {
		return nil, p
	}
	ask := review.AsOfQuery{At: q.times["at"], KnownAt: q.times["knownAt"], Subject: events.ID(q.text["subject"]), Scope: scope, Entitlement: q.text["entitlement"]}
	return a.replay(w, r, func(ctx context.Context, src *review.Source) (any, error) { return review.AsOf(ctx, src, ask) })
}

func (a *API) whoActed(w http.ResponseWriter, r *http.Request, q query) (any, *Problem) {
	scope, p := q.scope()
	if p != nil {
		return nil, p
	}
	ask := review.ActedQuery{From: q.times["from"], To: q.times["to"], KnownAt: q.times["knownAt"], Subject: events.ID(q.text["subject"]), Scope: scope}
	return a.replay(w, r, func(ctx context.Context, src *review.Source) (any, error) { return review.WhoActed(ctx, src, ask) })
}
