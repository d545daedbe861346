package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/wholefile"
	"github.com/overstay/overstay/correlator/policy/scenario"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

type testFlags struct {
	json, update, verbose, example bool
}

func testCommand(s Streams) *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:     "test FILE...",
		GroupID: groupRun,
		Short:   "Test a policy with scenarios",
		Long: `Play scenarios and compare the alerts that come with those that are expected: what
comes, when, and nothing else. A scenario is a YAML story of what sources said and
when, under a policy; docs/scenarios.md explains the form. It is played on the code
that a server runs, in an instant: only time is not real.

A folder stands for the *.yaml and *.yml files in it and below, but for policies
that its scenarios name. The exit code is 1 where an expectation was not met, and 2
where a scenario cannot be read: then nothing is played.`,
		Example: `  overstay test --example > orders.yaml    # a scenario to begin with
  overstay test orders.yaml
  overstay test --verbose orders.yaml      # everything that happens, in order
  overstay test --update scenarios/        # write what comes as what is expected
  overstay test --json scenarios/ | jq '.scenarios[] | select(.ok | not)'`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case f.example && len(args) > 0:
				return usagef("overstay test --example > orders.yaml", "--example takes no files")
			case !f.example && len(args) == 0:
				return usagef("overstay test --example shows one", "no scenario is named")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if f.example {
				if _, err := s.Out.Write(scenario.Example()); err != nil {
					return fmt.Errorf("print the example: %w", err)
				}
				return nil
			}
			return f.run(s, args)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.BoolVar(&f.update, "update", false, "rewrite the expectations that are not met, in the files")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print every step and what is told")
	flags.BoolVar(&f.example, "example", false, "print a scenario to begin with, and nothing else")
	return cmd
}

func (f *testFlags) run(s Streams, args []string) error {
	scenarios, problems, err := loadScenarios(args)
	if err != nil {
		return err
	}
	r := testReport{Problems: problems, Scenarios: []testedScenario{}}
	if len(problems) == 0 {
		for _, sc := range scenarios {
			tested, err := f.test(sc)
			if err != nil {
				return err
			}
			r.Scenarios = append(r.Scenarios, tested)
		}
	}
	r.sum()
	if f.json {
		err = writeJSON(s.Out, r)
	} else {
		err = r.print(s.Out, painter(colourful(s.Out)), f.verbose)
	}
	switch {
	case err != nil:
		return fmt.Errorf("print what the scenarios gave: %w", err)
	case len(problems) > 0:
		return usagef("overstay test --example shows a scenario", "%s in the scenarios; none was played", count(len(problems), "problem"))
	case !r.OK:
		return &failure{exit: Failed, err: errTold}
	}
	return nil
}

// test plays one scenario. Where its expectations are rewritten it is read and
// played again, to see that they hold as they are written now.
func (f *testFlags) test(sc *scenario.Scenario) (testedScenario, error) {
	outcome, err := sc.Run()
	if err != nil || outcome.OK() || !f.update {
		return tested(outcome, false), err
	}
	text, err := outcome.Update()
	if err != nil {
		return testedScenario{}, err
	}
	if err := wholefile.Write(sc.File, text); err != nil {
		return testedScenario{}, fmt.Errorf("rewrite the expectations: %w", err)
	}
	if sc, err = scenario.Load(sc.File, text, readRegular); err != nil {
		return testedScenario{}, fmt.Errorf("read what was rewritten: %w", err)
	}
	if outcome, err = sc.Run(); err != nil {
		return testedScenario{}, err
	}
	return tested(outcome, true), nil
}

// loadScenarios reads all files first: what is wrong with any is told at once. The
// error is about the command line.
func loadScenarios(args []string) ([]*scenario.Scenario, []strictyaml.Problem, error) {
	files, err := scenarioFiles(args)
	if err != nil {
		return nil, nil, err
	}
	read := map[string]loaded{}
	var policies []string
	for _, file := range files {
		l := loadScenario(file)
		if l.scenario != nil {
			policies = append(policies, l.scenario.PolicyFiles...)
		}
		read[file.path] = l
	}
	var scenarios []*scenario.Scenario
	problems := []strictyaml.Problem{}
	for _, file := range files {
		l := read[file.path]
		switch {
		case l.scenario != nil:
			scenarios = append(scenarios, l.scenario)
		case file.found && slices.Contains(policies, file.path):
			// A policy beside the scenarios that name it.
		default:
			problems = append(problems, l.problems...)
		}
	}
	return scenarios, problems, nil
}

// loaded is a scenario, or why it is none.
type loaded struct {
	scenario *scenario.Scenario
	problems []strictyaml.Problem
}

func loadScenario(file scenarioFile) loaded {
	path := file.path
	text, err := file.read()
	if err != nil {
		return loaded{problems: []strictyaml.Problem{{File: path, Message: fmt.Sprintf("cannot be read: %v", err)}}}
	}
	sc, err := scenario.Load(path, text, readRegular)
	var wrong *strictyaml.ProblemsError
	switch {
	case errors.As(err, &wrong):
		return loaded{problems: wrong.Problems}
	case err != nil:
		return loaded{problems: []strictyaml.Problem{{File: path, Message: err.Error()}}}
	}
	return loaded{scenario: sc}
}
