package connectortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// checkValid looks at each event of a whole run.
func checkValid(t *testing.T, s Suite) []error {
	rec := s.full(t)
	errs := rec.faults
	if len(rec.about(0)) == 0 {
		errs = append(errs, errors.New("the fixture gave no event about access: nothing is proven by it"))
	}
	byID := map[string]string{}
	for i, b := range rec.batches {
		for _, st := range b.said {
			ev := st.event
			for _, err := range s.checkEvent(rec.uri, st) {
				errs = append(errs, fmt.Errorf("batch %d, event %s %q: %w", i, ev.Type.Short(), ev.ID, err))
			}
			key := ev.Source + "\x00" + ev.ID
			if before, ok := byID[key]; ok && before != st.text {
				errs = append(errs, fmt.Errorf("batch %d: id %q stands for two different events:\n%s\n%s", i, ev.ID, before, st.text))
			}
			byID[key] = st.text
		}
	}
	return errs
}

func (s Suite) checkEvent(uri string, st statement) []error {
	var errs []error
	ev := st.event
	if !s.AnySource && ev.Source != uri {
		errs = append(errs, fmt.Errorf("its source is %q, but the connector's URI is %q", ev.Source, uri))
	}
	if !ev.Type.FromSource() {
		errs = append(errs, fmt.Errorf("type %q may not come from a connector", ev.Type))
	}
	if st.invalid != nil {
		errs = append(errs, st.invalid)
	}
	return errs
}

// state writes down what an event says now: everything but what the runner fills
// in. Of one that cannot be encoded the reason is kept, and what encoding/json
// makes of it, so that it can be compared and searched all the same.
func state(ev events.Event) statement {
	plain := ev
	plain.Sequence, plain.Recorded = events.Sequence{}, time.Time{}
	text, err := events.Encode(plain)
	if err == nil {
		return statement{event: ev, text: string(text)}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if jsonErr := enc.Encode(plain); jsonErr != nil {
		b.WriteString(jsonErr.Error())
	}
	return statement{event: ev, text: b.String(), invalid: err}
}
