package httppush

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Of a batch either everything is stored, or nothing: then at least one event
// was bad, and exactly the bad ones are listed.
func TestAllOrNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"good", "good", "good", "invalid", "forged", "foreign"}), 0, 30).Draw(rt, "batch")
		body := make([]string, len(kinds))
		bad := map[string][]string{}
		for i, kind := range kinds {
			body[i] = eventOf(kind, i)
			if kind != "good" {
				bad[kind] = append(bad[kind], fmt.Sprint(i))
			}
		}
		j := &journal{}
		rec := request{media: mediaBatch, body: batchOf(body...)}.send(gateway(t, j))
		if len(bad) == 0 {
			if rec.Code != http.StatusAccepted || len(j.stored) != len(kinds) {
				rt.Fatalf("%d, %d of %d stored: %s", rec.Code, len(j.stored), len(kinds), rec.Body)
			}
			return
		}
		if len(j.stored) != 0 {
			rt.Fatalf("%d of a bad batch were stored", len(j.stored))
		}
		p := problemOf(t, rec)
		var listed []string
		for _, e := range p.Errors {
			listed = append(listed, fmt.Sprint(e.Index))
		}
		wantStatus, want := http.StatusForbidden, bad["foreign"]
		if n := len(bad["invalid"]) + len(bad["forged"]); n > 0 {
			wantStatus, want = http.StatusUnprocessableEntity, inOrder(kinds, "invalid", "forged")
		}
		if p.Status != wantStatus || strings.Join(listed, " ") != strings.Join(want, " ") {
			rt.Fatalf("%d lists %v, want %d with %v", p.Status, listed, wantStatus, want)
		}
	})
}

func inOrder(kinds []string, of ...string) []string {
	var out []string
	for i, k := range kinds {
		for _, o := range of {
			if k == o {
				out = append(out, fmt.Sprint(i))
			}
		}
	}
	return out
}

func eventOf(kind string, i int) string {
	good := rotated(fmt.Sprintf("%s-%d", kind, i))
	switch kind {
	case "invalid":
		return strings.Replace(good, "db-root", "", 1)
	case "forged":
		return fmt.Sprintf(`{"specversion":"1.0","id":"forged-%d","type":"dev.overstay.operator.acknowledged","source":"vault://prod",`+
			`"time":"2026-10-01T10:00:00Z","data":{"selector":{"rule":"OV-001"},"by":"mallory"}}`, i)
	case "foreign":
		return strings.Replace(good, "vault://prod", "vault://other", 1)
	}
	return good
}
