package scenario

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

var update = flag.Bool("update", false, "write what the scenarios give as what they expect")

func files(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing in testdata/%s: %v", pattern, err)
	}
	return files
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func load(t *testing.T, file string, text []byte) *Scenario {
	t.Helper()
	s, err := Load(file, text, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func play(t *testing.T, s *Scenario) *Outcome {
	t.Helper()
	o, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// report is what went wrong in a scenario, one line after the other.
func report(o *Outcome) string {
	var b strings.Builder
	for _, p := range o.Steps {
		for _, f := range p.Failures() {
			fmt.Fprintf(&b, "%d:\n%s\n", f.Line, f)
		}
	}
	return b.String()
}

func TestTheExampleHolds(t *testing.T) {
	s := load(t, "example.yaml", Example())
	if r := report(play(t, s)); r != "" {
		t.Errorf("example.yaml:%s", r)
	}
	if len(s.Prose) != 2 {
		t.Errorf("it begins with %d lines of prose", len(s.Prose))
	}
}

// TestPlayed: what each word of a step does, in a scenario of its own.
func TestPlayed(t *testing.T) {
	for _, file := range files(t, "played/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			o := play(t, load(t, file, read(t, file)))
			if *update {
				text, err := o.Update()
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if r := report(o); r != "" {
				t.Errorf("%s:%s", file, r)
			}
		})
	}
}

// TestTicksInBetweenTellNothing: that a scenario ticks less often than a server,
// which does so every second, changes neither what is told nor when.
func TestTicksInBetweenTellNothing(t *testing.T) {
	for _, file := range append(files(t, "played/*.yaml"), "example.yaml") {
		s := load(t, file, read(t, file))
		var told [2][]string
		for i, idle := range []time.Duration{idle, time.Second} {
			o, err := s.run(idle, func(events.Event) {})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range o.Steps {
				for _, line := range p.Told {
					told[i] = append(told[i], line.Line)
				}
			}
		}
		if !slices.Equal(told[0], told[1]) {
			t.Errorf("%s tells\n%s\nwith more ticks\n%s", file, strings.Join(told[0], "\n"), strings.Join(told[1], "\n"))
		}
	}
}

// TestProblems: each file says at its end what is wrong with it.
func TestProblems(t *testing.T) {
	for _, file := range files(t, "problems/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text := read(t, file)
			_, tail, ok := strings.Cut(string(text), "# problems:\n")
			if !ok {
				t.Fatal("the file does not say which problems it expects")
			}
			var want []string
			for line := range strings.Lines(tail) {
				want = append(want, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "# "))
			}
			_, err := Load("s.yaml", text, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
			var wrong *strictyaml.ProblemsError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, p := range wrong.Problems {
				got = append(got, strings.TrimPrefix(p.String(), "s.yaml:"))
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n# %s", strings.Join(got, "\n# "))
			}
		})
	}
}

// TestUpdate: a file with wrong expectations, its report, and the file as it is
// rewritten, which then holds and is rewritten no more.
func TestUpdate(t *testing.T) {
	for _, file := range files(t, "update/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			o := play(t, load(t, file, read(t, file)))
			text, err := o.Update()
			if err != nil {
				t.Fatal(err)
			}
			for golden, got := range map[string]string{".report": report(o), ".golden": string(text)} {
				golden = strings.TrimSuffix(file, ".yaml") + golden
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if want := string(read(t, golden)); got != want {
					t.Errorf("not what is in %s:\n%s", golden, got)
				}
			}
			windows := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }
			if crlf, err := play(t, load(t, file, windows(read(t, file)))).Update(); err != nil || !bytes.Equal(crlf, windows(text)) {
				t.Errorf("%v, and with other line ends it is rewritten as\n%s", err, crlf)
			}
			again := play(t, load(t, file, text))
			if r := report(again); r != "" {
				t.Errorf("what was rewritten does not hold:\n%s", r)
			}
			if second, err := again.Update(); err != nil || string(second) != string(text) {
				t.Errorf("%v, and it is rewritten again:\n%s", err, second)
			}
		})
	}
}

