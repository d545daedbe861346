package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

type replayFlags struct {
	source     sourceFlags
	from, to   string
	subject    string
	policy     string
	speed      float64
	diff, json bool
}

func replayCommand(s Streams) *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:     "replay [SOURCE]",
		GroupID: groupReview,
		Short:   "Play a log again, and compare what it tells with what was told",
		Long: `Play a log again, on the code that a server runs, and print the alerts that it
tells; nothing is published. The log is always played from its beginning, or from
the checkpoint that it goes on from: --from, --to and --subject choose what is
shown. With --policy that policy holds from the beginning, whatever the log says.

With --diff it prints in what that differs from the alerts that were recorded. By the
same policy there is no difference, byte for byte, and the SHA-256 of both streams
says so. By another one each alert that is added, removed, moved or changed is
listed, with the reason. The exit code is 1 where there is a difference.

A replay is strong (the same bytes), weak (the same alerts) or cold (what was there
before is unknown, or time was made up); the reason is told.

` + sourceHelp,
		Example: `  overstay replay --diff                            # the data folder here
  overstay replay march.zst --diff --policy stricter.yaml
  overstay replay march.zst --subject corp:alice --speed 60
  overstay replay events.jsonl --json | jq .data.message`,
		Args: atMostOneSource,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, sourceName(args)) },
	}
	flags := cmd.Flags()
	f.source.addFlags(flags)
	flags.StringVar(&f.from, "from", "", "show from this `position`, or time, on")
	flags.StringVar(&f.to, "to", "", "end with this position, or show what comes before this `time`")
	flags.StringVar(&f.subject, "subject", "", "show what is about this `id`")
	flags.StringVar(&f.policy, "policy", "", "policy `file` instead of the log's")
	flags.Float64Var(&f.speed, "speed", 0, "play so many times as fast as it happened (0: as fast as it goes)")
	flags.BoolVar(&f.diff, "diff", false, "compare with what was recorded")
	flags.BoolVar(&f.json, "json", false, "print JSON: the CloudEvents, or the comparison")
	return cmd
}

// replaying is one replay under way.
type replaying struct {
	*replayFlags
	s        Streams
	src      *pastSource
	from, to place
	other    *correlator.Policy
	told     []review.Told
	printer  alertPrinter
	failed   error
}

func (f *replayFlags) run(ctx context.Context, s Streams, name string) (err error) {
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	r := &replaying{replayFlags: f, s: s, printer: alertPrinter{out: s.Out, errs: s.Err, json: f.json, painter: painter(colourful(s.Out)), chosen: chosen{sealed: true}}}
	if err := r.choose(); err != nil {
		return err
	}
	if r.src, err = f.source.open(ctx, s, name); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.src.Close()) }()
	if f.diff && r.src.Alerts == nil {
		return usagef("leave --diff out", "nothing is recorded in %s to compare with", r.src.Name)
	}
	out, err := r.play(ctx)
	if err != nil {
		return err
	}
	if f.diff {
		return r.compare(ctx, out)
	}
	_, err = fmt.Fprintf(s.Err, "overstay: %s: positions %d to %d, %d told, sha256 %x\noverstay: %s\n",
		harmless(r.src.Name, ""), r.src.After+1, out.Last, out.Told, out.Sum, harmless(r.src.Label.String(), ""))
	return errors.Join(err, r.printer.end())
}

func (r *replaying) choose() (err error) {
	if r.speed < 0 {
		return usagef("", "--speed: %v is less than nothing", r.speed)
	}
	if r.from, err = parsePlace("--from", r.replayFlags.from); err != nil {
		return err
	}
	if r.to, err = parsePlace("--to", r.replayFlags.to); err != nil {
		return err
	}
	r.other, err = otherPolicy(r.policy)
	return err
}

// otherPolicy reads the policy that shall hold instead of the log's; nil for none.
func otherPolicy(file string) (*correlator.Policy, error) {
	if file == "" {
		return nil, nil
	}
	text, err := readPolicy(file)
	if err != nil {
		return nil, err
	}
	p, err := policy.LoadSource(strictyaml.Source{File: file, Text: text})
	if err != nil {
		return nil, failedf("a policy file has what stands under policy: in a configuration, and nothing else; overstay policy check shows the same", "the policy cannot be used:\n%w", err)
	}
	return p, nil
}

