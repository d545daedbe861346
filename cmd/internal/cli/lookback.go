package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
)

// lookBack is what the commands that ask something of the past have in common.
type lookBack struct {
	source          sourceFlags
	knownAt, policy string
	json            bool
}

func (l *lookBack) addFlags(flags *pflag.FlagSet) {
	l.source.addFlags(flags)
	l.source.addServer(flags)
	flags.StringVar(&l.knownAt, "known-at", "", "as it was known at this `time`; what came in later does not count")
	flags.StringVar(&l.policy, "policy", "", "policy `file` instead of the log's; plain events have none")
	flags.BoolVar(&l.json, "json", false, "print JSON")
}

// ask has the server that was named answer a question, or opens the SOURCE and answers
// it here, and prints what text makes of the answer, or JSON.
func ask[A any](ctx context.Context, s Streams, l *lookBack, name, what string, q question, here func(context.Context, *review.Source, time.Time) (A, error), text func(*passage, A)) (err error) {
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	known, err := parseMoment("--known-at", l.knownAt)
	if err != nil {
		return err
	}
	other, err := otherPolicy(l.policy)
	if err != nil {
		return err
	}
	q.params["knownAt"] = asMoment(known)
	var answer A
	asked, err := l.source.remotely(ctx, name, l.policy, q, &answer)
	if !asked {
		answer, err = answerHere(ctx, s, l, name, what, func(ctx context.Context, src *review.Source) (A, error) {
			src.Policy = other
			return here(ctx, src, known)
		})
	}
	if err != nil {
		return err
	}
	if l.json {
		return writeJSON(s.Out, answer)
	}
	p := &passage{pagePrinter: pagePrinter{w: s.Out}, painter: painter(colourful(s.Out))}
	text(p, answer)
	return p.err
}

// answerHere answers a question from a SOURCE.
func answerHere[A any](ctx context.Context, s Streams, l *lookBack, name, what string, here func(context.Context, *review.Source) (A, error)) (answer A, err error) {
	src, err := l.source.open(ctx, s, name)
	if err != nil {
		return answer, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	bar := newProgress(s.Err, what, "messages", 1)
	src.Progress = func(done, all uint64) { bar.set(int64(done), int64(all)) }
	answer, err = here(ctx, &src.Source)
	bar.end()
	if err != nil {
		err = notThere(src.Name, err)
	}
	return answer, err
}

// notThere tells what the log has nothing of.
func notThere(source string, err error) error {
	var unknown *review.UnknownError
	var early *review.BeforeLogError
	switch {
	case errors.As(err, &early):
		return usagef("give a later --known-at", "%s: %w", harmless(source, ""), early)
	case !errors.As(err, &unknown):
		return err
	case unknown.Several:
		return usagef("give more of it", "%s: several alerts begin with %q: %s", harmless(source, ""), unknown.Name, strings.Join(unknown.Near, ", "))
	}
	return failedf(namingHint(unknown.What, unknown.Near), "%s: there is no %s %q", harmless(source, ""), unknown.What, unknown.Name)
}

// namingHint says what may have been meant by a name that is not known, or else which
// command tells the names of such things.
func namingHint(what string, near []string) string {
	if len(near) > 0 {
		return "did you mean " + harmless(strings.Join(near, " or "), "") + "?"
	}
	switch what {
	case "subject":
		return "overstay alerts names those that alerts are about, and overstay asof --at TIME those who could act"
	case "approval":
		return "overstay report --table approvals names them"
	case "alert":
		return "overstay alerts names them"
	}
	return "overstay alerts and overstay status name what there is"
}

func parseMoment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usagef(`write "2026-10-01T00:00:00Z"`, "%s: %q is no time", flag, text)
	}
	return t.UTC(), nil
}

// parseScope reads a scope as it is printed: SYSTEM RESOURCE as ROLE. The resource and
// the role may be patterns in which * is any run of characters; left out they are all.
func parseScope(text string) (correlator.ScopePattern, error) {
	var p correlator.ScopePattern
	rest, role, as := strings.Cut(text, " as ")
	if p.Role = strings.TrimSpace(role); as && p.Role == "" {
		return p, usagef(`write "SYSTEM", "SYSTEM RESOURCE" or "SYSTEM RESOURCE as ROLE"`, "--scope: %q ends where a role should be", text)
	}
	system, resource, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if p.System, p.Resource = system, strings.TrimSpace(resource); p.System == "" && text != "" {
		return p, usagef(`write "SYSTEM", "SYSTEM RESOURCE" or "SYSTEM RESOURCE as ROLE"`, "--scope: %q names no system", text)
	}
	return p, nil
}

// atMost refuses more arguments than a command takes.
func atMost(most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > most {
			return usagef(what, "%s takes %s at most, and %d are given", cmd.CommandPath(), count(most, "argument"), len(args))
		}
		return nil
	}
}

// passage is text for a terminal of 80 columns.
type passage struct {
	pagePrinter
	painter painter
}

const passageWidth = 80

// say prints text after an indent, and goes on under its beginning where the line is
// full. A word that is longer than a line stays whole: it is an id, to be copied.
func (p *passage) say(indent int, format string, args ...any) {
	line := strings.Repeat(" ", indent)
	full := false
	for i, word := range strings.Fields(shortTimes(fmt.Sprintf(format, args...))) {
		if i == 0 && (word == "-" || word == "->") {
			indent += len(word) + 1
		}
		if full && len([]rune(line))+1+len([]rune(word)) > passageWidth {
			p.line("%s", line)
			line, full = strings.Repeat(" ", indent), false
		}
		if full {
			line += " "
		}
		line, full = line+word, true
	}
	p.line("%s", line)
}

// head prints a line that stands out.
func (p *passage) head(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, p.painter.paint(bold, harmless(fmt.Sprintf(format, args...), "")))
	}
}

// shortTimes leaves the milliseconds of whole seconds out.
func shortTimes(text string) string { return strings.ReplaceAll(text, ".000Z", "Z") }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// foot ends the passage with what it was made from.
func (p *passage) foot(known time.Time, position uint64, label review.Label) {
	p.line("")
	p.say(0, "As known at %s, position %d; %s", stamp(known), position, label)
}