func TestAPolicyFileIsReadFromTheFolderOfTheScenario(t *testing.T) {
	text := []byte("policyFile: strict.yaml\nsteps:\n  - 09:00\n")
	var opened string
	s, err := Load(filepath.Join("a", "b.yaml"), text, func(path string) ([]byte, error) {
		opened = path
		return []byte("watch: [{system: db}]\n"), nil
	})
	if want := filepath.Join("a", "strict.yaml"); err != nil || opened != want || !slices.Equal(s.PolicyFiles, []string{want}) {
		t.Errorf("%v: it opened %q", err, opened)
	}
}

func TestMoments(t *testing.T) {
	base := defaultDay.Add(9 * time.Hour)
	for word, want := range map[string]string{
		"09:05": "2026-03-02T09:05:00Z", "23:59:59.5": "2026-03-02T23:59:59.5Z", "+5m": "2026-03-02T09:05:00Z",
		"-1h30m": "2026-03-02T07:30:00Z", "+2d": "2026-03-04T09:00:00Z", "2026-03-03T10:00": "2026-03-03T10:00:00Z",
		"2026-03-03T10:00:00+02:00": "2026-03-03T08:00:00Z", "9:05": "", "25:00": "", "+5": "", "--5m": "", "+-5m": "", "tomorrow": "", "": "",
	} {
		at, err := moment(word, defaultDay, base)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is %s", word, at)
		case want != "" && (err != nil || at.Format(time.RFC3339Nano) != want):
			t.Errorf("%q is %s, %v", word, at.Format(time.RFC3339Nano), err)
		}
		if err == nil {
			if again, err := moment(clockOf(at, defaultDay), defaultDay, base); err != nil || !again.Equal(at) {
				t.Errorf("%q is written %q, which is %s, %v", word, clockOf(at, defaultDay), again, err)
			}
		}
	}
}

// TestStatements: what is written must be so, what is left out may be anything,
// but for whether an alert is provisional.
func TestStatements(t *testing.T) {
	const told = "10:01:00 raised OV-001 r1 high facets=1/2: alice still holds L1: told."
	const seal = "10:20:00 sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed"
	for _, c := range []struct {
		want, told string
		meets      bool
	}{
		{told, told, true}, {"raised OV-001", told, true}, {"10:01 raised OV-001", told, true}, {"10:02 raised OV-001", told, false},
		{"raised OV-001 r1 facets=1/2", told, true}, {"raised OV-001 r2", told, false}, {"raised OV-001 medium", told, false},
		{"raised OV-001 facets=1/1", told, false}, {"updated OV-001", told, false}, {"raised OV-003", told, false},
		{"raised OV-001: alice still holds L1: told.", told, true}, {"raised OV-001: alice", told, false}, {"raised OV-001: alice…", told, true},
		{"raised OV-001: …L1… told.", told, true}, {"raised OV-001: …L2…", told, false}, {"raised OV-001: ...told", told, false},
		{"raised OV-001: …alice still holds L1: told.…", told, true}, {"raised OV-001 provisional", told, false},
		{"raised OV-001", strings.Replace(told, "high", "medium provisional", 1), false},
		{"sealed REQ-1", seal, true}, {"sealed REQ-2", seal, false}, {"closed-unproven REQ-1", seal, false},
		{"sealed REQ-1 assurance=observed", seal, true}, {"sealed REQ-1 assurance=claimed", seal, false}, {"sealed REQ-1 r2", seal, false},
		{"10:20:00 sealed REQ 1 r1 x", "10:20:00 sealed REQ 1 r1 x", true},
	} {
		want, wrong, _ := parse(c.want, defaultDay)
		if wrong != "" {
			t.Errorf("%q %s", c.want, wrong)
		}
		got, _, _ := parse(c.told, defaultDay)
		if want.meets(got) != c.meets {
			t.Errorf("%q meets %q: %v", c.want, c.told, !c.meets)
		}
	}
}

// TestSameTextSameBytes: a scenario is played from its beginning each time.
func TestSameTextSameBytes(t *testing.T) {
	s := load(t, "example.yaml", Example())
	var first []byte
	for i := range 2 {
		var all []byte
		for _, p := range play(t, s).Steps {
			for _, told := range p.Told {
				if told.Publication.Alert == nil {
					continue
				}
				body, err := told.Publication.Alert.Encode()
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, body...)
			}
		}
		if i == 0 {
			first = all
		}
		if len(all) == 0 || string(all) != string(first) {
			t.Errorf("played again it gives\n%s\nnot\n%s", all, first)
		}
	}
}
