package render

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/overstay/overstay/correlator/review"
)

//go:embed report.gohtml
var reportPage string

// maxRows bounds the rows of one table on the page; the CSV tables have all.
const maxRows = 500

// HTML writes a report as one page: no script, nothing from outside, readable on
// paper, in light and dark, and to a screen reader.
func HTML(w io.Writer, r *review.Report) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"text": text, "clock": clock, "span": duration, "quantile": spoken, "first": firstRows, "more": more, "basis": basis, "percent": percent,
		"catalogues": catalogues, "ordered": ordered, "class": class, "join": join[string], "bases": func(v review.Revocation) string { return basesOf(v) },
	}).Parse(reportPage)
	if err != nil {
		return fmt.Errorf("render the report: %w", err)
	}
	if err := t.Execute(w, r); err != nil {
		return fmt.Errorf("render the report: %w", err)
	}
	return nil
}

// text keeps what comes from outside from changing the direction of what is around
// it, or hiding: control and format characters become a visible mark.
func text(v any) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '�'
		}
		return r
	}, fmt.Sprint(v))
}

// clock is a time as a person reads it, to the second, in UTC.
func clock(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// duration is a number of seconds as a person reads it.
func duration(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	switch {
	case d == 0:
		return "0"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
	}
	d = d.Round(time.Second)
	var parts []string
	for _, u := range []struct {
		name string
		is   time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if n := d / u.is; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, u.name))
			d -= n * u.is
		}
	}
	return strings.Join(parts[:min(len(parts), 2)], " ")
}

func spoken(q review.Quantile) string {
	if q.Open {
		return "still held"
	}
	return duration(q.Seconds)
}

// percent is a share in whole percent; it is 100 % only of all, and 0 % only of none.
func percent(part, all int) string {
	switch {
	case all == 0:
		return "–"
	case part == all:
		return "100 %"
	case part == 0:
		return "0 %"
	}
	return fmt.Sprintf("%d %%", min(max(part*100/all, 1), 99))
}

// basesOf lists on what the ends rest, the strongest first.
func basesOf(v review.Revocation) string {
	var parts []string
	for _, b := range bases {
		if n := v.Bases[b]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, b))
		}
	}
	return strings.Join(parts, ", ")
}

// stateOrder puts what an auditor asks about first.
var stateOrder = []string{review.StillHeld, review.Overran, review.CoveredOn, review.InTime, review.InForce, review.NotGranted}

// ordered lists approvals by state, then as the report has them.
func ordered(all []review.ReportApproval) []review.ReportApproval {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b review.ReportApproval) int {
		return slices.Index(stateOrder, a.State) - slices.Index(stateOrder, b.State)
	})
	return out
}

// class is the look of a state, a severity or a basis.
func class(word string) string { return strings.Map(letters, word) }

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return '-'
}

// catalogue is the controls of one standard.
type catalogue struct {
	Name     string
	Controls []review.ReportControl
}

var catalogueNames = map[string]string{
	"800-53": "NIST SP 800-53 Rev. 5", "csf2": "NIST CSF 2.0", "iso27001": "ISO/IEC 27001:2022", "nhi": "OWASP Non-Human Identities Top 10",
	"pci": "PCI DSS 4.0.1", "soc2": "SOC 2 Trust Services Criteria",
}

func catalogues(all []review.ReportControl) []catalogue {
	var out []catalogue
	for _, c := range all {
		name := catalogueNames[c.Catalogue]
		if name == "" {
			name = c.Catalogue
		}
		if n := len(out); n == 0 || out[n-1].Name != name {
			out = append(out, catalogue{Name: name})
		}
		out[len(out)-1].Controls = append(out[len(out)-1].Controls, c)
	}
	return out
}

// firstRows are as many as the page shows.
func firstRows(list any) (any, error) {
	switch l := list.(type) {
	case []review.Exception:
		return l[:min(len(l), maxRows)], nil
	case []review.ReportApproval:
		return l[:min(len(l), maxRows)], nil
	case []review.RecordEntry:
		return l[:min(len(l), maxRows)], nil
	}
	return nil, fmt.Errorf("no rows of a %T", list)
}

// more says how many rows the page leaves out, "" for none.
func more(n int, table string) string {
	if n <= maxRows {
		return ""
	}
	return fmt.Sprintf("The first %d of %d are shown; the table %q has all.", maxRows, n, table+".csv")
}
