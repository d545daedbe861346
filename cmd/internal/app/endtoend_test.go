package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/repotest"
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/events"
)

const patience = 30 * time.Second

// serve runs the program on an empty folder as its user would, until the test
// ends, and then waits until it has drained.
func serve(t *testing.T, change func(*config.Config)) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.HTTP.Listen, cfg.NATS.Listen = "127.0.0.1:0", "127.0.0.1:0"
	change(cfg)
	a, err := app.Open(t.Context(), app.Options{Config: cfg, Version: "test", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(patience):
			t.Error("it does not drain")
			return
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// overrun is a story in three events: a window that is over, a lease taken under
// it that is not, and, later, the lease's end.
func overrun(who string) (before []string, after string) {
	now := time.Now().UTC()
	at := func(d time.Duration) string { return now.Add(-d).Format(time.RFC3339) }
	event := func(kind, source, ago, data string) string {
		return fmt.Sprintf(`{"specversion":"1.0","type":"dev.overstay.%s","source":"%s","id":"%s of %s","subject":"desk:%s","time":"%s","data":%s}`,
			kind, source, kind, who, who, ago, data)
	}
	const scope = `{"system":"db/prod","role":"dba"}`
	granted := event("approval.granted", "desk://prod", at(2*time.Hour), fmt.Sprintf(
		`{"approvalId":"approval of %s","requester":"desk:%s","scopes":[%s],"window":{"start":"%s","end":"%s","endKind":"at"}}`,
		who, who, scope, at(2*time.Hour), at(time.Hour)))
	issued := event("lease.issued", "vault://prod", at(2*time.Hour), fmt.Sprintf(
		`{"leaseId":"lease of %s","scope":%s,"credential":"dynamic","expiry":{"kind":"unknown"}}`, who, scope))
	expired := event("lease.expired", "vault://prod", at(time.Minute), fmt.Sprintf(`{"leaseId":"lease of %s"}`, who))
	return []string{granted, issued}, expired
}

func post(t *testing.T, a *app.App, batch []string) {
	t.Helper()
	if err := send(a, batch); err != nil {
		t.Fatal(err)
	}
}

func send(a *app.App, batch []string) error {
	resp, err := http.Post("http://"+a.HTTPAddr()+"/v1/events", events.ContentTypeBatch,
		strings.NewReader("["+strings.Join(batch, ",")+"]"))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%d %s, %w", resp.StatusCode, body, err)
	}
	return nil
}

// A plain subscriber without an account of ours, on the loopback address.
func TestAPlainSubscriberReceivesAlerts(t *testing.T) {
	t.Parallel()
	a := serve(t, func(*config.Config) {})
	nc, err := nats.Connect(a.NATSURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	sub, err := nc.SubscribeSync("overstay.alerts.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.FlushTimeout(patience); err != nil {
		t.Fatal(err)
	}
	tellAndHear(t, a, func() message {
		m, err := sub.NextMsg(patience)
		if err != nil {
			t.Fatal(err)
		}
		return message{m.Subject, m.Header, m.Data}
	})
}

// An ordered consumer of JetStream, as the NATS clients make them: for who may do
// everything. What it reads is what was stored.
func TestAnOrderedConsumerReadsAlerts(t *testing.T) {
	t.Parallel()
	const token = "the-operator-of-this-test-has-this"
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	a := serve(t, func(c *config.Config) { c.NATS.Operator = &config.Credentials{Token: secret.Reference{File: file}} })
	if nc, err := nats.Connect(a.NATSURL()); err == nil {
		nc.Close()
		t.Error("a stranger is let in although an operator is configured")
	}
	nc, err := nats.Connect(a.NATSURL(), nats.Token(token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := js.OrderedConsumer(t.Context(), "OVERSTAY_ALERTS", jetstream.OrderedConsumerConfig{FilterSubjects: []string{"overstay.alerts.>"}})
	if err != nil {
		t.Fatal(err)
	}
	tellAndHear(t, a, func() message {
		m, err := consumer.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			t.Fatal(err)
		}
		return message{m.Subject(), m.Headers(), m.Data()}
	})
}

// message is what a subscriber gets.
type message struct {
	subject string
	header  nats.Header
	body    []byte
}

// tellAndHear tells two such stories and checks what comes of them: each alert is
// raised once and resolved once, although everything is told twice.
func tellAndHear(t *testing.T, a *app.App, next func() message) {
	t.Helper()
	ofAlice, endOfAlice := overrun("alice")
	ofBob, endOfBob := overrun("bob")
	all := slices.Concat(ofAlice, ofBob)

	post(t, a, all)
	raised := map[string]string{} // the alert's id, by whom it is about
	for range 2 {
		m := next()
		ce := readAlert(t, m)
		_, who, _ := strings.Cut(ce.Subject, ":")
		if ce.Type != "dev.overstay.alert.raised" || !strings.HasPrefix(m.subject, "overstay.alerts.high.OV-001.") || !strings.HasSuffix(m.subject, ".1") {
			t.Errorf("raised on %s: %+v", m.subject, ce)
		}
		if !strings.Contains(ce.Data.Message, "approval of "+who) || !strings.Contains(ce.Data.Message, "lease of "+who) {
			t.Errorf("about %s: %s", who, ce.Data.Message)
		}
		raised[who] = ce.Data.FindingInfo.UID
	}
	if len(raised) != 2 || raised["alice"] == raised["bob"] {
		t.Fatalf("raised: %v", raised)
	}

	post(t, a, append(all, endOfAlice))
	post(t, a, append(all, endOfAlice, endOfBob))
	for _, who := range []string{"alice", "bob"} {
		m := next()
		if ce := readAlert(t, m); ce.Type != "dev.overstay.alert.resolved" || ce.Data.FindingInfo.UID != raised[who] || !strings.HasSuffix(m.subject, ".2") {
			t.Errorf("heard instead of the end of %s's alert, on %s: %+v", who, m.subject, ce)
		}
	}
}

type alert struct {
	Type    string `json:"type"`
	Subject string `json:"subject"`
	Data    struct {
		Message     string `json:"message"`
		FindingInfo struct {
			UID string `json:"uid"`
		} `json:"finding_info"`
	} `json:"data"`
}

// readAlert reads a message as a SIEM would: a structured CloudEvent, with a
// Detection Finding that is valid against OCSF's own schema.
func readAlert(t *testing.T, m message) alert {
	t.Helper()
	body := m.body
	if got := m.header["Content-Type"]; len(got) != 1 || got[0] != events.ContentTypeEvent {
		t.Errorf("Content-Type is %q", got)
	}
	if _, err := events.DecodeCloudEvent(body); err != nil {
		t.Fatalf("not a CloudEvent: %v\n%s", err, body)
	}
	var a alert
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatal(err)
	}
	repotest.NewOCSF(t).Check(t, body)
	return a
}
