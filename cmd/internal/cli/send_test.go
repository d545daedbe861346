package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/connectors/httppush"
)

// gatewayFake answers batches as the gateway does, from a list of ids that it refuses.
type gatewayFake struct {
	refuses  []string
	listed   int // entries that a problem lists; 0 names none
	busy     []string
	stored   []string
	requests int
}

func (g *gatewayFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.requests++
	if len(g.busy) > 0 {
		after := g.busy[0]
		g.busy = g.busy[1:]
		w.Header().Set("Retry-After", after)
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"title":"The client sends too much","detail":"Wait."}`)
		return
	}
	var batch []struct{ ID string }
	if err := json.NewDecoder(r.Body).Decode(&batch); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p := httppush.Problem{Title: "An event is not valid", Detail: "Nothing was stored."}
	bad := false
	for i, ev := range batch {
		if slices.Contains(g.refuses, ev.ID) {
			bad = true
			if len(p.Errors) < g.listed {
				p.Errors = append(p.Errors, httppush.EventError{Index: i, ID: ev.ID, Field: "scope", Reason: "is wrong"})
			}
		}
	}
	if bad {
		body, err := json.Marshal(p)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write(body) // the client's reading shows a failure
		return
	}
	for _, ev := range batch {
		g.stored = append(g.stored, ev.ID)
	}
	w.WriteHeader(http.StatusAccepted)
}

// sendTo makes a sender whose waits are noted and take no time.
func sendTo(t testing.TB, h http.Handler, patience time.Duration) (*sender, *bytes.Buffer, *[]time.Duration) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c, err := (&access{}).open(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	var waits []time.Duration
	return &sender{
		client: c, tally: &tally{errs: &errs}, patience: patience,
		wait: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil },
	}, &errs, &waits
}

func linesOf(ids ...string) []line {
	var out []line
	for i, id := range ids {
		out = append(out, line{fmt.Sprintf("file:%d", i+1), fmt.Appendf(nil, `{"id":%q}`, id)})
	}
	return out
}

func TestABusyServerIsAskedAgain(t *testing.T) {
	g := &gatewayFake{busy: []string{"2", "", "7"}}
	s, _, waits := sendTo(t, g, time.Minute)
	if err := s.deliver(t.Context(), linesOf("a", "b")); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{2 * time.Second, time.Second, 7 * time.Second}; !slices.Equal(*waits, want) {
		t.Errorf("waited %v, want %v", *waits, want)
	}
	if s.tally.sent != 2 || !slices.Equal(g.stored, []string{"a", "b"}) {
		t.Errorf("sent %d, stored %v", s.tally.sent, g.stored)
	}
}

// TestPatienceEnds: also when a server asks for a day at once, and it is not a
// matter of the single wait but of all.
func TestPatienceEnds(t *testing.T) {
	for _, busy := range [][]string{{"86400"}, {"9", "2"}} {
		s, _, _ := sendTo(t, &gatewayFake{busy: busy}, 10*time.Second)
		err := s.deliver(t.Context(), linesOf("a"))
		var f *failure
		if !errors.As(err, &f) || f.exit != Unreachable || !strings.Contains(err.Error(), "The client sends too much") {
			t.Errorf("%v: %v", busy, err)
		}
	}
}

// TestAnotherServer: what is not ours ends the sending at once, without telling
// the events.
func TestAnotherServer(t *testing.T) {
	for status, says := range map[int]string{
		http.StatusUnauthorized: "asks for a token", http.StatusNotFound: "answers 404", http.StatusFound: "answers 302", http.StatusOK: "answers 200",
	} {
		s, errs, _ := sendTo(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://elsewhere.example/")
			w.WriteHeader(status)
		}), time.Minute)
		err := s.deliver(t.Context(), linesOf("a", "b"))
		var f *failure
		if !errors.As(err, &f) || f.exit != Unreachable || !strings.Contains(err.Error(), says) || errs.Len() > 0 {
			t.Errorf("%d: %v\n%s", status, err, errs)
		}
	}
}

// TestOnlyTheRefusedAreLost: whichever events a server refuses, and however many
// of them it names at a time, exactly the others are stored, in their order, and
// each refused one is told once with its place.
func TestOnlyTheRefusedAreLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(r, "events")
		bad := rapid.SliceOfN(rapid.Bool(), n, n).Draw(r, "refused")
		g := &gatewayFake{listed: rapid.IntRange(0, 3).Draw(r, "listed")}
		var ids, good, told []string
		for i := range n {
			id := fmt.Sprint("e", i)
			ids = append(ids, id)
			if bad[i] {
				g.refuses = append(g.refuses, id)
				told = append(told, fmt.Sprintf("overstay: file:%d: ", i+1))
			} else {
				good = append(good, id)
			}
		}
		s, errs, _ := sendTo(t, g, time.Minute)
		if err := s.deliver(t.Context(), linesOf(ids...)); err != nil {
			r.Fatal(err)
		}
		if !slices.Equal(g.stored, good) || s.tally.sent != len(good) || s.tally.refused != len(told) {
			r.Fatalf("stored %v, want %v; sent %d, refused %d", g.stored, good, s.tally.sent, s.tally.refused)
		}
		for _, want := range told {
			if strings.Count(errs.String(), want) != 1 {
				r.Fatalf("%q is not told once in\n%s", want, errs)
			}
		}
	})
}

// TestAllOrNothingIsOneRequest: what cannot be stored as a whole is not tried.
func TestAllOrNothingIsOneRequest(t *testing.T) {
	g := &gatewayFake{}
	s, _, _ := sendTo(t, g, 0)
	event := `{"specversion":"1.0","type":"dev.overstay.session.ended","source":"b://p","id":"%d","time":"2026-10-01T10:55:00Z","data":{"sessionId":"s"}}` + "\n"
	var text strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&text, event, i)
	}
	file := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := &batcher{sender: *s, whole: true}
	err := whole.readAll(t.Context(), nil, []string{file})
	var f *failure
	if !errors.As(err, &f) || f.exit != Usage || g.requests != 0 {
		t.Errorf("%v after %d requests", err, g.requests)
	}
	parts := &batcher{sender: *s}
	if err := parts.readAll(t.Context(), nil, []string{file}); err != nil || len(g.stored) != 1001 || g.requests != 3 {
		t.Errorf("%v: %d stored in %d requests", err, len(g.stored), g.requests)
	}
}

// TestProgressMakesRoomForErrors: on a terminal the counting line is taken away
// before something else is told.
func TestProgressMakesRoomForErrors(t *testing.T) {
	var errs bytes.Buffer
	c := &tally{errs: &errs, live: true}
	c.stored(500)
	c.refuse(refusal{Place: "f:7", Field: "id", Reason: "is \x1b[2J evil"})
	c.endProgress()
	if got, want := errs.String(), "\r\x1b[K500 sent, 0 refused\r\x1b[Koverstay: f:7: id: is ?[2J evil\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSecretsStayHome: a token goes to this machine, or by TLS, and shows nowhere.
func TestSecretsStayHome(t *testing.T) {
	const token = "t0ken-of-this-test-t0ken-of-this-test"
	t.Setenv("OVERSTAY_TEST_TOKEN", token)
	a := access{tokenEnv: "OVERSTAY_TEST_TOKEN"}
	for base, allowed := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://localhost:8080": true, "http://[::1]:8080": true,
		"https://overstay.example.com": true, "http://overstay.example.com": false, "http://192.0.2.1": false,
	} {
		c, err := a.open(base)
		if (err == nil) != allowed {
			t.Errorf("%s: %v", base, err)
		}
		if err == nil && strings.Contains(fmt.Sprintf("%+v", c.token), token) {
			t.Errorf("the token shows")
		}
	}
	seen := ""
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Get("Authorization") }))
	t.Cleanup(srv.Close)
	c, err := a.open(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.do(t.Context(), http.MethodGet, "/", "", nil); err != nil || seen != "Bearer "+token {
		t.Errorf("sent %q, %v", seen, err)
	}
}

// TestTheNamedAuthorityIsBelieved and no other: a server whose certificate nobody
// vouches for gets nothing.
func TestTheNamedAuthorityIsBelieved(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for ca, trusted := range map[string]bool{file: true, "": false} {
		c, err := (&access{ca: ca}).open(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.do(t.Context(), http.MethodGet, "/", "", nil); (err == nil) != trusted {
			t.Errorf("with the authority %q: %v", ca, err)
		}
	}
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&access{ca: file}).open(srv.URL); err == nil {
		t.Error("a file without a certificate is taken")
	}
}
