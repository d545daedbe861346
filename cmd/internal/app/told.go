package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// Spoken says what became of an operator's word. It stands in the log from then on,
// whoever still waits for what follows from it.
type Spoken struct {
	// Position is where in the log it stands.
	Position uint64 `json:"position"`
	By       string `json:"by"`
	// Unchanged: nothing was appended, since it is in force already.
	Unchanged bool `json:"unchanged,omitempty"`
	// AlertsFrom is where in the alert stream what follows from it begins.
	AlertsFrom uint64 `json:"alertsFrom,omitempty"`
	Consequences
}

// Consequences are what followed from an operator's word.
type Consequences struct {
	// Told counts the alert revisions that followed from it, by state and, where
	// one was closed, why: "resolved: policy".
	Told map[string]int `json:"told"`
	// Waiting says for what the rest of them waits, "" when all are told; Hint what
	// somebody has to do about it, "" where it goes on by itself.
	Waiting string `json:"waiting,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// say appends an operator's event to the log.
func (a *App) say(ctx context.Context, ev events.Event, by string) (Spoken, error) {
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		return Spoken{}, fmt.Errorf("encode %s: %w", ev.Type.Short(), err)
	}
	subject := events.SubjectOf(ev)
	before, err := a.streams.AlertsState(ctx)
	if err != nil {
		return Spoken{}, fmt.Errorf("ask the alert stream where it ends: %w", err)
	}
	if err := a.streams.Events().Append(ctx, []eventlog.Entry{{Subject: subject, Header: header, Body: body, MsgID: ev.ID}}); err != nil {
		return Spoken{}, fmt.Errorf("append %s to the log: %w", ev.Type.Short(), err)
	}
	at, err := a.streams.Events().LastOn(ctx, subject)
	if err != nil {
		return Spoken{}, fmt.Errorf("find %s in the log: %w", ev.Type.Short(), err)
	}
	return Spoken{Position: at, By: by, AlertsFrom: before.Last + 1}, nil
}

// ToldLimit bounds how long one request for consequences may wait for them.
const ToldLimit = 10 * time.Second

// Told waits until everything that follows from an operator's word has been
// published, or ctx has ended, and counts what was.
func (a *App) Told(ctx context.Context, s Spoken, within time.Duration) (Consequences, error) {
	out := Consequences{Told: map[string]int{}}
	wait, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := a.engine.WaitSettled(wait, s.Position); err != nil {
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return out, fmt.Errorf("wait until position %d is applied: %w", s.Position, err)
		}
		out.Waiting, out.Hint = a.delay(ctx, s.Position)
	}
	return out, a.countTold(ctx, s.AlertsFrom, s.Position, out.Told)
}

// delay says why what follows from a position is not all told yet.
func (a *App) delay(ctx context.Context, position uint64) (why, hint string) {
	if err := a.engine.Ready(ctx); err != nil {
		if a.engine.AlertsFull() {
			hint = "give the alert stream room: a larger nats.alerts.maxBytes or a shorter nats.alerts.maxAge, and a restart; what waits is told then"
		}
		return err.Error(), hint
	}
	if at := a.engine.Applied(); at < position {
		return fmt.Sprintf("the log is applied up to position %d", at), ""
	}
	return fmt.Sprintf("%d publications wait, or are still being worked out", a.engine.Outbox()), ""
}

// serveTold answers a request for what followed from an operator's word.
func (a *App) serveTold(r *http.Request) (Consequences, error) {
	q := r.URL.Query()
	var s Spoken
	for name, into := range map[string]*uint64{"position": &s.Position, "alertsFrom": &s.AlertsFrom} {
		n, err := strconv.ParseUint(q.Get(name), 10, 64)
		if err != nil {
			return Consequences{}, fmt.Errorf("%s: %w", name, err)
		}
		*into = n
	}
	within, err := time.ParseDuration(q.Get("within"))
	if err != nil {
		return Consequences{}, fmt.Errorf("within: %w", err)
	}
	return a.Told(r.Context(), s, min(within, ToldLimit))
}

// AskTold asks the program that runs on a data folder what followed from an
// operator's word.
func AskTold(ctx context.Context, dataDir string, s Spoken, within time.Duration) (out Consequences, err error) {
	q := url.Values{
		"position":   {strconv.FormatUint(s.Position, 10)},
		"alertsFrom": {strconv.FormatUint(s.AlertsFrom, 10)},
		"within":     {within.String()},
	}
	err = Ask(ctx, dataDir, http.MethodGet, ToldPath+"?"+q.Encode(), nil, &out)
	return out, err
}

// countTold counts the alert revisions from a place in their stream on that rest
// on a position of the log or on what came after it.
func (a *App) countTold(ctx context.Context, from, since uint64, told map[string]int) error {
	return eventlog.ReadAlerts(ctx, a.streams.AlertsReader(), from, func(m eventlog.Message) error {
		var body struct {
			Data struct {
				Unmapped struct {
					Overstay struct {
						State, Closing string
						Origin         struct{ Seq uint64 }
					}
				}
			}
		}
		if err := json.Unmarshal(m.Body, &body); err != nil {
			return fmt.Errorf("read the alert at %d: %w", m.Position, err)
		}
		o := body.Data.Unmapped.Overstay
		if o.State == "" || o.Origin.Seq < since {
			return nil
		}
		if o.Closing != "" {
			o.State += ": " + o.Closing
		}
		told[o.State]++
		return nil
	})
}
