package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/correlator/review/draw"
	"github.com/overstay/overstay/events"
)

type timelineFlags struct {
	source                   sourceFlags
	subject, alert, approval string
	from, to                 string
	format, out, policy      string
}

// timelineFormats are the forms of a time line, the usual one first.
var timelineFormats = []struct{ name, what string }{
	{"text", "for a terminal of 80 columns"},
	{"svg", "a picture for light and dark pages"},
	{"html", "a page that needs nothing but itself"},
	{"json", "what the others are made of"},
	{"timesketch", "JSON Lines that Timesketch imports"},
	{formatScenario, "a story that overstay test plays, with what it must tell"},
}

const formatScenario = "scenario"

func timelineCommand(s Streams) *cobra.Command {
	var f timelineFlags
	cmd := &cobra.Command{
		Use:     "timeline [SOURCE]",
		GroupID: groupReview,
		Short:   "Show what one person held and did, in time",
		Long: `Show on one axis of time what a person or a workload held, under all of its ids and
in all systems: approvals with their windows, sessions, leases and memberships, each
use, and the alerts. What outlived its approval is red; an end that nobody saw is
hatched; what came late says when it was known. Every mark names its event and its
position in the log.

It is about one subject (any id of it), one alert with the accesses that it is about,
or one approval with all that it covers.

As a scenario it is what was said of it, when, and under which policy, with the
alerts that follow: overstay test plays it again under this policy, or another. What
of the alerts is then told otherwise than in the log is named.

` + sourceHelp,
		Example: `  overstay timeline --subject corp:alice
  overstay timeline march.zst --alert 3f0c9d5e --format html -o incident.html
  overstay timeline --approval REQ-2041 --format svg > incident.svg
  overstay timeline --subject corp:alice --from 2026-03-02T09:00:00Z --to 2026-03-02T11:00:00Z
  overstay timeline --subject corp:alice --format timesketch -o alice.jsonl
  overstay timeline --alert 3f0c9d5e --format scenario -o incident.yaml && overstay test incident.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("one at a time", "%s takes one SOURCE, and %d are given", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), s, strings.Join(args, ""))
		},
	}
	flags := cmd.Flags()
	f.source.addFlags(flags)
	f.source.addServer(flags)
	flags.StringVar(&f.subject, "subject", "", "one `id` of the person or workload")
	flags.StringVar(&f.alert, "alert", "", "`id` of an alert, or its beginning")
	flags.StringVar(&f.approval, "approval", "", "`id` of an approval")
	flags.StringVar(&f.from, "from", "", "show from this `time`, or position of the log, on")
	flags.StringVar(&f.to, "to", "", "show up to this `time`, or position of the log")
	flags.StringVar(&f.policy, "policy", "", "policy `file` instead of the log's; plain events have none")
	flags.StringVar(&f.format, "format", timelineFormats[0].name, "`form`: "+strings.Join(formatNames(), ", "))
	flags.StringVarP(&f.out, "out", "o", "", "`file` to write to")
	var words []cobra.Completion
	for _, t := range timelineFormats {
		words = append(words, cobra.CompletionWithDesc(t.name, t.what))
	}
	complete(cmd, "format", words)
	return cmd
}

func formatNames() []string {
	var names []string
	for _, t := range timelineFormats {
		names = append(names, t.name)
	}
	return names
}

func (f *timelineFlags) run(ctx context.Context, s Streams, name string) (err error) {
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	if !slices.Contains(formatNames(), f.format) {
		return usagef("one of "+strings.Join(formatNames(), ", "), "--format: there is no form %q", f.format)
	}
	if _, err := os.Lstat(f.out); f.out != "" && err == nil {
		return usagef("choose another name", "%s is there already", f.out)
	}
	var given []string
	for _, flag := range []struct{ name, value string }{{"--subject", f.subject}, {"--alert", f.alert}, {"--approval", f.approval}} {
		if flag.value != "" {
			given = append(given, flag.name)
		}
	}
	switch len(given) {
	case 0:
		return usagef("--subject, --alert or --approval", "say what the time line is about")
	case 1:
	default:
		return usagef("a time line is about one thing", "%s are both given", strings.Join(given[:2], " and "))
	}
	from, err := parsePlace("--from", f.from)
	if err != nil {
		return err
	}
	to, err := parsePlace("--to", f.to)
	if err != nil {
		return err
	}
	q := review.TimelineQuery{Subject: events.ID(f.subject), Alert: f.alert, Approval: f.approval}
	if q.Policy, err = otherPolicy(f.policy); err != nil {
		return err
	}
	if f.source.server != "" {
		if f.format == formatScenario {
			return usagef("export the log, and look back on the archive", "a scenario is made of a SOURCE, and --server is given")
		}
		return f.askServer(ctx, s, name, from, to)
	}
	src, err := f.source.open(ctx, s, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	if q.From, err = from.time(ctx, "--from", src); err != nil {
		return err
	}
	if q.To, err = to.time(ctx, "--to", src); err != nil {
		return err
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return usagef("", "--to, %s, is not after --from, %s", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	}
	h, err := f.history(ctx, s, src, q)
	if err != nil {
		return err
	}
	if f.format == formatScenario {
		return f.writeScenario(ctx, s, src, h)
	}
	return f.write(s, h)
}

// askServer has a server make the history.
func (f *timelineFlags) askServer(ctx context.Context, s Streams, name string, from, to place) error {
	if from.position > 0 || to.position > 0 {
		return usagef(`write "2026-10-01T00:00:00Z"`, "a server is asked for times, and --from or --to is a position")
	}
	var h review.History
	q := question{"/v1/timeline", map[string]string{
		"subject": f.subject, "alert": f.alert, "approval": f.approval, "from": asMoment(from.at), "to": asMoment(to.at),
	}}
	if _, err := f.source.remotely(ctx, name, f.policy, q, &h); err != nil {
		return err
	}
	return f.write(s, &h)
}

// history plays the log under a progress bar.
func (f *timelineFlags) history(ctx context.Context, s Streams, src *pastSource, q review.TimelineQuery) (*review.History, error) {
	bar := newProgress(s.Err, "time line", "messages", 1)
	h, err := review.Timeline(ctx, &src.Source, q, func(done, all uint64) { bar.set(int64(done), int64(all)) })
	bar.end()
	if err != nil {
		return nil, notThere(src.Name, err)
	}
	return h, nil
}

// write writes a history in its form.
func (f *timelineFlags) write(s Streams, h *review.History) error {
	if f.out == "" {
		return f.draw(s.Out, h, colourful(s.Out))
	}
	return writeNew(f.out, func(w io.Writer) error { return f.draw(w, h, false) })
}

func (f *timelineFlags) draw(w io.Writer, h *review.History, colours bool) error {
	switch f.format {
	case "svg":
		return draw.SVG(w, h)
	case "html":
		return draw.HTML(w, h)
	case "json":
		return draw.JSON(w, h)
	case "timesketch":
		return draw.Timesketch(w, h)
	}
	return draw.Text(w, h, colours)
}
