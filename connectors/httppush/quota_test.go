package httppush

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/events"
)

// A client that has used up its events is told when to come back, and is served
// then; another client is not held up by it.
func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gateway(t, &journal{}, func(o *Options) { o.EventRate, o.Burst = 100, events.MaxBatch })
		full := make([]string, events.MaxBatch)
		for i := range full {
			full[i] = rotated(fmt.Sprint(i))
		}
		big := request{media: mediaBatch, body: batchOf(full...)}
		if rec := big.send(g); rec.Code != http.StatusAccepted {
			t.Fatalf("the first batch: %d %s", rec.Code, rec.Body)
		}
		rec := big.send(g)
		if rec.Code != 429 || rec.Header().Get("Retry-After") != "1" {
			t.Fatalf("%d, Retry-After %q: %s", rec.Code, rec.Header().Get("Retry-After"), rec.Body)
		}
		checkProblem(t, problemOf(t, rec), 429, "too-many-requests", "")
		if rec := (request{token: "Bearer " + tokenAll, body: rotated("x")}).send(g); rec.Code != 202 {
			t.Errorf("another client: %d", rec.Code)
		}
		time.Sleep(time.Second)
		// One request's worth is there: it gets in, and is refused by its events.
		rec = big.send(g)
		if rec.Code != 429 || rec.Header().Get("Retry-After") != "9" {
			t.Errorf("%d, Retry-After %q", rec.Code, rec.Header().Get("Retry-After"))
		}
		time.Sleep(10 * time.Second)
		if rec := big.send(g); rec.Code != http.StatusAccepted {
			t.Errorf("after the wait: %d %s", rec.Code, rec.Body)
		}
	})
}

// More requests at a time than a client may have are refused at once; when one
// ends there is room again.
func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{wait: make(chan struct{}), called: make(chan struct{})}
		g := gateway(t, j, func(o *Options) { o.InFlight = 1 })
		first := make(chan int)
		go func() { first <- request{body: rotated("a")}.send(g).Code }()
		<-j.called
		if rec := (request{body: rotated("b")}).send(g); rec.Code != 429 || rec.Header().Get("Retry-After") != "1" {
			t.Errorf("the second: %d, Retry-After %q", rec.Code, rec.Header().Get("Retry-After"))
		}
		close(j.wait)
		if code := <-first; code != 202 {
			t.Errorf("the first: %d", code)
		}
		go func() { <-j.called }()
		if rec := (request{body: rotated("c")}).send(g); rec.Code != 202 {
			t.Errorf("the third: %d", rec.Code)
		}
	})
}

// A log that does not answer is given up after the publish timeout.
func TestPublishTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{wait: make(chan struct{})}
		g := gateway(t, j, func(o *Options) { o.PublishTimeout = 3 * time.Second })
		began := time.Now()
		rec := request{body: rotated("a")}.send(g)
		if rec.Code != 503 || time.Since(began) != 3*time.Second {
			t.Errorf("%d after %v: %s", rec.Code, time.Since(began), rec.Body)
		}
	})
}
