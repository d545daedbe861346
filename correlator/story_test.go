package correlator_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/scenario"
)

var update = flag.Bool("update", false, "write what the stories give as what they expect")

// TestStories plays each incident in testdata/*.yaml: a scenario as docs/scenarios.md
// explains it, which "overstay test" plays too. Two lines of prose come first: what
// happened, and what is expected and why. Every alert and seal is checked against
// its schemas.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			o := playStory(t, file)
			if *update {
				text, err := o.Update()
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
				o = playStory(t, file)
			}
			if len(o.Scenario.Prose) < 2 {
				t.Errorf("%s does not begin with two lines of prose", file)
			}
			if !o.Expects() {
				t.Errorf("%s expects nothing, and does not say \"expect: quiet\" either", file)
			}
			for _, step := range o.Steps {
				for _, f := range step.Failures() {
					t.Errorf("%s:%d:\n%s", file, f.Line, f)
				}
			}
		})
	}
}

// TestNoStoryIsLeftOut: a file that nobody plays looks like a test.
func TestNoStoryIsLeftOut(t *testing.T) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".story" {
			t.Errorf("testdata/%s is not played: write it as a scenario (docs/scenarios.md)", e.Name())
		}
	}
}

func playStory(t *testing.T, file string) *scenario.Outcome {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Load(file, text, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, pub := range published(o) {
		if pub.Alert != nil {
			correlator.ValidateOCSF(t, pub.Alert)
		}
		correlator.ValidateOwn(t, pub)
	}
	return o
}

func published(o *scenario.Outcome) []correlator.Publication {
	var out []correlator.Publication
	for _, step := range o.Steps {
		for _, told := range step.Told {
			out = append(out, told.Publication)
		}
	}
	return out
}
