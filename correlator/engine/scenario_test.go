package engine_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/scenario"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// sample: one of so many scenarios is played, since each is thousands of ticks.
const sample = 6

// logID is what the log is called in what is published.
func (w *world) logID(t *testing.T) string {
	t.Helper()
	st, err := w.log.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.ID
}

// TestAScenarioSaysWhatAnEngineSays: what "overstay test" promises of a policy is
// what an engine publishes that reads the same from a log, byte for byte but for
// the log's name.
func TestAScenarioSaysWhatAnEngineSays(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	played, published := 0, 0
	for i := 0; i < len(files); i += sample {
		file := files[i]
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Load(file, text, os.ReadFile)
		if err != nil {
			t.Fatal(err)
		}
		var entries []eventlog.Entry
		o, err := s.Log(func(ev events.Event) { entries = append(entries, entry(t, ev)) })
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld()
		w.append(t, entries...)
		w.mustPlay(t)
		var said []string
		for _, step := range o.Steps {
			for _, told := range step.Told {
				said = append(said, body(t, told.Publication, w.logID(t)))
			}
		}
		for i, m := range w.alerts.Published() {
			if i >= len(said) || said[i] != string(m.Body) {
				t.Errorf("%s: the engine publishes\n%s", file, m.Body)
			}
		}
		if n := len(w.alerts.Published()); n != len(said) {
			t.Errorf("%s: the engine publishes %d times, the scenario %d", file, n, len(said))
		}
		played, published = played+1, published+len(said)
	}
	t.Logf("%d scenarios, %d publications", played, published)
	if published < played {
		t.Error("that is hardly anything")
	}
}

func body(t *testing.T, pub correlator.Publication, log string) string {
	t.Helper()
	encode := pub.Seal.Encode
	if pub.Alert != nil {
		encode = pub.Alert.Encode
	}
	b, err := encode()
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte(`"logId":"scenario"`), fmt.Appendf(nil, `"logId":%q`, log))
	return strings.TrimSpace(string(b))
}
