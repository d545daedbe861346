package endtoend

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/connectors/httppush"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// inside is the program in this process, on an empty folder.
type inside struct {
	*app.App
	t      *testing.T
	cfg    *config.Config
	alerts eventlog.Reader
	told   []alert
	said   *program // takes its log
}

// alert is what a test looks at in one.
type alert struct {
	Rule, State, Closing, Source string
	Provisional                  bool
	Message                      string
	Facets                       []facet `json:"-"` // "facets" in the body is their number
}

type facet struct{ Kind, ID, Subject, Basis, Cause, End, LastKnownAlive string }

// open runs the program until the test ends, and then expects it to drain.
func open(t *testing.T, change func(*config.Config)) *inside {
	t.Helper()
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.HTTP.Listen, cfg.NATS.Listen = "127.0.0.1:0", "127.0.0.1:0"
	change(cfg)
	in := &inside{t: t, cfg: cfg, said: &program{}}
	var err error
	in.App, err = app.Open(t.Context(), app.Options{
		Config: cfg, Version: "test", Logger: slog.New(slog.NewTextHandler(in.said, nil)), Clock: hurried{engine.NewSystemClock()},
		Wait: func(config.Connector) func(context.Context, time.Duration) error { return hurriedWait },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("run: %v\n%s", err, in.said.said())
			}
		case <-time.After(patience):
			t.Fatal("it does not drain")
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	if in.alerts, err = in.Alerts().Tail(t.Context(), eventlog.TailOptions{Follow: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.alerts.Close() })
	return in
}

// hurried shows the real time, and waits a fiftieth of what it is asked to: what
// happens every five seconds happens ten times a second.
type hurried struct{ engine.Clock }

const hurry = 50

func (h hurried) After(d time.Duration) <-chan time.Time { return h.Clock.After(d / hurry) }

func hurriedWait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d / hurry):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// judgeBy sets the policy.
func judgeBy(t *testing.T, cfg *config.Config, text string) {
	t.Helper()
	p, err := policy.Load("policy", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Policy = config.Policy{Text: []byte(text), Compiled: p}
}

// post sends a request with a body and gives the answer.
func (in *inside) post(header map[string]string, body []byte) (int, string) {
	in.t.Helper()
	req, err := http.NewRequestWithContext(in.t.Context(), http.MethodPost, "http://"+in.HTTPAddr()+httppush.Path, bytes.NewReader(body))
	if err != nil {
		in.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		in.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		in.t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// say posts good events.
func (in *inside) say(evs ...events.Event) {
	in.t.Helper()
	media, body, err := encode(evs)
	if err != nil {
		in.t.Fatal(err)
	}
	if status, answer := in.post(map[string]string{"Content-Type": media}, body); status != http.StatusAccepted {
		in.t.Fatalf("post %d events: %d %s", len(evs), status, answer)
	}
}

// await reads alerts until one is as wanted.
func (in *inside) await(what string, wanted func(alert) bool) alert {
	in.t.Helper()
	ctx, cancel := context.WithTimeout(in.t.Context(), patience)
	defer cancel()
	for {
		m, err := in.alerts.Next(ctx)
		if err != nil {
			in.t.Fatalf("no alert about %s: %v; told were %+v; the status is %+v\n%s", what, err, in.told, in.Status(in.t.Context()), in.said.said())
		}
		a := readAlert(in.t, m)
		in.told = append(in.told, a)
		if wanted(a) {
			return a
		}
	}
}

func readAlert(t *testing.T, m eventlog.Message) alert {
	t.Helper()
	var ce struct {
		Data struct {
			Message   string `json:"message"`
			Evidences []struct {
				Name string `json:"name"`
				Data facet  `json:"data"`
			} `json:"evidences"`
			Unmapped struct {
				Overstay alert `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(m.Body, &ce); err != nil {
		t.Fatalf("%v: %s", err, m.Body)
	}
	a := ce.Data.Unmapped.Overstay
	a.Message = ce.Data.Message
	for _, e := range ce.Data.Evidences {
		if e.Data.Kind != "" || e.Name == "source" {
			a.Facets = append(a.Facets, e.Data)
		}
	}
	return a
}

// until asks for the status until it is as wanted.
func (in *inside) until(what string, wanted func(app.Status) bool) app.Status {
	in.t.Helper()
	limit, again := time.NewTimer(patience), time.NewTicker(10*time.Millisecond)
	defer limit.Stop()
	defer again.Stop()
	for {
		s := in.Status(in.t.Context())
		if wanted(s) {
			return s
		}
		select {
		case <-limit.C:
			in.t.Fatalf("not %s: %+v\n%s", what, s, in.said.said())
		case <-again.C:
		}
	}
}

// made is an event that must be valid.
func made(t *testing.T, typ events.Type, source, id string, at time.Time, subject events.ID, d events.Data) events.Event {
	t.Helper()
	ev, err := events.New(typ, source, id, at, subject, d)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}
