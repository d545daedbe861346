package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// scenarioFile is a file to play; found says that a folder was named, not it.
type scenarioFile struct {
	path  string
	found bool
}

// scenarioFiles are the files that the arguments name: as they are, by a pattern
// that no shell has resolved, or by a folder.
func scenarioFiles(args []string) ([]scenarioFile, error) {
	var out []scenarioFile
	add := func(f scenarioFile) {
		if !slices.ContainsFunc(out, func(have scenarioFile) bool { return have.path == f.path }) {
			out = append(out, f)
		}
	}
	for _, arg := range args {
		paths := []string{arg}
		if _, err := os.Stat(arg); err != nil && strings.ContainsAny(arg, "*?[") {
			matches, err := filepath.Glob(arg)
			if err != nil {
				return nil, usagef("", "%q is no pattern: %w", arg, err)
			}
			if len(matches) == 0 {
				return nil, usagef("", "no file matches %q", arg)
			}
			paths = matches
		}
		for _, path := range paths {
			below, err := scenariosBelow(path)
			if err != nil {
				return nil, err
			}
			for _, f := range below {
				add(f)
			}
		}
	}
	return out, nil
}

func scenariosBelow(path string) ([]scenarioFile, error) {
	path = filepath.Clean(path)
	status, err := os.Stat(path)
	if err != nil {
		return nil, usagef("", "the scenario cannot be read: %w", err)
	}
	if !status.IsDir() {
		return []scenarioFile{{path: path}}, nil
	}
	var out []scenarioFile
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(p); err == nil && !d.IsDir() && (ext == ".yaml" || ext == ".yml") {
			out = append(out, scenarioFile{p, true})
		}
		return err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for scenarios in %s: %w", path, err)
	case len(out) == 0:
		return nil, usagef("scenarios are *.yaml and *.yml files", "there is no scenario in %s", path)
	}
	return out, nil
}

// read reads a file to play. One that was named may be a pipe, such as a shell makes of
// a command; nothing is read without end.
func (f scenarioFile) read() ([]byte, error) {
	if f.found {
		return readRegular(f.path)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, strictyaml.MaxBytes+1)) // one too many is refused
}

// readRegular reads a file that lies on a disk. Opening a pipe would wait for whoever
// writes into it, and what a device gives may have no end.
func readRegular(path string) ([]byte, error) {
	status, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !status.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return os.ReadFile(path)
}
