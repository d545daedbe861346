package draw_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/review/draw"
)

// TestTimesketch: each line has what Timesketch demands, in order of time, and nothing
// is missing.
func TestTimesketch(t *testing.T) {
	h := morning(t, "alice")
	var out bytes.Buffer
	if err := draw.Timesketch(&out, h); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := 2 * h.Summary.Overran
	for _, l := range h.Lanes {
		want += len(l.Marks)
	}
	for _, n := range h.Alerts {
		want += len(n.Revisions)
	}
	if len(lines) != want {
		t.Errorf("%d lines, not %d", len(lines), want)
	}
	var before int64
	for _, line := range lines {
		var l struct {
			Message, Datetime string
			Timestamp         int64
			Desc              string `json:"timestamp_desc"`
			DataType          string `json:"data_type"`
			Position          uint64 `json:"log_position"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, l.Datetime)
		if err != nil || at.UnixMicro() != l.Timestamp || l.Message == "" || l.Desc == "" || l.Timestamp < before {
			t.Errorf("%v: %s", err, line)
		}
		if l.DataType != "overstay:overrun" && l.Position == 0 {
			t.Errorf("no position: %s", line)
		}
		before = l.Timestamp
	}
}
