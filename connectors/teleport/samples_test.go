package teleport

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
)

// samples is where real records of other systems lie, beside the repository.
func samples(t *testing.T, path ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	file := filepath.Join(append([]string{dir, "..", "shared", "samples", "teleport"}, path...)...)
	if _, err := os.Stat(file); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the samples are not there: %v", err)
		}
		t.Skip("the samples are not there")
	}
	return file
}

func sampleLines(t *testing.T, path ...string) [][]byte {
	t.Helper()
	f, err := os.Open(samples(t, path...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines [][]byte
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, MaxLine)
	for scanner.Scan() {
		lines = append(lines, []byte(scanner.Text()))
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestSamples: every real line is mapped or counted as not about access, and none
// is in error.
func TestSamples(t *testing.T) {
	for _, sample := range []struct {
		path  []string
		lines int
		want  map[string]int // "record type → event types", and how many lines
	}{
		{[]string{"elastic-generated", "test-teleport-generated.log"}, 28, map[string]int{
			"user.login → not-access":                     3,
			"cert.create → lease.issued":                  9,
			"session.start → session.started":             2,
			"session.leave → access.used":                 2,
			"session.data → not-access":                   2,
			"session.end → session.ended":                 2,
			"session.upload → not-access":                 1,
			"role.created → not-access":                   1,
			"user.create → directory.membership-added ×3": 1,
			"db.session.start → session.started (failed)": 5,
		}},
		{[]string{"panther", "teleport.jsonl"}, 21, map[string]int{
			"auth → not-access":               1,
			"session.command → access.used":   6,
			"session.command → quiet":         2, // two sessions' second commands at the same time
			"session.network → access.used":   1,
			"user.login → not-access":         5,
			"lock.created → access.blocked":   1,
			"cert.create → lease.issued":      2,
			"role.created → not-access":       1,
			"session.start → session.started": 1,
			"saml.created → not-access":       1,
		}},
	} {
		t.Run(sample.path[0], func(t *testing.T) {
			lines := sampleLines(t, sample.path...)
			if len(lines) != sample.lines {
				t.Errorf("%d lines instead of %d", len(lines), sample.lines)
			}
			got := countSample(t, lines)
			for _, row := range sortedKeys(got) {
				t.Logf("%3d  %s", got[row], row)
			}
			for _, row := range slices.Concat(sortedKeys(got), sortedKeys(sample.want)) {
				if got[row] != sample.want[row] {
					t.Errorf("%s: %d lines instead of %d", row, got[row], sample.want[row])
				}
			}
		})
	}
}

func countSample(t *testing.T, lines [][]byte) map[string]int {
	t.Helper()
	m := NewMapper("prod", nil)
	counts := map[string]int{}
	for i, line := range lines {
		evs, v, err := m.Map(line)
		if err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
		counts[v.Type+" → "+result(evs, v)]++
	}
	return counts
}

func result(evs []events.Event, v Verdict) string {
	if len(evs) == 0 {
		return v.Outcome.String()
	}
	count := map[string]int{}
	for _, ev := range evs {
		what := ev.Type.Short()
		if effect := ev.Data.Common().Effect; effect != events.Done {
			what += fmt.Sprintf(" (%s)", effect)
		}
		count[what]++
	}
	var out []string
	for _, what := range sortedKeys(count) {
		if count[what] > 1 {
			what = fmt.Sprintf("%s ×%d", what, count[what])
		}
		out = append(out, what)
	}
	return strings.Join(out, ", ")
}

// TestReissuedCertificatesAreOneLease: in the real log two logins were given nine
// certificates in half an hour. They are two leases, and two more for databases
// that each come from the second login.
func TestReissuedCertificatesAreOneLease(t *testing.T) {
	m := NewMapper("prod", nil)
	issued := map[string]int{}
	for _, line := range sampleLines(t, "elastic-generated", "test-teleport-generated.log") {
		evs, _, err := m.Map(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range evs {
			if lease, ok := ev.Data.(*events.Lease); ok {
				row := lease.LeaseID
				for _, p := range lease.Parents {
					row += " from " + p.ID
				}
				issued[row]++
			}
		}
	}
	want := map[string]int{
		"cert:teleport-admin@2024-02-24T06:56:50Z": 5,
		"cert:teleport-admin@2024-02-24T07:00:41Z": 1,
		"cert:teleport-admin@2024-02-24T07:00:41Z/db/example-dynamodb/ExampleTeleportDynamoDBRole from cert:teleport-admin@2024-02-24T07:00:41Z": 2,
		"cert:teleport-admin@2024-02-24T07:00:41Z/db/example-dynamodb/TeleportDatabaseService from cert:teleport-admin@2024-02-24T07:00:41Z":     1,
	}
	for _, row := range slices.Concat(sortedKeys(issued), sortedKeys(want)) {
		if issued[row] != want[row] {
			t.Errorf("%s: issued %d times instead of %d", row, issued[row], want[row])
		}
	}
}
