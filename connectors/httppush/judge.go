package httppush

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// ownScheme begins the sources of what comes from inside.
const ownScheme = "overstay://"

// MaxAhead is how far the time of an event may be ahead of this machine's clock. It
// leaves room for any time zone that somebody forgot. What is said of one approval
// counts in the order of its times: an event from the year 2190 would have the last
// word for ever.
const MaxAhead = 24 * time.Hour

// invalid lists what is wrong with the events of a request: what the decoder
// refused, the types that no source may say, and what has not happened yet.
func invalid(items []events.Item, now time.Time) []EventError {
	var errs []EventError
	for _, it := range items {
		// A forged type first: what else is wrong with such an event does not matter.
		if typ := it.Event.Type; typ.Known() && !typ.FromSource() {
			errs = append(errs, EventError{
				Index: it.Index, ID: it.Event.ID, Field: "type",
				Reason: fmt.Sprintf("%s comes from Overstay itself and is taken from no source", typ.Short()),
			})
			continue
		}
		if strings.HasPrefix(it.Event.Source, ownScheme) {
			errs = append(errs, EventError{
				Index: it.Index, ID: it.Event.ID, Field: "source",
				Reason: ownScheme + " is Overstay itself; no client speaks for it",
			})
			continue
		}
		if it.Err != nil {
			errs = append(errs, refused(it)...)
			continue
		}
		if at := it.Event.Time; at.Sub(now) > MaxAhead {
			errs = append(errs, EventError{
				Index: it.Index, ID: it.Event.ID, Field: "time",
				Reason: fmt.Sprintf("is %s, and here it is %s: what is told has happened", at.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)),
			})
		}
	}
	return errs
}

// refused turns one item's error into an entry for each field at fault.
func refused(it events.Item) []EventError {
	var fields *events.InvalidError
	if errors.As(it.Err, &fields) {
		errs := make([]EventError, len(fields.Fields))
		for i, f := range fields.Fields {
			errs[i] = EventError{Index: it.Index, Field: f.Field, Reason: f.Reason}
		}
		return errs
	}
	e := EventError{Index: it.Index, Reason: it.Err.Error()}
	var decode *events.DecodeError
	if errors.As(it.Err, &decode) {
		e.Field, e.Reason = decode.Where, decode.Reason+": "+decode.Err.Error()
	}
	return []EventError{e}
}

// formless is the error of a request with one event when that event is not even
// JSON: then the request is malformed, rather than its event invalid.
func formless(items []events.Item) error {
	var decode *events.DecodeError
	for _, it := range items {
		if !errors.As(it.Err, &decode) {
			continue
		}
		switch decode.Reason {
		case events.ReasonBadJSON, events.ReasonDuplicateKey, events.ReasonTrailingData, events.ReasonNotUTF8, events.ReasonTooDeep:
			return decode
		}
	}
	return nil
}

// undecodable answers for a request whose events cannot be told apart.
func undecodable(err error, h http.Header) *Problem {
	var decode *events.DecodeError
	if errors.As(err, &decode) {
		switch decode.Reason {
		case events.ReasonTooLarge:
			return tooLarge(events.MaxRequest)
		case events.ReasonTooMany:
			return tooMany()
		case events.ReasonContentType:
			return unsupportedMedia(h.Get("Content-Type"))
		}
	}
	return malformed(err)
}

// maxNamed bounds an id that is only repeated to its sender.
const maxNamed = 200

// named puts the ids into entries about events that were refused, of which the
// decoder gives back nothing. The reading is lenient: an id that cannot be found
// is left out, and the index is there in any case.
func named(errs []EventError, m mode, h http.Header, body []byte) []EventError {
	ids := idsOf(m, h, body)
	for i, e := range errs {
		if e.ID == "" && e.Index < len(ids) && len(ids[e.Index]) <= maxNamed {
			errs[i].ID = ids[e.Index]
		}
	}
	return errs
}

func idsOf(m mode, h http.Header, body []byte) []string {
	raws := []json.RawMessage{body}
	switch m {
	case binary:
		return []string{h.Get("Ce-Id")}
	case batch:
		if json.Unmarshal(body, &raws) != nil {
			return nil
		}
	}
	ids := make([]string, len(raws))
	for i, raw := range raws {
		var event struct{ ID any }
		if json.Unmarshal(raw, &event) == nil {
			ids[i], _ = event.ID.(string)
		}
	}
	return ids
}
