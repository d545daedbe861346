package scenario

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// Whatever the text, Load returns a scenario or problems within the text. One that
// is played and rewritten holds, and is rewritten no more.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.yaml", "example.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("nothing in %s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	nowhere := func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Load("fuzz.yaml", text, nowhere)
		var wrong *strictyaml.ProblemsError
		switch {
		case errors.As(err, &wrong):
			for _, p := range wrong.Problems {
				if p.Line > strings.Count(string(text), "\n")+1 {
					t.Errorf("%s is behind the text", p)
				}
			}
			return
		case err != nil:
			t.Fatalf("no problems but %v", err)
		case s.Steps[len(s.Steps)-1].At.Sub(s.Start) > time.Hour:
			return // it would be played for long
		}
		o, err := s.Run()
		if err != nil {
			t.Fatal(err)
		}
		rewritten, err := o.Update()
		if err != nil {
			return // steps in brackets are not rewritten
		}
		again, err := Load("fuzz.yaml", rewritten, nowhere)
		if err != nil {
			t.Fatalf("what was rewritten is no scenario: %v\n%s", err, rewritten)
		}
		o, err = again.Run()
		if err != nil || !o.OK() {
			t.Fatalf("what was rewritten does not hold: %v\n%s\n%s", err, report(o), rewritten)
		}
	})
}
