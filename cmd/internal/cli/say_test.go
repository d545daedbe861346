package cli_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/cli"
	"github.com/overstay/overstay/cmd/internal/config"
)

// running is the program on an empty folder, until the test ends.
func running(t *testing.T, change func(*config.Config)) (a *app.App, dataDir string) {
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
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, cfg.DataDir
}

// TestAnOperatorDoesNotWaitForEver: while the alert stream is full nothing can be
// told. Who says something is told what it waits for, that it is in the log, and
// what to do, in time.
func TestAnOperatorDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	a, data := running(t, func(c *config.Config) { c.NATS.Alerts.MaxBytes = 1 << 10 })
	post, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.HTTPAddr()+"/v1/events", strings.NewReader("["+strings.Join(strings.Split(strings.TrimSpace(overrunEvents), "\n")[:2], ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	post.Header.Set("Content-Type", "application/cloudevents-batch+json")
	resp, err := http.DefaultClient.Do(post)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("the events are answered with %s, %v", resp.Status, err)
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	patience := time.After(30 * time.Second)
	for !a.Engine().AlertsFull() {
		select {
		case <-look.C:
		case <-patience:
			t.Fatal("the alert stream takes everything")
		}
	}
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte("grace: {lease: 30s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (code int, out, errs string) {
		var stdout, stderr bytes.Buffer
		code = cli.Run(t.Context(), append(args, "--data", data), cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
		return code, stdout.String(), stderr.String()
	}
	for _, c := range []struct {
		args      []string
		out, errs []string
	}{
		{[]string{"policy", "apply", policy, "--wait", "2100ms"}, []string{"in force from position "}, []string{
			"waiting until what follows from it is told: the alert stream is full", // after two seconds
			"need not be said again; within 2.1s not all that follows from it was told: the alert stream is full",
			"hint: give the alert stream room: a larger nats.alerts.maxBytes",
		}},
		{[]string{"policy", "apply", policy, "--wait", "10ms"}, []string{"this policy is in force already"}, nil},
		{[]string{"alerts", "ack", "--rule", "OV-001", "--wait", "10ms"}, []string{"in the log at position "}, []string{"need not be said again"}},
		{[]string{"alerts", "suppress", "--rule", "OV-001", "--for", "1h", "--wait", "0s", "--json"}, []string{`"position": `, `"waiting": "the alert stream is full`}, []string{"need not be said again"}},
	} {
		code, out, errs := run(c.args...)
		want := cli.Done
		if len(c.errs) > 0 {
			want = cli.Pending
		}
		if code != want {
			t.Errorf("%q ends with %d, not %d", c.args, code, want)
		}
		for _, part := range c.out {
			if !strings.Contains(out, part) {
				t.Errorf("%q prints %q, without %q", c.args, out, part)
			}
		}
		for _, part := range c.errs {
			if !strings.Contains(errs, part) {
				t.Errorf("%q says %q, without %q", c.args, errs, part)
			}
		}
	}
}
