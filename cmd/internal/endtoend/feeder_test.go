package endtoend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors/httppush"
	"github.com/overstay/overstay/events"
)

// feeder posts requests one after the other, each until it is acknowledged, as
// docs/connectors/http-push.md asks of a client.
type feeder struct {
	program  *program
	requests [][]events.Event
	// allowed holds one token for each request that may be sent by now.
	allowed <-chan struct{}

	mu      sync.Mutex
	stored  map[string]bool // source|id of what was acknowledged
	retries int
}

func (f *feeder) run(ctx context.Context) error {
	for _, evs := range f.requests {
		select {
		case <-f.allowed:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := f.post(ctx, evs); err != nil {
			return err
		}
	}
	return nil
}

// post sends until the log has acknowledged. A refusal is an error: nothing here
// is wrong with the events.
func (f *feeder) post(ctx context.Context, evs []events.Event) error {
	media, body, err := encode(evs)
	if err != nil {
		return err
	}
	again := time.NewTicker(15 * time.Millisecond)
	defer again.Stop()
	for {
		status, answer, err := f.once(ctx, media, body)
		if err == nil && status == http.StatusAccepted {
			f.mu.Lock()
			defer f.mu.Unlock()
			for _, ev := range evs {
				f.stored[key(ev)] = true
			}
			return nil
		}
		if err == nil && status < 500 && status != http.StatusTooManyRequests {
			return fmt.Errorf("post %s: %d %s", key(evs[0]), status, answer)
		}
		f.mu.Lock()
		f.retries++
		f.mu.Unlock()
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *feeder) once(ctx context.Context, media string, body []byte) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+f.program.address+httppush.Path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", media)
	res, err := f.program.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}

// encode makes a request's body: one event, or a batch.
func encode(evs []events.Event) (media string, body []byte, err error) {
	if len(evs) == 1 {
		body, err = events.Encode(evs[0])
		return "application/cloudevents+json", body, err
	}
	body = []byte("[")
	for i, ev := range evs {
		one, err := events.Encode(ev)
		if err != nil {
			return "", nil, err
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, one...)
	}
	return "application/cloudevents-batch+json", append(body, ']'), nil
}

func key(ev events.Event) string { return ev.Source + "|" + ev.ID }

// incidents are stories whose verdicts no delay can change: every window is over
// for hours, or ends in hours. The n-th is told by several requests.
func incident(t *testing.T, base time.Time, n int) [][]events.Event {
	t.Helper()
	who := events.ID(fmt.Sprintf("corp/uid:p%d", n))
	scope := events.Scope{System: "db", Role: fmt.Sprintf("role-%d", n)}
	id := func(s string) string { return fmt.Sprintf("%s-%d", s, n) }
	at := func(minutes int) time.Time { return base.Add(time.Duration(minutes) * time.Minute) }
	say := func(typ events.Type, source string, minutes int, subject events.ID, d events.Data) events.Event {
		ev, err := events.New(typ, source, id(typ.Short()), at(minutes), subject, d)
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
	grant := func(end int) events.Event {
		return say(events.ApprovalGranted, "pam://x", -5, who, &events.Approval{
			ApprovalID: id("REQ"), Requester: who, Scopes: []events.Scope{scope},
			Window: &events.Window{Start: at(0), End: at(end), EndKind: events.EndAt},
		})
	}
	lease := func() events.Event {
		return say(events.LeaseIssued, "vault://prod", 10, who, &events.Lease{LeaseID: id("L"), Scope: scope})
	}
	over := func(minutes int) events.Event {
		return say(events.LeaseExpired, "vault://prod", minutes, "", &events.Lease{LeaseID: id("L")})
	}
	switch n % 7 {
	case 0: // outlived, and ended at last
		return requests(grant(60), lease(), over(80))
	case 1: // outlives to this day
		return requests(grant(60), lease())
	case 2: // in time
		return requests(grant(60), lease(), over(50))
	case 3: // still within its window
		return requests(grant(60*24), lease())
	case 4: // all of it in one batch
		return [][]events.Event{{grant(60), lease(), over(90)}}
	case 5:
		start := say(events.SessionStarted, "teleport://t", 10, who, &events.Session{
			SessionID: id("S"), Scope: scope, Approvals: []events.ApprovalRef{{ID: id("REQ"), Source: "pam://x", AssertedBy: events.ByIssuer}},
		})
		return requests(grant(60), start, say(events.SessionEnded, "teleport://t", 75, who, &events.Session{SessionID: id("S")}))
	}
	return requests(grant(60),
		say(events.MembershipAdded, "ldap://corp", 10, who, &events.Membership{Scope: scope}),
		say(events.MembershipRemoved, "ldap://corp", 100, who, &events.Membership{Scope: scope}))
}

// unhurried tells an incident so that no verdict depends on how long it takes to tell:
// only the end of what overstays may come late. A grant without what was done under
// it would be sealed after some seconds, and what ended in time would be an overstay
// until its end is told.
func unhurried(t *testing.T, base time.Time, n int) [][]events.Event {
	t.Helper()
	all := slices.Concat(incident(t, base, n)...)
	switch n % 7 {
	case 0, 5, 6:
		return [][]events.Event{all[:len(all)-1], all[len(all)-1:]}
	}
	return [][]events.Event{all}
}

func requests(evs ...events.Event) [][]events.Event {
	var out [][]events.Event
	for _, ev := range evs {
		out = append(out, []events.Event{ev})
	}
	return out
}