func (r *replaying) play(ctx context.Context) (review.Outcome, error) {
	o, err := r.src.Options(ctx)
	if err != nil {
		return review.Outcome{}, err
	}
	st, err := r.src.Log.State(ctx)
	if err != nil {
		return review.Outcome{}, fmt.Errorf("ask the log for its state: %w", err)
	}
	o.Until, o.Policy = min(max(r.to.position, r.src.After), st.Last), r.other
	if r.to.position == 0 {
		o.Until = st.Last
	}
	bar := newProgress(r.s.Err, "replay", "messages", 1)
	pace := &pace{speed: r.speed}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o.Watch = func(m correlator.Message, _ correlator.Result, _ *correlator.View) {
		bar.set(int64(m.Origin.Seq-r.src.After), int64(o.Until-r.src.After))
		pace.wait(ctx, m.Event)
	}
	o.Told = func(e eventlog.Entry) {
		if r.failed == nil {
			if r.failed = r.take(e, bar); r.failed != nil {
				cancel()
			}
		}
	}
	out, err := review.Replay(ctx, o)
	bar.end()
	if r.failed != nil {
		err = r.failed
	}
	return out, err
}

// take prints what is told, or keeps it to compare.
func (r *replaying) take(e eventlog.Entry, bar *progressBar) error {
	t, err := review.ReadTold(e)
	if err != nil {
		return err
	}
	if r.diff {
		r.told = append(r.told, t)
		return nil
	}
	if !r.shows(t) {
		return nil
	}
	bar.end()
	return r.printer.take(eventlog.Message{Position: t.Origin.Seq, Subject: e.Subject, Header: e.Header, Body: e.Body})
}

func (r *replaying) shows(t review.Told) bool {
	return between(r.from, r.to, t) && (r.subject == "" || t.About(events.ID(r.subject)))
}

// compare prints in what the replay differs from what was recorded.
func (r *replaying) compare(ctx context.Context, out review.Outcome) error {
	st, err := r.src.Log.State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its state: %w", err)
	}
	var recorded []review.Told
	if _, err := review.Recorded(ctx, r.src.Alerts, st.ID, r.src.After, out.Last, func(_ eventlog.Message, t review.Told) error {
		recorded = append(recorded, t)
		return nil
	}); err != nil {
		return err
	}
	d := review.Compare(r.src.Label, recorded, r.told, r.other)
	shown := d.Differences[:0]
	for _, diff := range d.Differences {
		if diff.Recorded != nil && r.shows(*diff.Recorded) || diff.Replayed != nil && r.shows(*diff.Replayed) || diff.ID == "" {
			shown = append(shown, diff)
		}
	}
	d.Differences = shown
	filtered := r.subject != "" || !r.from.isZero() || !r.to.isZero()
	if r.json {
		err = writeJSON(r.s.Out, d)
	} else {
		err = printDiff(r.s, d)
	}
	if err == nil && !d.Equal && (len(shown) > 0 || !filtered) {
		err = &failure{exit: Failed, err: errTold}
	}
	return err
}

func printDiff(s Streams, d review.Diff) error {
	p := pagePrinter{w: s.Out}
	p.line("recorded  %d told, sha256 %s", d.Recorded.Told, d.Recorded.SHA256)
	p.line("replayed  %d told, sha256 %s", d.Replayed.Told, d.Replayed.SHA256)
	p.line("%s", harmless(d.Label.String(), ""))
	switch {
	case d.Equal && d.Recorded == d.Replayed:
		p.line("no difference, byte for byte")
	case d.Equal:
		p.line("no difference in state, interval, basis, severity and confidence")
	}
	for _, diff := range d.Differences {
		t := diff.Recorded
		if t == nil {
			t = diff.Replayed
		}
		if t == nil {
			p.line("%-8s %s", diff.Kind, diff.Reason)
			continue
		}
		rule, message := t.Rule, ": "+t.Message
		if rule == "" { // a seal has no rule and no message
			rule, message = "seal", ""
		}
		p.line("%-8s %s %s %s%s", diff.Kind, rule, diff.ID, harmless(string(t.Subject), ""), harmless(message, ""))
		p.line("         position %d; %s", t.Origin.Seq, harmless(diff.Reason, ""))
	}
	return p.err
}

// pace makes a replay take time: so many times as fast as log time went by.
type pace struct {
	speed float64
	at    time.Time
}

func (p *pace) wait(ctx context.Context, ev events.Event) {
	tick, ok := ev.Data.(*events.Tick)
	if p.speed == 0 || !ok {
		return
	}
	if d := tick.Wall.Sub(p.at); !p.at.IsZero() && d > 0 {
		// An interrupted replay ends by its context; what cut the wait short does
		// not matter here.
		_ = sleep(ctx, time.Duration(float64(d)/p.speed))
	}
	p.at = tick.Wall
}
