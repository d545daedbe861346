package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/overstay/overstay/cmd/internal/api"
	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/correlator/review"
)

// ask asks the API with a token, "" for none.
func ask(t *testing.T, a *app.App, path, token string, header ...string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.HTTPAddr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

// TestTheAPIAnswersWhileEventsFlow: what is posted is seen, now and when the log is
// played again.
func TestTheAPIAnswersWhileEventsFlow(t *testing.T) {
	t.Parallel()
	a := serve(t, func(*config.Config) {})
	nc, err := nats.Connect(a.NATSURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	sub, err := nc.SubscribeSync("overstay.alerts.*.OV-001.>")
	if err == nil {
		err = nc.FlushTimeout(patience)
	}
	if err != nil {
		t.Fatal(err)
	}
	before, _ := overrun("alice")
	post(t, a, before)
	if _, err := sub.NextMsg(patience); err != nil { // it is told, so it is in the state
		t.Fatal(err)
	}
	var alerts api.Alerts
	code, body := ask(t, a, "/v1/alerts?rule=OV-001", "")
	if err := json.Unmarshal(body, &alerts); err != nil || code != http.StatusOK || len(alerts.Alerts) != 1 {
		t.Fatalf("%d %s %v", code, body, err)
	}
	if got := alerts.Alerts[0]; got.Approval != "approval of alice" || got.State != "raised" {
		t.Errorf("%+v", got)
	}
	code, body = ask(t, a, "/v1/timeline?subject=desk:alice", "")
	var h review.History
	if err := json.Unmarshal(body, &h); err != nil || code != http.StatusOK || h.Summary.Open != 1 || h.Label.Strength != review.Strong {
		t.Errorf("%d %s %v", code, body, err)
	}
	if code, body := ask(t, a, "/v1/alerts", "", "Origin", "http://evil.example"); code != http.StatusForbidden {
		t.Errorf("a page reads: %d %s", code, body)
	}
}

// TestWhoMayRead: a token that sends events reads nothing of who holds what.
func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	token := func(name, text string) secret.Reference {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return secret.Reference{File: path}
	}
	const sends, reads = "the token of somebody who sends", "the token of somebody who reads"
	a := serve(t, func(c *config.Config) {
		c.HTTP.Clients = []config.Client{
			{Name: "vault", Token: token("vault", sends), Sources: []string{"vault://prod"}},
			{Name: "console", Token: token("console", reads), Reads: true},
		}
	})
	for _, tt := range []struct {
		token string
		want  []int
	}{{"", []int{http.StatusUnauthorized}}, {"another token, that nobody has", []int{http.StatusUnauthorized}}, {sends, []int{http.StatusForbidden}}, {reads, []int{http.StatusOK, http.StatusServiceUnavailable}}} {
		for _, path := range []string{"/v1/alerts", "/v1/subjects", "/v1/sources"} {
			if code, body := ask(t, a, path, tt.token); code != tt.want[0] && code != tt.want[len(tt.want)-1] {
				t.Errorf("%s with %q: %d %s", path, tt.token, code, body)
			}
		}
	}
	if code, _ := ask(t, a, "/v1/status", sends); code != http.StatusOK {
		t.Errorf("the status is for every client: %d", code)
	}
}
