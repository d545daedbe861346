package jetstream_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// A bit is flipped in the description of a stream's consumer: the server holds the
// whole stream back and answers every question about it with an error of the kind
// that goes away, only that this one does not. Whoever waited for it would never
// begin, and say nothing.
func TestAStreamThatIsHeldBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, err := jetstream.Embed(within(t), jetstream.Options{Dir: dir, MaxStore: 1 << 30})
	must(t, err)
	nc := conn(t, server)
	s, err := jetstream.Open(within(t), nc, jetstream.StreamOptions{MaxStore: 1 << 30, Durables: []string{"siem"}})
	must(t, err)
	must(t, s.Close())
	nc.Close()
	server.Shutdown()
	files, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", jetstream.AlertsStream, "obs", "siem", "meta.inf"))
	must(t, err)
	if len(files) != 1 {
		t.Fatalf("the consumer's description is in %v", files)
	}
	text, err := os.ReadFile(files[0])
	must(t, err)
	spoiled := bytes.Replace(text, []byte(`"Created"`), []byte(`"Sreated"`), 1)
	if bytes.Equal(text, spoiled) {
		t.Fatalf("nothing to spoil in %s", text)
	}
	must(t, os.WriteFile(files[0], spoiled, 0o600))

	_, err = jetstream.Open(within(t), conn(t, embed(t, jetstream.Options{Dir: dir})), jetstream.StreamOptions{MaxStore: 1 << 30, Durables: []string{"siem"}})
	var offline *jetstream.OfflineError
	if !errors.As(err, &offline) || offline.Stream != jetstream.AlertsStream || offline.Reason == "" {
		t.Fatalf("opened with %v", err)
	}
}
