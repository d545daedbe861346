package observe

import (
	"bytes"
	"encoding/json"
	"testing"
)

// What is not a terminal gets JSON, unless told otherwise, at the level asked.
func TestLogger(t *testing.T) {
	for _, tt := range []struct {
		options LogOptions
		json    bool
		lines   int
	}{
		{LogOptions{}, true, 1},
		{LogOptions{Format: "auto", Level: "debug"}, true, 2},
		{LogOptions{Format: "json", Level: "error"}, true, 0},
		{LogOptions{Format: "text", Level: "info"}, false, 1},
	} {
		var out bytes.Buffer
		log, err := NewLogger(&out, tt.options)
		if err != nil {
			t.Fatal(err)
		}
		log.Debug("detail")
		log.Info("started")
		if got := bytes.Count(out.Bytes(), []byte("\n")); got != tt.lines {
			t.Errorf("%+v: %d lines, want %d: %s", tt.options, got, tt.lines, &out)
		}
		line, _, _ := bytes.Cut(out.Bytes(), []byte("\n"))
		if len(line) > 0 && json.Valid(line) != tt.json {
			t.Errorf("%+v: %s", tt.options, line)
		}
	}
	for _, o := range []LogOptions{{Format: "xml"}, {Level: "loud"}} {
		if _, err := NewLogger(&bytes.Buffer{}, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
