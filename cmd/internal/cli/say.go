package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
)

const (
	// sayLimit bounds the time in which the log must have taken what is said.
	sayLimit = 30 * time.Second
	// toldLimit is how long what follows from it is waited for, where nobody says
	// otherwise: long enough for a policy that takes over a great many accesses.
	toldLimit = time.Minute
	// toldEvery is the time after which a person is told what is waited for.
	toldEvery = 2 * time.Second
)

// speaker is what a command needs by which an operator says something to the
// server that runs on the data folder.
type speaker struct {
	offline
	wait time.Duration
	json bool
	// nothing is what is printed where no alert changed.
	nothing string
}

func (k *speaker) addFlags(cmd *cobra.Command) {
	k.offline.addFlags(cmd)
	cmd.Flags().DurationVar(&k.wait, "wait", toldLimit, "how `long` to wait until all that follows from it is told")
	cmd.Flags().BoolVar(&k.json, "json", false, "print JSON")
}

// say has the log take what an operator says, waits until all that follows from it
// is told, and prints how that went; done is the line about the former.
func (k *speaker) say(cmd *cobra.Command, s Streams, path string, body io.Reader, done func(app.Spoken) string) error {
	o, err := k.options(s)
	if err != nil {
		return err
	}
	ctx, release := interruptible(cmd.Context())
	defer release()
	var out app.Spoken
	posting, cancel := context.WithTimeout(ctx, sayLimit)
	defer cancel()
	err = app.Ask(posting, o.Config.DataDir, http.MethodPost, path, body, &out)
	if errors.Is(err, context.DeadlineExceeded) {
		return failedf("overstay status says how the server is; overstay policy show says which policy is in force",
			"the log did not take it within %s: whether it is in the log is not known", sayLimit)
	}
	if err != nil {
		return explainServer(err)
	}
	var late error
	if !out.Unchanged {
		out.Consequences, late = k.awaitTold(ctx, s, o.Config.DataDir, out)
	}
	if k.json {
		return errors.Join(writeJSON(s.Out, out), late)
	}
	p := pagePrinter{w: s.Out}
	p.line("%s", done(out))
	if !out.Unchanged {
		printTold(&p, out, orElse(k.nothing, "no alert changed"))
	}
	return errors.Join(p.err, late)
}

// awaitTold waits, within bounds, until all that follows from what was said is
// told. What it was asked for is in the log by then: its errors say so.
func (k *speaker) awaitTold(ctx context.Context, s Streams, dataDir string, said app.Spoken) (app.Consequences, error) {
	ends := time.Now().Add(k.wait)
	told := ""
	for {
		left := time.Until(ends)
		asked, cancel := context.WithTimeout(ctx, sayLimit)
		out, err := app.AskTold(asked, dataDir, said, max(min(left, toldEvery), 0))
		cancel()
		const inLog = "it is in the log, at position %d, and need not be said again; "
		switch {
		case ctx.Err() != nil:
			return out, pendingf("overstay status says how far the server is", inLog+"interrupted while what follows from it was waited for", said.Position)
		case err != nil:
			return out, pendingf("overstay status says how the server is", inLog+"what follows from it is not known: %w", said.Position, err)
		case out.Waiting == "":
			return out, nil
		case left <= toldEvery:
			return out, pendingf(orElse(out.Hint, "overstay status says how far the server is; --wait waits longer"),
				inLog+"within %s not all that follows from it was told: %s", said.Position, k.wait, out.Waiting)
		}
		if out.Waiting != told {
			told = out.Waiting
			// It is a courtesy.
			_, _ = fmt.Fprintf(s.Err, "overstay: it is in the log, at position %d; waiting until what follows from it is told: %s\n", said.Position, harmless(told, ""))
		}
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// explainServer adds what to do to the errors of asking the server on a data folder.
func explainServer(err error) error {
	var none *app.NoServerError
	if errors.As(err, &none) {
		return failedf("start it with overstay serve, or name its folder with --data or --config", "%w", err)
	}
	return err
}
