package jetstream_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// TestADurableThatWasMovedPastAlerts: a bit is flipped in where a SIEM's consumer
// stands. The server would go on behind alerts that the SIEM was never given.
func TestADurableThatWasMovedPastAlerts(t *testing.T) {
	t.Parallel()
	const alerts, read = 100, 20
	dir := t.TempDir()
	durables := jetstream.StreamOptions{MaxStore: 1 << 30, Durables: []string{"siem"}}
	use := func(do func(js natsjs.JetStream)) error {
		server, err := jetstream.Embed(within(t), jetstream.Options{Dir: dir, MaxStore: 1 << 30})
		must(t, err)
		defer server.Shutdown()
		nc := conn(t, server)
		defer nc.Close()
		s, err := jetstream.Open(within(t), nc, durables)
		if err != nil {
			return err
		}
		js, err := natsjs.New(nc)
		must(t, err)
		do(js)
		return s.Close()
	}
	must(t, use(func(js natsjs.JetStream) {
		for i := range alerts {
			_, err := js.Publish(within(t), fmt.Sprintf("overstay.alerts.high.OV-001.%032x.1", i), []byte("{}"))
			must(t, err)
		}
		siem, err := js.Consumer(within(t), jetstream.AlertsStream, "siem")
		must(t, err)
		for range read {
			m, err := siem.Next()
			must(t, err)
			must(t, m.DoubleAck(within(t)))
		}
	}))
	must(t, use(func(natsjs.JetStream) {})) // as it was left it is taken
	files, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", jetstream.AlertsStream, "obs", "siem", "o.dat"))
	must(t, err)
	if len(files) != 1 {
		t.Fatalf("where the consumer stands is in %v", files)
	}
	state, err := os.ReadFile(files[0])
	must(t, err)
	// A header of two bytes, and four numbers of which the last is what was delivered.
	if len(state) < 6 || state[5] != read {
		t.Fatalf("the consumer's state is %x", state)
	}
	state[5] ^= 1 << 6
	must(t, os.WriteFile(files[0], state, 0o600))

	err = use(func(natsjs.JetStream) {})
	if err == nil || !strings.Contains(err.Error(), "would never be given what follows 20, up to 84") {
		t.Fatalf("opened with %v", err)
	}
}
