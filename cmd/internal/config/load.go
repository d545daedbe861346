package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/overstay/overstay/cmd/internal/memory"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// Load reads the file at path. The error is a *strictyaml.ProblemsError with
// everything that is wrong in the file, in the policy in or beside it, and with
// the secrets that it refers to.
func Load(path string) (*Config, error) {
	text, err := readFile(path, strictyaml.MaxBytes)
	if err != nil {
		return nil, unreadable(path, err)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("find the folder of %s: %w", path, err)
	}
	l := &loader{config: Default(), dir: dir}
	l.config.File = path
	problems := strictyaml.Source{File: path, Text: text}.Read(l.root())
	if err := append(problems, l.policyProblems...).Err(); err != nil {
		return nil, err
	}
	return l.config, nil
}

func unreadable(path string, err error) error {
	return strictyaml.Problems{{File: path, Message: fmt.Sprintf("cannot be read: %v", err)}}.Err()
}

// readFile reads at most one byte more than allowed, for the size to be told.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, pathless(err)
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, pathless(err)
	}
	return text, nil
}

// pathless drops the path that the message already has.
func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// loader fills one configuration.
type loader struct {
	config         *Config
	dir            string // of the file: relative paths begin there
	policyProblems strictyaml.Problems
}

// Keys lists every key, for the reference's test; the policy's are its own.
func Keys() []string {
	l := &loader{config: Default()}
	return l.root().Keys()
}

// root is the whole format, key by key.
func (l *loader) root() strictyaml.Reader {
	c := l.config
	return strictyaml.Object(strictyaml.Fields{
		"dataDir": l.path(&c.DataDir),
		"memory":  strictyaml.Size((*int64)(&c.Memory), int64(memory.Least), int64(memory.Most)),
		"checkpoints": strictyaml.Object(strictyaml.Fields{
			"every": strictyaml.Duration(&c.Checkpoints.Every, time.Minute, 30*day),
			"keep":  strictyaml.Int(&c.Checkpoints.Keep, 1, 1000),
		}),
		"http":       l.http(),
		"nats":       l.nats(),
		"connectors": l.connectors(),
		"policy":     strictyaml.Func(l.policy),
		"policyFile": strictyaml.Func(l.policyFile),
		"log": strictyaml.Object(strictyaml.Fields{
			"level":  strictyaml.Word(&c.Log.Level, "debug", "info", "warn", "error"),
			"format": strictyaml.Word(&c.Log.Format, "auto", "text", "json"),
		}),
		"telemetry": strictyaml.Object(strictyaml.Fields{
			"otlp":   strictyaml.String(&c.Telemetry.OTLP, urlOf("an OTLP/HTTP receiver", "http://127.0.0.1:4318", "http", "https")),
			"sample": strictyaml.Share(&c.Telemetry.Sample),
		}),
	}).Then(func(v strictyaml.Value) {
		if file, both := v.Key("policyFile"); both && !v.Lacks("policy") {
			file.Report("keep one of the two", "there is a policy in this file as well")
		}
	})
}

// policy compiles the policy that stands in the configuration.
func (l *loader) policy(v strictyaml.Value) {
	if src, ok := v.Section(); ok {
		l.compile(src)
	}
}

// policyFile compiles the policy of another file.
func (l *loader) policyFile(v strictyaml.Value) {
	var path string
	l.path(&path).Read(v)
	if path == "" {
		return
	}
	text, err := readFile(path, policy.MaxBytes)
	if err != nil {
		v.Report("", "cannot read %s: %v", path, err)
		return
	}
	l.compile(strictyaml.Source{File: path, Text: text})
}

func (l *loader) compile(src strictyaml.Source) {
	compiled, err := policy.LoadSource(src)
	var problems *policy.ProblemsError
	switch {
	case errors.As(err, &problems):
		l.policyProblems = append(l.policyProblems, problems.Problems...)
	case err != nil:
		l.policyProblems = append(l.policyProblems, strictyaml.Problem{File: src.File, Message: err.Error()})
	default:
		l.config.Policy = Policy{File: src.File, Text: src.Text, Compiled: compiled}
	}
}
