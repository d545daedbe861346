package cli

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

type explainFlags struct {
	lookBack
	subject, at, scope string
	facts              bool
	most               int
}

func explainCommand(s Streams) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:     "explain [ALERT] [SOURCE]",
		GroupID: groupReview,
		Short:   "Say why an alert was told, or why there is none",
		Long: `Say why an alert says what it says: what it rests on, in the order of the log, with
what each message changed (a window opened, an access was covered, the cover ended,
whom it waited for and until when, what was told), its events and positions, and what
would have kept it from being told. That is proven: from right before it was told the
log is played on as if an event had come in earlier, an end had been seen or an
approval extended, and only what then keeps it from being told is named.

With --subject and --at it says of each access that somebody held then whether an
alert tells of it, and why not where none does: covered by what, within grace, due
when, waiting for whom, suppressed, a rule that is off, or not judged for what reason.

ALERT is the id of an alert, or its beginning. ` + sourceHelp,
		Example: `  overstay explain 3f0c9d5e
  overstay explain 3f0c9d5e march.zst --json
  overstay explain --subject corp:alice --at 2026-03-02T10:05:00Z
  overstay explain march.zst --subject corp:alice --at 2026-03-02T10:05:00Z --scope "db/prod as dba"
  overstay explain --subject corp:alice --at 2026-03-02T10:05:00Z --known-at 2026-03-02T10:05:10Z`,
		Args: atMost(2, "ALERT and SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) },
	}
	flags := cmd.Flags()
	f.addFlags(flags)
	flags.StringVar(&f.subject, "subject", "", "any `id` of a person or workload")
	flags.StringVar(&f.at, "at", "", "at this `time`; with --subject")
	flags.StringVar(&f.scope, "scope", "", "only on this `scope`, as it is printed; with --subject")
	flags.IntVar(&f.most, "accesses", 8, "follow so many of an alert's accesses, 1 to 1000")
	flags.BoolVar(&f.facts, "facts-only", false, "leave out what would have kept it from being told")
	return cmd
}

func (f *explainFlags) run(ctx context.Context, s Streams, args []string) error {
	if f.subject == "" {
		switch {
		case f.at != "" || f.scope != "":
			return usagef("add --subject", "--at and --scope are of a subject")
		case len(args) == 0:
			return usagef("an alert's id, or --subject and --at", "say what is to be explained")
		}
		if f.most < 1 || f.most > 1000 {
			return usagef("1 to 1000", "--accesses %d", f.most)
		}
		q := question{"/v1/alerts/" + url.PathEscape(args[0]) + "/explain", map[string]string{"limit": strconv.Itoa(f.most)}}
		if f.facts {
			q.params["factsOnly"] = "true"
		}
		return ask(ctx, s, &f.lookBack, strings.Join(args[1:], ""), "explain", q, func(ctx context.Context, src *review.Source, known time.Time) (review.Explanation, error) {
			return review.Explain(ctx, src, review.AlertQuery{Alert: args[0], KnownAt: known, NoCounterfactual: f.facts, Most: f.most})
		}, printExplanation)
	}
	if len(args) > 1 {
		return usagef("leave the alert or --subject out", "an alert and a subject are both given")
	}
	at, err := parseMoment("--at", f.at)
	if err != nil {
		return err
	}
	if at.IsZero() {
		return usagef("add --at", "when did %s hold what is to be explained?", harmless(f.subject, ""))
	}
	scope, err := parseScope(f.scope)
	if err != nil {
		return err
	}
	q := question{"/v1/explain", map[string]string{"subject": f.subject, "at": asMoment(at)}}
	return ask(ctx, s, &f.lookBack, strings.Join(args, ""), "explain", q.about(scope), func(ctx context.Context, src *review.Source, known time.Time) (review.SubjectAnswer, error) {
		return review.ExplainSubject(ctx, src, review.SubjectQuery{Subject: events.ID(f.subject), At: at, KnownAt: known, Scope: scope})
	}, printSubject)
}

func printExplanation(p *passage, e review.Explanation) {
	p.say(0, "%s %s: %s, %s", e.Rule, e.Title, e.State, e.Severity)
	p.say(0, "%s", e.Message)
	p.line("")
	p.line("alert     %s", e.Alert)
	if e.Approval != "" {
		p.line("approval  %s", e.Approval)
	}
	p.line("policy    %s", e.Policy)
	for _, a := range e.Accesses {
		p.line("about     %s", held(a))
	}
	if e.More > 0 {
		p.line("          and %d more: --accesses %d follows them too", e.More, min(len(e.Accesses)+e.More, 1000))
	}
	p.line("")
	p.line("What it rests on, in the order of the log:")
	for _, step := range e.Steps {
		p.line("")
		p.head("%8d  %s  %s", step.Position, stamp(step.LogTime), step.Type)
		if step.Event != "" {
			p.say(10, "%s, happened %s", step.Event, stamp(step.At))
		}
		for _, c := range step.Changes {
			switch c.Kind {
			case review.ChangeTold:
				p.say(10, "-> %s", c.Text)
			default:
				p.say(10, "%s: %s", c.Of, c.Text)
			}
		}
	}
	printCounterfactuals(p, e)
	p.foot(e.KnownAt, e.Position, e.Label)
}

func printCounterfactuals(p *passage, e review.Explanation) {
	p.line("")
	switch {
	case len(e.Counterfactuals) > 0:
		p.say(0, "What would have kept it from being told, as %s showed:", count(e.Tried, "replay"))
	case e.Tried > 0:
		p.say(0, "Nothing was found that would have kept it from being told: %s showed it all the same.", count(e.Tried, "replay"))
	default:
		p.say(0, "Nothing was tried that would have kept it from being told.")
	}
	for _, c := range e.Counterfactuals {
		p.say(2, "- %s", c.Statement)
	}
}

// held names an access.
func held(a review.Access) string {
	out := string(a.Kind) + " " + a.ID
	if !a.Scope.IsZero() {
		out += " on " + a.Scope.String()
	}
	return out + " of " + a.Source
}

func printSubject(p *passage, a review.SubjectAnswer) {
	who := string(a.Subject)
	p.say(0, "%s at %s", who, stamp(a.At))
	if len(a.Person) > 1 {
		p.say(0, "also %s", ids(a.Person, a.Subject))
	}
	if len(a.Accesses) == 0 {
		p.line("")
		p.say(0, "No access of %s is known at that time.", who)
		if a.Nearest != nil {
			p.say(0, "The nearest of those at other times (%d) is %s, held %s.", a.Elsewhen, held(*a.Nearest), span(*a.Nearest))
		}
	}
	for _, x := range a.Accesses {
		p.line("")
		printHolding(p, x.Holding)
		p.say(4, "%s", x.Why)
	}
	p.foot(a.KnownAt, a.Position, a.Label)
}

// ids lists those of a person but one.
func ids(person []events.ID, but events.ID) string {
	var out []string
	for _, id := range person {
		if id != but {
			out = append(out, string(id))
		}
	}
	return strings.Join(out, ", ")
}
