package httppush

import (
	"net/http"
	"strings"

	"github.com/overstay/overstay/events"
)

// inTrace takes the events out of their items and puts the request's
// traceparent into those that have none. An event's own wins: CloudEvents'
// distributed tracing extension holds where the event began, the header only
// the last hop.
func inTrace(items []events.Item, h http.Header) []events.Event {
	var parent string
	if values := h.Values("Traceparent"); len(values) == 1 && validTraceParent(values[0]) {
		parent = values[0]
	}
	evs := make([]events.Event, len(items))
	for i, it := range items {
		evs[i] = it.Event
		if evs[i].TraceParent == "" {
			evs[i].TraceParent = parent
		}
	}
	return evs
}

// validTraceParent checks the form of W3C Trace Context §3.2. What does not have
// it is ignored, as §4.3 asks for: a broken trace is no reason to lose an event.
func validTraceParent(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) != 4 || parts[0] != "00" {
		return false // later versions may add fields that we could not carry
	}
	return lowerHex(parts[1], 32) && lowerHex(parts[2], 16) && lowerHex(parts[3], 2) &&
		strings.Trim(parts[1], "0") != "" && strings.Trim(parts[2], "0") != ""
}

func lowerHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
