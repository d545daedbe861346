package api

import (
	"context"
	"net/http"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

func pastRoutes() []route {
	return []route{
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
	}
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
