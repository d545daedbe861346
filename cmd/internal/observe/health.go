package observe

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Check asks one part whether it is well; the error says what is not.
type Check struct {
	Name string
	Run  func(context.Context) error
}

// Health answers with what its checks say now: 200 when all are well, else 503
// with which are not.
type Health struct {
	timeout time.Duration
	checks  []*running
}

// NewHealth makes the handler of /healthz or /readyz. A check that does not
// answer within the timeout counts as failed.
func NewHealth(timeout time.Duration, checks ...Check) *Health {
	h := &Health{timeout: timeout}
	for _, c := range checks {
		h.checks = append(h.checks, &running{Check: c})
	}
	return h
}

// Report is the answer's body.
type Report struct {
	Status string   `json:"status"` // ok or failing
	Checks []Result `json:"checks"`
}

// Result is what one check said.
type Result struct {
	Name   string `json:"name"`
	Status string `json:"status"` // ok or failing
	Error  string `json:"error,omitempty"`
	TookMS int64  `json:"tookMs"`
}

const (
	statusOK      = "ok"
	statusFailing = "failing"
)

// Report runs all checks side by side.
func (h *Health) Report(ctx context.Context) Report {
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	report := Report{Status: statusOK, Checks: make([]Result, len(h.checks))}
	var wg sync.WaitGroup
	for i, c := range h.checks {
		wg.Go(func() { report.Checks[i] = c.result(ctx, h.timeout) })
	}
	wg.Wait()
	for _, r := range report.Checks {
		if r.Status != statusOK {
			report.Status = statusFailing
		}
	}
	return report
}

// ServeHTTP answers GET and HEAD.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are allowed", http.StatusMethodNotAllowed)
		return
	}
	report := h.Report(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if report.Status != statusOK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// The status is out; a client that has gone away cannot be told more.
	_ = json.NewEncoder(w).Encode(report)
}

// running runs a check at most once at a time, and probes that meet share the
// answer: a check that hangs must not pile up goroutines with every probe.
type running struct {
	Check
	mu      sync.Mutex
	current *run // nil while none is under way
}

type run struct {
	done chan struct{}
	err  error // after done
}

func (c *running) result(ctx context.Context, timeout time.Duration) Result {
	began := time.Now()
	r := Result{Name: c.Name, Status: statusOK}
	if err := c.wait(ctx, timeout); err != nil {
		r.Status, r.Error = statusFailing, err.Error()
	}
	r.TookMS = time.Since(began).Milliseconds()
	return r
}

func (c *running) wait(ctx context.Context, timeout time.Duration) error {
	current := c.start(ctx, timeout)
	select {
	case <-current.done:
		return current.err
	case <-ctx.Done():
		return fmt.Errorf("no answer in time: %w", ctx.Err())
	}
}

// start begins a run, or joins the one under way. The run does not end with the
// probe that began it, or it would fail for those that joined.
func (c *running) start(ctx context.Context, timeout time.Duration) *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil {
		return c.current
	}
	current := &run{done: make(chan struct{})}
	c.current = current
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	go func() {
		defer cancel()
		current.err = c.Run(ctx)
		c.mu.Lock()
		c.current = nil
		c.mu.Unlock()
		close(current.done)
	}()
	return current
}
