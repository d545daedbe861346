package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store/eventlog"
)

const (
	raisedBody = `{"specversion":"1.0","type":"dev.overstay.alert.raised","id":"a.1","source":"overstay://correlator","time":"2026-10-01T11:01:00.5Z","correlationid":"30dffa518c8169c00a13d1af0992ae69",
 "data":{"severity_id":4,"message":"alice \u001b[2J still holds it","metadata":{"event_code":"OV-001"},"unmapped":{"overstay":{"state":"raised"}}}}`
	provisionalBody = `{"type":"dev.overstay.alert.raised","time":"2026-10-01T11:02:00Z","correlationid":"49037c5c144ae8e6bbf548b319a5651e",
 "data":{"severity_id":3,"message":"bob","metadata":{"event_code":"OV-005"},"unmapped":{"overstay":{"state":"raised","provisional":true}}}}`
	resolvedBody = `{"type":"dev.overstay.alert.resolved","time":"2026-10-01T11:03:00Z","correlationid":"30dffa518c8169c00a13d1af0992ae69",
 "data":{"severity_id":4,"message":"alice","metadata":{"event_code":"OV-001"},"unmapped":{"overstay":{"state":"resolved","closing":"ended"}}}}`
	sealBody = `{"type":"dev.overstay.access.sealed","time":"2026-10-01T11:04:00Z",
 "data":{"approval":{"id":"CHG-1"},"assurance":"observed","facets":[{"facet":"session","basis":"observed","overrun":"0s"}]}}`
)

func printed(t *testing.T, p alertPrinter, bodies ...string) string {
	t.Helper()
	var out bytes.Buffer
	p.out, p.errs = &out, &out
	for i, body := range bodies {
		if err := p.take(eventlog.Message{Position: uint64(i + 1), Subject: "overstay.alerts.x", Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestAlertsForAPerson(t *testing.T) {
	got := printed(t, alertPrinter{chosen: chosen{sealed: true}}, raisedBody, provisionalBody, resolvedBody, sealBody)
	want := `2026-10-01 11:01:00Z  high           raised                  OV-001  30dffa518c8169c00a13d1af0992ae69  alice ?[2J still holds it
2026-10-01 11:02:00Z  medium         raised (provisional)    OV-005  49037c5c144ae8e6bbf548b319a5651e  bob
2026-10-01 11:03:00Z  high           resolved (ended)        OV-001  30dffa518c8169c00a13d1af0992ae69  alice
2026-10-01 11:04:00Z  -              sealed                  -       -                                 All that CHG-1 granted has ended (assurance: observed). session: observed, overrun 0s.
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAlertsAreChosen(t *testing.T) {
	at := time.Date(2026, 10, 1, 11, 2, 30, 0, time.UTC)
	for name, c := range map[string]struct {
		chosen chosen
		want   int
	}{
		"all":               {chosen{}, 3},
		"with seals":        {chosen{sealed: true}, 4},
		"high and above":    {chosen{severity: correlator.High}, 2},
		"critical":          {chosen{severity: correlator.Critical}, 0},
		"one rule":          {chosen{rules: []string{"OV-005"}}, 1},
		"since":             {chosen{since: at}, 1},
		"since, with seals": {chosen{since: at, sealed: true}, 2},
	} {
		got := printed(t, alertPrinter{chosen: c.chosen}, raisedBody, provisionalBody, resolvedBody, sealBody)
		if n := strings.Count(got, "\n"); n != c.want {
			t.Errorf("%s: %d lines, want %d\n%s", name, n, c.want, got)
		}
	}
}

// TestAlertsForAScript: the bodies as they were published, each on one line.
func TestAlertsForAScript(t *testing.T) {
	got := printed(t, alertPrinter{json: true}, raisedBody)
	if got != strings.ReplaceAll(raisedBody, "\n ", "")+"\n" {
		t.Errorf("%s", got)
	}
}

func TestColourIsForTerminals(t *testing.T) {
	if got := printed(t, alertPrinter{painter: true}, raisedBody); !strings.Contains(got, "\x1b[31mhigh") {
		t.Errorf("%q", got)
	}
	if colourful(&bytes.Buffer{}) {
		t.Error("a buffer is taken for a terminal")
	}
}

// TestAForeignMessageIsTold: it stops nothing, and the exit code shows it.
func TestAForeignMessageIsTold(t *testing.T) {
	var out, errs bytes.Buffer
	p := alertPrinter{out: &out, errs: &errs}
	for _, body := range []string{"no JSON", resolvedBody} {
		if err := p.take(eventlog.Message{Position: 7, Subject: "overstay.alerts.x", Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	var f *failure
	if err := p.end(); !errors.As(err, &f) || !strings.Contains(errs.String(), "message 7 on overstay.alerts.x") || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%v\n%s%s", err, &errs, &out)
	}
}
