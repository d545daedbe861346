package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/secret"
)

// The exit codes. Scripts rest on them: docs/cli.md.
const (
	Done        = 0
	Failed      = 1 // it was tried and did not succeed, or not for everything
	Usage       = 2 // the command line, or a scenario that it names, is wrong; nothing was tried
	Unreachable = 3 // the server is not there or lets nobody in
	Pending     = 4 // what was asked for is in the log; not all that follows from it was told in time
)

// failure is an error with its exit code and what to do about it.
type failure struct {
	exit int
	hint string
	err  error
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

func usagef(hint, format string, args ...any) error {
	return &failure{Usage, hint, fmt.Errorf(format, args...)}
}

func failedf(hint, format string, args ...any) error {
	return &failure{Failed, hint, fmt.Errorf(format, args...)}
}

func unreachablef(hint, format string, args ...any) error {
	return &failure{Unreachable, hint, fmt.Errorf(format, args...)}
}

func pendingf(hint, format string, args ...any) error {
	return &failure{Pending, hint, fmt.Errorf(format, args...)}
}

// errTold ends a command whose output has said already what is wrong.
var errTold = errors.New("")

// report tells an error to a person and gives its exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return Done
	}
	exit, hint := Failed, ""
	var f *failure
	var refused *secret.Error
	var flag *config.FlagError
	switch {
	case errors.As(err, &f):
		exit, hint = f.exit, f.hint
	case errors.As(err, &flag):
		exit, hint = Usage, flag.Hint
	case errors.As(err, &refused):
		hint = refused.Hint
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	}
	if !errors.Is(err, errTold) {
		// A failure to write to the standard error cannot be told anywhere.
		_, _ = fmt.Fprintf(w, "overstay: %s\n", harmless(err.Error(), "\n"))
		if hint != "" {
			_, _ = fmt.Fprintf(w, "hint: %s\n", hint)
		}
	}
	return exit
}
