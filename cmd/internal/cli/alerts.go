package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

type alertsFlags struct {
	nats, data string
	access     natsAccess
	follow     bool
	json       bool
	severity   string
	rules      []string
	since      string
	sealed     bool
}

func alertsCommand(s Streams) *cobra.Command {
	var f alertsFlags
	cmd := &cobra.Command{
		Use:     "alerts",
		GroupID: groupUse,
		Short:   "Print alerts",
		Long: `Print alerts, one line for each of their revisions, the oldest first. An alert is
raised, updated while it lasts, and resolved or retracted in the end; every
revision says how it stood then. A provisional one waits for a source that is
behind. A line has the time, the severity, the state, the rule and the alert's id,
which explain, ack, suppress and note take; then the message.

It ends with the newest alert, or with --follow waits for more until it is
interrupted. No alert is no proof that all is well: see overstay status.`,
		Example: `  overstay alerts --follow
  overstay alerts --severity high --rule OV-001 --since 24h
  overstay alerts --json | jq .data.message
  overstay alerts --nats tls://nats.example.com:4222 --user siem --password-file secret`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && len(nearCommands(cmd, args[0])) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return noArgs("choose with --rule and --severity")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), s) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.nats, "nats", "", "`URL` of the NATS server (default "+defaultNATS+")")
	flags.StringVar(&f.data, "data", "", "data `folder` of a server on this machine, to find its address")
	f.access.addFlags(flags)
	flags.BoolVarP(&f.follow, "follow", "f", false, "wait for more")
	flags.BoolVar(&f.json, "json", false, "print the CloudEvents as JSON Lines")
	flags.StringVar(&f.severity, "severity", "", "only this `severity` and above")
	flags.StringSliceVar(&f.rules, "rule", nil, "only this `rule`; may be given again")
	flags.StringVar(&f.since, "since", "", "only from this `time` on: 24h ago, or 2026-10-01T00:00:00Z")
	flags.BoolVar(&f.sealed, "sealed", false, "also the statements that all an approval granted has ended")
	complete(cmd, "severity", severityWords())
	complete(cmd, "rule", ruleWords())
	cmd.AddCommand(markCommands(s)...)
	return cmd
}

// complete gives a flag's values to the shell. It fails only for a flag that does
// not exist, which the test of the completions would show.
func complete(cmd *cobra.Command, flag string, values []cobra.Completion) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func severityWords() []cobra.Completion {
	var words []cobra.Completion
	for s := correlator.Informational; s <= correlator.Critical; s++ {
		words = append(words, s.String())
	}
	return words
}

func ruleWords() []cobra.Completion {
	var words []cobra.Completion
	for _, r := range correlator.Rules() {
		words = append(words, cobra.CompletionWithDesc(string(r.ID), r.Title))
	}
	slices.Sort(words) // the core has them in the order in which they are judged
	return words
}

// chosen says which alerts are wanted.
type chosen struct {
	severity correlator.Severity
	rules    []string
	since    time.Time
	sealed   bool
}

func (f *alertsFlags) choice(now time.Time) (chosen, error) {
	c := chosen{rules: f.rules, sealed: f.sealed}
	if f.severity != "" {
		s, ok := correlator.ParseSeverity(f.severity)
		if !ok {
			return c, usagef("one of "+strings.Join(severityWords(), ", "), "--severity: there is no severity %q", f.severity)
		}
		c.severity = s
	}
	for _, id := range f.rules {
		if !slices.Contains(ruleIDs(), id) {
			return c, usagef("one of "+strings.Join(ruleIDs(), ", "), "--rule: there is no rule %q", id)
		}
	}
	if f.since != "" {
		since, err := parseSince(f.since, now)
		if err != nil {
			return c, err
		}
		c.since = since
	}
	return c, nil
}

func ruleIDs() []string {
	var ids []string
	for _, r := range correlator.Rules() {
		ids = append(ids, string(r.ID))
	}
	slices.Sort(ids)
	return ids
}

func parseSince(text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usagef(`write "24h" or "2026-10-01T00:00:00Z"`, "--since: %q is neither a duration nor a time", text)
	}
	return t, nil
}

// wants reports whether an alert is one of the chosen.
func (c chosen) wants(n notice) bool {
	switch {
	case n.Time.Before(c.since):
		return false
	case n.isSeal():
		return c.sealed
	case n.Data.SeverityID < c.severity:
		return false
	}
	return len(c.rules) == 0 || slices.Contains(c.rules, n.Data.Metadata.Rule)
}

func (f *alertsFlags) run(ctx context.Context, s Streams) error {
	c, err := f.choice(time.Now())
	if err != nil {
		return err
	}
	url, err := findServer(f.nats, f.data, defaultNATS, func(e endpoints) string { return e.NATS })
	if err != nil {
		return err
	}
	nc, err := f.access.connect(ctx, url, s.Err)
	if err != nil {
		return err
	}
	defer nc.Close()
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	reader, err := f.tail(ctx, nc)
	if err != nil {
		return err
	}
	p := alertPrinter{out: s.Out, errs: s.Err, json: f.json, painter: painter(colourful(s.Out)), chosen: c}
	err = p.printAll(ctx, reader)
	if ctx.Err() != nil {
		err = nil // an interrupt is how following ends
	}
	return errors.Join(err, reader.Close())
}

func (f *alertsFlags) tail(ctx context.Context, nc *nats.Conn) (eventlog.Reader, error) {
	alerts, err := jetstream.OpenReader(ctx, nc, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, unreachablef("has overstay serve run there, and may this user read it?", "open the alert stream: %w", err)
	}
	o := eventlog.TailOptions{Follow: f.follow, Filter: events.AllAlerts}
	if f.sealed {
		o.Filter = "" // everything in that stream
	}
	reader, err := alerts.Tail(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("read the alert stream: %w", err)
	}
	return reader, nil
}

// printAll prints what is wanted until the reader or ctx ends.
func (p *alertPrinter) printAll(ctx context.Context, r eventlog.Reader) error {
	for {
		m, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return p.end()
		}
		if err != nil {
			return fmt.Errorf("read the alert stream: %w", err)
		}
		if err := p.take(m); err != nil {
			return err
		}
	}
}
