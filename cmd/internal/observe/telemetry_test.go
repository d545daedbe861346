package observe

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/overstay/overstay/events"
)

// receiver is an OTLP/HTTP receiver that remembers which signals came.
type receiver struct {
	mu     sync.Mutex
	paths  []string
	status int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, req.URL.Path)
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(r.status)
}

// What was recorded reaches the receiver at the latest when the program ends.
func TestExportsOverOTLP(t *testing.T) {
	r := &receiver{status: http.StatusOK}
	srv := httptest.NewServer(r)
	defer srv.Close()
	tel := started(t, Options{OTLP: srv.URL, Version: "test"})
	useAll(tel.Metrics)
	_, _, end := tel.Tracing.Ingest(t.Context(), &events.Event{Type: events.LeaseIssued})
	end(nil)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/traces", "/v1/metrics"} {
		if !slices.Contains(r.paths, path) {
			t.Errorf("nothing came on %s: %v", path, r.paths)
		}
	}
}

// A receiver that refuses is logged and stops nothing.
func TestRefusingReceiverIsLogged(t *testing.T) {
	srv := httptest.NewServer(&receiver{status: http.StatusForbidden})
	defer srv.Close()
	var log bytes.Buffer
	tel := started(t, Options{OTLP: srv.URL, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, _, end := tel.Tracing.Ingest(t.Context(), &events.Event{Type: events.LeaseIssued})
	end(nil)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Errorf("shut down: %v", err)
	}
	for _, line := range []string{`"traces not exported"`, `"metrics not exported"`} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("no %s in %s", line, &log)
		}
	}
}

func TestRefusesBadOptions(t *testing.T) {
	for _, o := range []Options{
		{OTLP: "127.0.0.1:4318"}, {OTLP: "grpc://h:4317"}, {OTLP: "http://user:hunter2@h:4318"}, {Sample: 2}, {Sample: -1},
	} {
		_, err := Start(t.Context(), o)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: error %v", o, err)
		}
	}
}
