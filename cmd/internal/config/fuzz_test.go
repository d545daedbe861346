package config

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// A policy means the same in a file of its own and inside of a configuration, and
// the text that goes from there into the log means that too.
func FuzzPolicyInside(f *testing.F) {
	files, err := filepath.Glob("../../../correlator/policy/testdata/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no policies: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("rules:\n  OV-001:\n    unless:\n      - |\n        rule == \"a\" &&\n\n        kind == \"b\"\n\n# end\n")
	f.Fuzz(func(t *testing.T, text string) {
		alone, err := policy.Load("policy", []byte(text))
		if err != nil || !strings.Contains(text, ":") {
			return
		}
		l := &loader{config: Default()}
		inside := "log: {level: info}\npolicy:\n  " + strings.ReplaceAll(text, "\n", "\n  ") + "\ntelemetry: {sample: 1}\n"
		problems := append(strictyaml.Source{File: "f", Text: []byte(inside)}.Read(l.root()), l.policyProblems...)
		if err := problems.Err(); err != nil {
			t.Fatalf("good alone, inside: %v", err)
		}
		logged, err := policy.Load("log", l.config.Policy.Text)
		if err != nil {
			t.Fatalf("good inside, in the log: %v\n%s", err, l.config.Policy.Text)
		}
		if logged.Hash != l.config.Policy.Compiled.Hash {
			t.Fatal("the log has another hash")
		}
		if a, b := meaning(alone), meaning(logged); !reflect.DeepEqual(a, b) {
			t.Fatalf("alone %+v\nin the log %+v", a, b)
		}
	})
}

// spoken stands for a condition by its text.
type spoken string

func (spoken) Holds(correlator.ConditionInput) bool { return false }
func (s spoken) String() string                     { return string(s) }

// meaning is a policy without its hash and with its conditions as text.
func meaning(p *correlator.Policy) correlator.Policy {
	q := *p
	q.Hash, q.Rules = "", maps.Clone(p.Rules)
	for id, r := range q.Rules {
		r.Unless = slices.Clone(r.Unless)
		for i, c := range r.Unless {
			r.Unless[i] = spoken(c.String())
		}
		q.Rules[id] = r
	}
	return q
}

// Whatever stands in the file, it is read or every problem is named with its place,
// and reading it again gives the same.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no configurations: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("http:\n  listen: 127.0.0.1:0\n  clients:\n    - {name: a, token: {env: X}, sources: [\"*\"]}\n")
	f.Add("nats: {url: nats://h:4222, events: {maxAge: 90d, maxBytes: 1GiB}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "overstay.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		one, err := Load(path)
		if (one == nil) != (err != nil) {
			t.Fatalf("%+v and %v", one, err)
		}
		var problems *strictyaml.ProblemsError
		if err != nil && (!errors.As(err, &problems) || len(problems.Problems) == 0) {
			t.Fatalf("no problem has a place: %v", err)
		}
		if _, again := Load(path); (again == nil) != (err == nil) || err != nil && again.Error() != err.Error() {
			t.Fatalf("%v, and the second time %v", err, again)
		}
	})
}
