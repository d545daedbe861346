package httppush

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/overstay/overstay/events"
)

// decode reads the three modes well enough for the gateway's own tests; how
// events are decoded strictly is tested where that is done.
func decode(h http.Header, body []byte) ([]Item, error) {
	switch h.Get("Content-Type") {
	case mediaBatch:
		var raws []json.RawMessage
		if err := json.Unmarshal(body, &raws); err != nil {
			return nil, fmt.Errorf("decode the batch: %w", err)
		}
		items := make([]Item, len(raws))
		for i, raw := range raws {
			items[i] = decodeOne(i, raw)
		}
		return items, nil
	case mediaEvent:
		if !json.Valid(body) {
			return nil, fmt.Errorf("decode the event: not JSON")
		}
		return []Item{decodeOne(0, body)}, nil
	}
	env := envelope{ID: h.Get("Ce-Id"), Source: h.Get("Ce-Source"), Type: events.Type(h.Get("Ce-Type")), Data: body}
	at, err := time.Parse(time.RFC3339, h.Get("Ce-Time"))
	if err != nil {
		return nil, fmt.Errorf("decode ce-time: %w", err)
	}
	env.Time = at
	return []Item{env.item(0)}, nil
}

type envelope struct {
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        events.Type     `json:"type"`
	Subject     events.ID       `json:"subject"`
	Time        time.Time       `json:"time"`
	TraceParent string          `json:"traceparent"`
	Data        json.RawMessage `json:"data"`
}

func decodeOne(i int, raw []byte) Item {
	var env envelope
	if err := json.Unmarshal(raw, &env); err != nil {
		return Item{Index: i, Err: err}
	}
	return env.item(i)
}

func (e envelope) item(i int) Item {
	it := Item{Index: i, Event: events.Event{
		ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject, Time: e.Time,
		TraceParent: e.TraceParent, Data: events.NewData(e.Type),
	}}
	if it.Event.Data != nil {
		if it.Err = json.Unmarshal(e.Data, it.Event.Data); it.Err != nil {
			return it
		}
	}
	it.Err = it.Event.Validate()
	return it
}
