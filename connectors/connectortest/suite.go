package connectortest

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
)

// Suite says how to make the source and what its fixture holds.
type Suite struct {
	// New makes a source that reads the fixture, as a new process would: it
	// shares nothing with sources made before. What it logs goes to log. It may
	// use t.Cleanup.
	New func(t *testing.T, log *slog.Logger) connectors.Source
	// Secrets are strings of the fixture that nobody may ever see again. They
	// are looked for as they are, base64- and percent-encoded.
	Secrets []string
	// Events is for a source that never ends by itself (syncrepl, a tail): how
	// many events about access its fixture gives. The kit stops it when it has
	// them. Zero: the source returns nil at the end of its input.
	Events int
	// MayRepeat is for a source that reads again a little before its cursor: a
	// continued run may then say events that were said before, if they are the
	// same in everything.
	MayRepeat bool
	// AnySource is for a source that passes on events of others (files, HTTP):
	// their CloudEvents source is then not the connector's URI.
	AnySource bool
	// Limit ends a run that neither ends nor reaches Events; default 30 s.
	Limit time.Duration
}

// Run checks everything, each in a subtest of its own.
func Run(t *testing.T, s Suite) {
	t.Helper()
	for _, c := range []struct {
		name  string
		check func(*testing.T, Suite) []error
	}{
		{"EventsAreValid", checkValid},
		{"SecondRunSaysTheSame", checkSecondRun},
		{"ContinuesFromEveryCursor", checkCursors},
		{"RefusedBatchEndsTheRun", checkRefused},
		{"StopsPromptly", checkStop},
		{"NoSecretShows", checkSecrets},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, err := range c.check(t, s) {
				t.Error(err)
			}
		})
	}
}

func (s Suite) limit() time.Duration {
	if s.Limit > 0 {
		return s.Limit
	}
	return 30 * time.Second
}

// logBuffer collects log lines of any level, from any goroutine.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
