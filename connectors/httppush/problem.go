package httppush

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/overstay/overstay/events"
)

// docs is where problem types are explained; each type is a heading there.
const docs = "https://github.com/overstay/overstay/blob/main/docs/connectors/http-push.md#"

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	// Errors says which events are at fault, at most the first 100 entries.
	Errors []EventError `json:"errors,omitempty"`

	headers map[string]string
	cause   error // for the log alone
}

// EventError is one reason why an event was refused.
type EventError struct {
	Index int    `json:"index"` // of the event in its batch, from 0
	ID    string `json:"id,omitempty"`
	// Field is a CloudEvents attribute, a path inside data, or a place in the
	// event where it could not be read at all.
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

func problem(status int, kind, title, detail string) *Problem {
	return &Problem{
		Type: docs + kind, Title: title, Status: status, Detail: detail,
		// Found again in the log, where the cause is.
		Instance: "urn:uuid:" + uuid.NewString(),
		headers:  map[string]string{},
	}
}

func (p *Problem) with(header, value string) *Problem {
	p.headers[header] = value
	return p
}

func (p *Problem) because(err error) *Problem {
	p.cause = err
	return p
}

// retry asks the client to come back, rounded up to whole seconds as RFC 9110
// §10.2.3 has no smaller unit.
func (p *Problem) retry(after time.Duration) *Problem {
	return p.with("Retry-After", strconv.Itoa(max(1, int(math.Ceil(after.Seconds())))))
}

func (p *Problem) listing(errs []EventError) *Problem {
	p.Errors = errs[:min(len(errs), maxErrors)]
	return p
}

func (p *Problem) write(w http.ResponseWriter) {
	for name, value := range p.headers {
		w.Header().Set(name, value)
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

func writeStored(w http.ResponseWriter, n int) {
	writeJSON(w, http.StatusAccepted, "application/json", struct {
		Stored int `json:"stored"`
	}{n})
}

func writeJSON(w http.ResponseWriter, status int, media string, v any) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The status is out; a client that has gone away cannot be told more.
	_ = json.NewEncoder(w).Encode(v)
}

func methodNotAllowed(method string) *Problem {
	return problem(http.StatusMethodNotAllowed, "method-not-allowed", "Only POST is allowed",
		fmt.Sprintf("%s was sent; events are posted.", method)).with("Allow", http.MethodPost)
}

func unauthenticated(challenge, detail string) *Problem {
	return problem(http.StatusUnauthorized, "unauthenticated", "A bearer token is needed", detail).
		with("WWW-Authenticate", challenge)
}

func forbidden(client string, errs []EventError, of int) *Problem {
	return problem(http.StatusForbidden, "source-forbidden", "The client may not speak for this source",
		fmt.Sprintf("%d of %d events come from sources that %s may not speak for. Nothing was stored.", distinct(errs), of, client)).
		listing(errs)
}

func notAReader(client string) *Problem {
	return problem(http.StatusForbidden, "not-a-reader", "The client may not read",
		fmt.Sprintf("%s may send events; what came of them is for clients that the configuration lets read.", client))
}

func tooSlow() *Problem {
	return problem(http.StatusRequestTimeout, "too-slow", "The body came too slowly",
		"The whole request must arrive within the read timeout. Nothing was stored.").with("Connection", "close")
}

func tooLarge(limit int64) *Problem {
	return problem(http.StatusRequestEntityTooLarge, "too-large", "The body is too large",
		fmt.Sprintf("A body of this kind may have %d bytes: one event %d, a batch %d. Nothing was stored.", limit, events.MaxBody, events.MaxRequest)).
		with("Connection", "close")
}

func tooMany() *Problem {
	return problem(http.StatusRequestEntityTooLarge, "too-many-events", "The batch has too many events",
		fmt.Sprintf("The batch has more than %d events. Nothing was stored.", events.MaxBatch))
}

func unsupportedMedia(sent string) *Problem {
	return problem(http.StatusUnsupportedMediaType, "unsupported-media-type", "This media type is not taken",
		fmt.Sprintf("Content-Type is %.100q. Taken are %s, %s, and with ce- headers %s, all in UTF-8.", sent, mediaEvent, mediaBatch, mediaJSON)).
		with("Accept", mediaEvent+", "+mediaBatch+", "+mediaJSON)
}

func unsupportedCoding(sent string) *Problem {
	return problem(http.StatusUnsupportedMediaType, "unsupported-media-type", "This content coding is not taken",
		fmt.Sprintf("Content-Encoding is %.100q. Send the body uncompressed.", sent)).
		with("Accept-Encoding", "identity")
}

func malformed(err error) *Problem {
	return problem(http.StatusBadRequest, "malformed", "The request cannot be read",
		fmt.Sprintf("%v. Nothing was stored.", err))
}

func unprocessable(errs []EventError, of int) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid-event", "An event is not valid",
		fmt.Sprintf("%d of %d events are not valid. Nothing was stored.", distinct(errs), of)).listing(errs)
}

func tooManyRequests(detail string, after time.Duration) *Problem {
	return problem(http.StatusTooManyRequests, "too-many-requests", "The client sends too much",
		detail+" Nothing was stored.").retry(after)
}

func unavailable(err error) *Problem {
	detail := "The log did not acknowledge the events. Send the same events again: what was stored is not stored twice."
	if errors.Is(err, ErrFull) {
		detail = "The log is full: it takes no more events until its limit is raised or old ones leave it. Keep the events, and send them again then."
	}
	return problem(http.StatusServiceUnavailable, "log-unavailable", "The log is not available", detail).
		retry(retryAfter).because(err)
}

// distinct counts the events that errs is about; entries of one follow another.
func distinct(errs []EventError) int {
	n := 0
	for i, e := range errs {
		if i == 0 || e.Index != errs[i-1].Index {
			n++
		}
	}
	return n
}
