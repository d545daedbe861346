package render

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

// hostile is a report in which everything from outside is what somebody would write
// who wants more than to be reported on.
func hostile(text string) *review.Report {
	return &review.Report{
		Header:     review.ReportHeader{Source: text, LogID: text, From: "2026-03-02T09:00:00.000Z", To: "2026-03-03T09:00:00.000Z", KnownAt: "2026-03-03T09:00:00.000Z", Label: review.Label{Strength: review.Cold, Reason: text}},
		NotCovered: []string{text},
		Exceptions: []review.Exception{{ID: "1", Rule: "OV-001", Severity: "high", Message: text, Disposition: text, Subject: text, Approval: text, Source: text, Controls: []string{}}},
		Approvals: []review.ReportApproval{
			{ID: text, Source: text, Requester: events.ID(text), Consumers: []events.ID{events.ID(text)}, DecidedBy: events.ID(text), Ticket: text, Scopes: []string{text}, State: review.Overran, Unseen: []string{text},
				Facets: []review.ReportFacet{{Facet: "approval", Count: 1}, {Facet: "credential", Count: 2, Open: 1, Basis: correlator.Claimed, Overrun: 61, Uncovered: 61, Event: text}}, Facts: []review.ReportFactRef{{Event: text}}},
			{ID: text, State: review.NotGranted},
		},
		Revocations: []review.Revocation{{System: text, Due: 3, InTime: 1, Late: 1, Open: 1, Max: review.Quantile{Open: true}, Bases: map[correlator.Basis]int{correlator.Observed: 2}}},
		Sources:     []review.ReportSource{{URI: text, Promises: true, Silences: 1, Silent: 61, Blind: text, Late: 1, Stretches: []review.SilentStretch{{Seconds: 61}}}, {URI: text}},
		Controls:    []review.ReportControl{{Catalogue: "800-53", Control: "AC-2", Rules: []string{"OV-001"}, Tested: true}, {Catalogue: "pci", Control: "7", Rules: []string{"OV-002"}, Off: []string{"OV-002"}}},
		Record:      []review.RecordEntry{{Position: 1, What: "policy.applied", By: text, Detail: text}},
	}
}

func page(t *testing.T, r *review.Report) string {
	t.Helper()
	var b strings.Builder
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPageIsSafe: whatever a source writes stays text, and the page asks nobody for
// anything.
func TestPageIsSafe(t *testing.T) {
	for _, text := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style><script>`, `javascript:alert(1)`, "{{.}}", "a\u202egnp.exe", "a\x00b",
	} {
		got := page(t, hostile(text))
		plain := page(t, hostile("plain"))
		if tags(got) != tags(plain) {
			t.Errorf("%q changes the elements of the page", text)
		}
		if strings.ContainsAny(got, "\u202e\x00") {
			t.Errorf("%q reaches the page as it is", text)
		}
	}
	got := page(t, hostile("plain"))
	if found := regexp.MustCompile(`(?i)<script|<link|<img|<iframe|@import|url\(|\bsrc=|href="[^#]`).FindString(got); found != "" {
		t.Errorf("the page has %q", found)
	}
}

// tags is the sequence of elements.
func tags(page string) string {
	return strings.Join(regexp.MustCompile(`</?[a-zA-Z][^\s>]*`).FindAllString(page, -1), "")
}

// TestPageReadsAloud: every table says what its columns are, and every section has a
// name.
func TestPageReadsAloud(t *testing.T) {
	got := page(t, hostile("x"))
	if n, with := strings.Count(got, "<table>"), strings.Count(got, "<thead><tr><th scope=\"col\""); n < 7 || n != with {
		t.Errorf("%d tables, and %d have named columns", n, with)
	}
	if regexp.MustCompile(`<th[ >]`).FindString(got) == "" || regexp.MustCompile(`<th(?: class="[^"]*")?>`).MatchString(got) {
		t.Error("a th has no scope")
	}
	for _, id := range regexp.MustCompile(`aria-labelledby="([^"]+)"`).FindAllStringSubmatch(got, -1) {
		if !strings.Contains(got, `<h2 id="`+id[1]+`"`) {
			t.Errorf("nothing is called %s", id[1])
		}
	}
	for _, want := range []string{`<html lang="en">`, "prefers-color-scheme: dark", "@media print", "still held", "1 m 1 s", "not tested", "OV-002"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page is without %q", want)
		}
	}
}

// TestLongTablesAreCut: the page stays one that a browser opens, and says so.
func TestLongTablesAreCut(t *testing.T) {
	r := hostile("x")
	for i := range 2 * maxRows {
		r.Exceptions = append(r.Exceptions, review.Exception{ID: fmt.Sprint("alert-", i)})
	}
	got := page(t, r)
	if n := strings.Count(got, "alert-"); n >= maxRows || !strings.Contains(got, "The first 500 of 1001 are shown") {
		t.Errorf("%d are shown", n)
	}
	if t1 := exceptions(r); len(t1.Rows) != 2*maxRows+1 {
		t.Errorf("the table has %d rows", len(t1.Rows))
	}
}

// TestNoCellIsAFormula: OWASP's list of what a spreadsheet takes for one.
func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "=cmd|' /C calc'!A0"} {
		for _, table := range Tables(hostile(text)) {
			var b strings.Builder
			if err := CSV(&b, table); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
			if err != nil {
				t.Fatalf("%s with %q: %v", table.Name, text, err)
			}
			for _, row := range rows[1:] {
				for i, cell := range row {
					if first := strings.TrimLeft(cell, " "); first != "" && strings.ContainsRune("=+-@\t\r\n＝", []rune(first)[0]) {
						t.Errorf("%s.%s is %q", table.Name, table.Columns[i], cell)
					}
				}
			}
		}
	}
	if got := inert("corp:alice"); got != "corp:alice" {
		t.Errorf("an id becomes %q", got)
	}
}

func TestDurations(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0", 0.25: "250 ms", 2.5: "2.5 s", 12.4: "12 s", 60: "1 m", 3723: "1 h 2 m", 90061: "1 d 1 h", 59.99: "1 m"} {
		if got := duration(seconds); got != want {
			t.Errorf("%v s is %q, not %q", seconds, got, want)
		}
	}
	if percent(1, 1000) != "1 %" || percent(999, 1000) != "99 %" || percent(0, 5) != "0 %" || percent(5, 5) != "100 %" {
		t.Error("a share of nearly all is not all")
	}
}
