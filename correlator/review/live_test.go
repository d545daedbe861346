package review_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store/eventlog"
)

// upTo is a log of which a live run has seen so much.
type upTo struct {
	eventlog.Log
	last uint64
}

func (l upTo) State(ctx context.Context) (eventlog.State, error) {
	st, err := l.Log.State(ctx)
	st.Last = l.last
	return st, err
}

func (l upTo) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return &upToReader{r, l.last, from}, err
}

type upToReader struct {
	eventlog.Reader
	last, next uint64
}

func (r *upToReader) Next(ctx context.Context) (eventlog.Message, error) {
	if r.next > r.last {
		<-ctx.Done()
		return eventlog.Message{}, ctx.Err()
	}
	m, err := r.Reader.Next(ctx)
	r.next = m.Position + 1
	return m, err
}

func (r *upToReader) TryNext() (eventlog.Message, bool, error) {
	if r.next > r.last {
		return eventlog.Message{}, false, nil
	}
	m, ok, err := r.Reader.TryNext()
	if ok {
		r.next = m.Position + 1
	}
	return m, ok, err
}

// noClock is for engines that are not to look at one.
type noClock struct{}

func (noClock) Wall() time.Time                      { return nine }
func (noClock) Monotonic() time.Duration             { return 0 }
func (noClock) After(time.Duration) <-chan time.Time { return nil }

type noMetrics struct{}

func (noMetrics) EventApplied(string, string)                          {}
func (noMetrics) EventQuarantined(string)                              {}
func (noMetrics) AlertPublished(string, string, string, time.Duration) {}
func (noMetrics) SetLag(int64)                                         {}
func (noMetrics) SetOpenAccesses(int64)                                {}
func (noMetrics) SetArmedTimers(int64)                                 {}
func (noMetrics) SetOverdue(time.Duration)                             {}
func (noMetrics) SetOutboxDepth(int64)                                 {}
func (noMetrics) SetSourceProgressAge(string, time.Duration)           {}

// overrunOf reads from an alert's own bytes how long its first facet lasted.
func overrunOf(t *testing.T, r review.Told) time.Duration {
	t.Helper()
	var body struct {
		Data struct {
			Evidences []struct {
				UID  string          `json:"uid"`
				Data json.RawMessage `json:"data"`
			} `json:"evidences"`
		} `json:"data"`
	}
	if err := json.Unmarshal(r.Entry.Body, &body); err != nil {
		t.Fatal(err)
	}
	for _, e := range body.Data.Evidences {
		if e.UID != "facet-1" {
			continue
		}
		var gap struct{ From, To time.Time }
		if err := json.Unmarshal(e.Data, &gap); err != nil {
			t.Fatal(err)
		}
		return gap.To.Sub(gap.From)
	}
	t.Fatalf("%s has no facet", r.ID)
	return 0
}
