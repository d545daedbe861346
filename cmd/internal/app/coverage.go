package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/overstay/overstay/events"
)

// coverageAfter is when the coverage report is told after a start; later it is
// told every hour.
var coverageAfter = []time.Duration{time.Minute, 10 * time.Minute, time.Hour}

// reportCoverage tells what is seen and what is not, in the log and on NATS,
// until ctx ends. It never says that all is well.
func (a *App) reportCoverage(ctx context.Context) {
	var told time.Duration
	for i := 0; ; i++ {
		next := told + time.Hour
		if i < len(coverageAfter) {
			next = coverageAfter[i]
		}
		select {
		case <-a.opts.Clock.After(next - told):
		case <-ctx.Done():
			return
		}
		told = next
		a.tellCoverage(ctx)
	}
}

func (a *App) tellCoverage(ctx context.Context) {
	st := a.Status(ctx)
	a.log.Info("coverage report", "sources", len(st.Sources), "approvals", st.Approvals, "open", st.Open, "judgement", st.Judgement, "advice", st.Advice)
	body, err := json.Marshal(st)
	if err == nil {
		err = a.conn.Publish(events.SubjectCoverage, body)
	}
	if err != nil {
		a.log.Warn("the coverage report could not be published", "error", err)
	}
}
