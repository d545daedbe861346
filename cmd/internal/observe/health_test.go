package observe

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func well(context.Context) error { return nil }

func probe(t *testing.T, h http.Handler) (int, Report) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	var r Report
	if err := json.Unmarshal(rec.Body.Bytes(), &r); err != nil {
		t.Fatalf("%s: %v", rec.Body, err)
	}
	return rec.Code, r
}

// One part that is not well makes the whole not well, and is named with its
// reason; the others are reported beside it.
func TestHealthTellsWhichCheckFailed(t *testing.T) {
	ill := errors.New("last sequence is behind the stored position")
	code, r := probe(t, NewHealth(time.Second, Check{"store", well}, Check{"log", func(context.Context) error { return ill }}))
	if code != 503 || r.Status != "failing" {
		t.Errorf("%d %s", code, r.Status)
	}
	if r.Checks[0].Status != "ok" || r.Checks[1].Status != "failing" || r.Checks[1].Error != ill.Error() {
		t.Errorf("checks %+v", r.Checks)
	}
	if code, r := probe(t, NewHealth(time.Second, Check{"store", well})); code != 200 || r.Status != "ok" {
		t.Errorf("all well: %d %+v", code, r)
	}
}

// A check that hangs fails at the timeout, is not started again while it hangs,
// and is believed again once it answers.
func TestHealthOfAHangingCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		free := make(chan struct{})
		h := NewHealth(2*time.Second, Check{"disk", func(context.Context) error {
			runs.Add(1)
			<-free
			return nil
		}})
		for range 3 {
			began := time.Now()
			if code, r := probe(t, h); code != 503 || r.Checks[0].Error == "" || time.Since(began) != 2*time.Second {
				t.Errorf("%d after %v: %+v", code, time.Since(began), r)
			}
		}
		if runs.Load() != 1 {
			t.Errorf("the hanging check was started %d times", runs.Load())
		}
		close(free)
		synctest.Wait()
		if code, r := probe(t, h); code != 200 || runs.Load() != 2 {
			t.Errorf("%d after %d runs: %+v", code, runs.Load(), r)
		}
	})
}

// Two probes at a time share one run and both get its answer.
func TestHealthProbesShareARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		h := NewHealth(2*time.Second, Check{"log", func(context.Context) error {
			runs.Add(1)
			time.Sleep(time.Second)
			return nil
		}})
		codes := make(chan string)
		for range 2 {
			go func() { codes <- h.Report(t.Context()).Status }()
		}
		if a, b := <-codes, <-codes; a != "ok" || b != "ok" || runs.Load() != 1 {
			t.Errorf("%s, %s after %d runs", a, b, runs.Load())
		}
	})
}

func TestHealthRefusesPost(t *testing.T) {
	rec := httptest.NewRecorder()
	NewHealth(time.Second).ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/healthz", nil))
	if rec.Code != 405 || rec.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("%d, Allow %q", rec.Code, rec.Header().Get("Allow"))
	}
}
