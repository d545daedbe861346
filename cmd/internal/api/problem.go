package api

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// docs is where problem types are explained; each type is a heading there.
const docs = "https://github.com/overstay/overstay/blob/main/docs/api.md#"

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Near are names that may have been meant, where one is unknown.
	Near []string `json:"near,omitempty"`

	retry time.Duration
	cause error // for the log alone
}

func (p *Problem) write(w http.ResponseWriter, log *slog.Logger, r *http.Request) {
	if p.cause != nil {
		log.Warn("a question could not be answered", "path", r.URL.Path, "status", p.Status, "error", p.cause)
	}
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.retry/time.Second)))
	}
	head(w, "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that has gone away cannot be told more
}

func badRequest(format string, args ...any) *Problem {
	return &Problem{Type: docs + "bad-request", Title: "The question cannot be read", Status: http.StatusBadRequest, Detail: fmt.Sprintf(format, args...)}
}

func notFound(what, name string, near []string) *Problem {
	return &Problem{Type: docs + "not-found", Title: "There is no such thing", Status: http.StatusNotFound,
		Detail: fmt.Sprintf("There is no %s %.200q.", what, name), Near: near}
}

func notReady(err error) *Problem {
	return &Problem{Type: docs + "not-ready", Title: "The state cannot be read", Status: http.StatusServiceUnavailable,
		Detail: "The correlator has no state to read yet, or could not read it; the server's log says more.", retry: 5 * time.Second, cause: err}
}

func busy() *Problem {
	return &Problem{Type: docs + "too-many-replays", Title: "The log is being played already", Status: http.StatusTooManyRequests,
		Detail: "One replay runs at a time, so that it does not hold up the live one. Ask again later, or look back on an archive.", retry: 10 * time.Second}
}

func tooLong(within time.Duration) *Problem {
	return &Problem{Type: docs + "replay-too-long", Title: "The replay takes too long", Status: http.StatusServiceUnavailable,
		Detail: fmt.Sprintf("It was stopped after %s. The commands take as long as they need: export the log and look back on the archive.", within)}
}

func tooLarge(growth uint64) *Problem {
	return &Problem{Type: docs + "replay-too-large", Title: "The replay needs too much memory", Status: http.StatusServiceUnavailable,
		Detail: fmt.Sprintf("It was stopped when the process held %d MiB more than before. Export the log and look back on the archive on another machine.", growth>>20)}
}

func failed(err error) *Problem {
	return &Problem{Type: docs + "failed", Title: "The question could not be answered", Status: http.StatusInternalServerError,
		Detail: "The server's log says why.", cause: err}
}
