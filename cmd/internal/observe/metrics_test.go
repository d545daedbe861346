package observe

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func started(t *testing.T, o Options) *Telemetry {
	t.Helper()
	tel, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// useAll calls every method once, so that every metric has a series.
func useAll(m *Metrics) {
	m.EventReceived("lease", "stored")
	m.EventApplied("lease", "applied")
	m.EventQuarantined("bad-json")
	m.Ingested(3 * time.Millisecond)
	m.AlertPublished("OV-001", "high", "raised", 20*time.Millisecond)
	m.SetLag(7)
	m.SetOpenAccesses(8)
	m.SetArmedTimers(9)
	m.SetOutboxDepth(10)
	m.SetOverdue(-time.Second)
	m.SetSourceProgressAge("vault://prod", time.Minute)
}

// The table of docs/observability.md is what /metrics has: names, kinds, labels.
func TestMetricsAreAsDocumented(t *testing.T) {
	tel := started(t, Options{})
	defer tel.Shutdown(t.Context())
	useAll(tel.Metrics)
	families, err := tel.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "overstay_") {
			got = append(got, fmt.Sprintf("%s %s [%s]", f.GetName(), strings.ToLower(f.GetType().String()), labels(f)))
		}
	}
	want := documented(t)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("registry:\n  %s\ndocs/observability.md:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func labels(f *dto.MetricFamily) string {
	var names []string
	for _, l := range f.GetMetric()[0].GetLabel() {
		names = append(names, l.GetName())
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

var tableRow = regexp.MustCompile("(?m)^\\| `(overstay_[a-z_]+)` \\| (\\w+) \\| ([^|]*)\\|")

func documented(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("../../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range tableRow.FindAllStringSubmatch(string(page), -1) {
		names := strings.FieldsFunc(row[3], func(r rune) bool { return strings.ContainsRune("`, ", r) })
		slices.Sort(names)
		rows = append(rows, fmt.Sprintf("%s %s [%s]", row[1], row[2], strings.Join(names, " ")))
	}
	return rows
}

// Every metric that the example rules ask for exists.
func TestExampleRulesNameRealMetrics(t *testing.T) {
	rules, err := os.ReadFile("../../../docs/prometheus-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, row := range documented(t) {
		name, _, _ := strings.Cut(row, " ")
		known = append(known, name, name+"_bucket", name+"_count", name+"_sum")
	}
	used := regexp.MustCompile(`overstay_[a-z_]+`).FindAllString(string(rules), -1)
	if len(used) == 0 {
		t.Fatal("the rules use no metric")
	}
	for _, name := range used {
		if !slices.Contains(known, name) {
			t.Errorf("%s is in no table", name)
		}
	}
}

func TestMetricsPage(t *testing.T) {
	tel := started(t, Options{})
	defer tel.Shutdown(t.Context())
	useAll(tel.Metrics)
	rec := httptest.NewRecorder()
	tel.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	page, err := io.ReadAll(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`overstay_received_events_total{class="lease",result="stored"} 1`,
		`overstay_alerts_total{rule="OV-001",severity="high",state="raised"} 1`,
		`overstay_alert_latency_seconds_bucket{rule="OV-001",le="0.025"} 1`,
		`overstay_alert_latency_seconds_bucket{rule="OV-001",le="0.01"} 0`,
		`overstay_log_lag 7`,
		`overstay_overdue_seconds 0`,
		`go_goroutines `,
	} {
		if !strings.Contains(string(page), line) {
			t.Errorf("no line %s", line)
		}
	}
}

// A source's age grows while nobody reports it, and sources beyond the limit
// share one series that shows the oldest.
func TestSourceProgressAge(t *testing.T) {
	now := time.Date(2026, 10, 1, 10, 0, 0, 0, time.UTC)
	reader := sdkmetric.NewManualReader()
	m, err := NewMetrics(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	m.SetSourceProgressAge("vault://prod", time.Second)
	now = now.Add(time.Minute)
	for i := range maxSources + 5 {
		m.SetSourceProgressAge(fmt.Sprintf("made-up://%d", i), time.Duration(i)*time.Millisecond)
	}
	ages := read(t, reader, "overstay_source_progress_age")
	if ages["vault://prod"] != 61 {
		t.Errorf("vault://prod is %vs old, want 61s", ages["vault://prod"])
	}
	if len(ages) != maxSources+1 || ages[otherSources] != 1.004 {
		t.Errorf("%d series, the others are %vs old", len(ages), ages[otherSources])
	}
}

// read collects one gauge by its source label.
func read(t *testing.T, reader *sdkmetric.ManualReader, name string) map[string]float64 {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, m := range rm.ScopeMetrics[0].Metrics {
		if m.Name != name {
			continue
		}
		for _, p := range m.Data.(metricdata.Gauge[float64]).DataPoints {
			source, _ := p.Attributes.Value(labelSource)
			values[source.AsString()] = p.Value
		}
	}
	return values
}
