package cli

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/cmd/internal/config"
)

// TestDrainingIsBounded: what does not end within the limit is not waited for.
func TestDrainingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		began := time.Now()
		err := drained(ctx, slog.New(slog.DiscardHandler), make(chan error))
		var f *failure
		if !errors.As(err, &f) || f.exit != Failed || time.Since(began) != drainLimit {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// TestServeEndsWithItsError: the end of a part is the end of the program, and its
// error the program's.
func TestServeEndsWithItsError(t *testing.T) {
	broken := errors.New("the disk is gone")
	ended := make(chan error, 1)
	ended <- broken
	if err := drained(t.Context(), slog.New(slog.DiscardHandler), ended); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestAddressesAreLeftAndFound(t *testing.T) {
	dir := t.TempDir()
	pick := func(e endpoints) string { return e.HTTP }
	if err := (endpoints{HTTP: "http://127.0.0.1:4711", NATS: "nats://127.0.0.1:4712"}).write(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := findServer("", dir, defaultHTTP, pick); err != nil || got != "http://127.0.0.1:4711" {
		t.Errorf("found %q, %v", got, err)
	}
	if got, err := findServer("https://elsewhere", dir, defaultHTTP, pick); err != nil || got != "https://elsewhere" {
		t.Errorf("the flag gives %q, %v", got, err)
	}
	t.Chdir(t.TempDir())
	if got, err := findServer("", "", defaultHTTP, pick); err != nil || got != defaultHTTP {
		t.Errorf("without anything %q, %v", got, err)
	}
	if err := removeEndpoints(dir); err != nil {
		t.Fatal(err)
	}
	var f *failure
	if _, err := findServer("", dir, defaultHTTP, pick); !errors.As(err, &f) || f.exit != Unreachable || f.hint == "" {
		t.Errorf("after the end: %v", err)
	}
}

// TestAPlantedAddressIsNotBelieved: who can leave a folder in somebody's working
// directory must not be sent that person's token.
func TestAPlantedAddressIsNotBelieved(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir(config.DefaultDataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`{"http":"http://evil.example:8080"}`, `{"http":"http://192.0.2.1:8080"}`, `{"nats":"nats://127.0.0.1:4222"}`,
		`{"http":"http://127.0.0.1.evil.example"}`, `{"http":"http://127.0.0.1@evil.example"}`, `{"http":":"}`, `no JSON`,
	} {
		if err := os.WriteFile(filepath.Join(config.DefaultDataDir, endpointsFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := findServer("", "", defaultHTTP, func(e endpoints) string { return e.HTTP }); err == nil {
			t.Errorf("%s is believed: %q", text, got)
		}
	}
}

func TestWhatIsListenedOnIsReachedAt(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80", ":80": "127.0.0.1:80",
		"127.0.0.1:80": "127.0.0.1:80", "192.0.2.1:80": "192.0.2.1:80", "nats-1:4222,nats-2:4222": "nats-1:4222,nats-2:4222",
	} {
		if got := reachable(listen); got != want {
			t.Errorf("%s is reached at %s, want %s", listen, got, want)
		}
	}
}

// TestErrorsAreHarmless: what an error quotes from outside cannot steer a terminal.
func TestErrorsAreHarmless(t *testing.T) {
	var out bytes.Buffer
	code := report(&out, failedf("look there", "bad name \x1b]0;evil\a\u202e"))
	if code != Failed || strings.ContainsAny(out.String(), "\x1b\a\u202e") || !strings.HasSuffix(out.String(), "hint: look there\n") {
		t.Errorf("%d: %q", code, out.String())
	}
}
