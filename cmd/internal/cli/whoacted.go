package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

type whoActedFlags struct {
	lookBack
	from, to, subject, scope string
}

func whoActedCommand(s Streams) *cobra.Command {
	var f whoActedFlags
	cmd := &cobra.Command{
		Use:     "who-acted [SOURCE]",
		GroupID: groupReview,
		Short:   "Say who acted in a range of time",
		Long: `Say who acted: every use of an access that a source reported, and every beginning
and end of a session, with the access that was used, who holds it, what makes that
one the same person as others, and what covered the access then.

--from and --to bound when it happened, --to left out. What no source reports is not
there: overstay status says who reports.

` + sourceHelp,
		Example: `  overstay who-acted --from 2026-03-02T10:00:00Z --to 2026-03-02T11:00:00Z
  overstay who-acted march.zst --subject corp:alice
  overstay who-acted --from 2026-03-02T10:00:00Z --scope "db/prod as dba" --json | jq .acts`,
		Args: atMost(1, "one SOURCE at a time"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, strings.Join(args, "")) },
	}
	flags := cmd.Flags()
	f.addFlags(flags)
	flags.StringVar(&f.from, "from", "", "from this `time` on")
	flags.StringVar(&f.to, "to", "", "before this `time`")
	flags.StringVar(&f.subject, "subject", "", "only this person or workload, by any `id`")
	flags.StringVar(&f.scope, "scope", "", "only on this `scope`, as it is printed: SYSTEM RESOURCE as ROLE, with * for any")
	return cmd
}

func (f *whoActedFlags) run(ctx context.Context, s Streams, name string) error {
	from, err := parseMoment("--from", f.from)
	if err != nil {
		return err
	}
	to, err := parseMoment("--to", f.to)
	if err != nil {
		return err
	}
	if !to.IsZero() && !from.Before(to) {
		return usagef("", "--to, %s, is not after --from, %s", stamp(to), stamp(from))
	}
	scope, err := parseScope(f.scope)
	if err != nil {
		return err
	}
	q := question{"/v1/who-acted", map[string]string{"from": asMoment(from), "to": asMoment(to), "subject": f.subject}}
	return ask(ctx, s, &f.lookBack, name, "who acted", q.about(scope), func(ctx context.Context, src *review.Source, known time.Time) (review.ActedAnswer, error) {
		return review.WhoActed(ctx, src, review.ActedQuery{From: from, To: to, KnownAt: known, Subject: events.ID(f.subject), Scope: scope})
	}, printActed)
}

func printActed(p *passage, a review.ActedAnswer) {
	if len(a.Acts) == 0 {
		p.say(0, "Nobody acted, as far as any source says.")
	}
	for i, act := range a.Acts {
		if i > 0 {
			p.line("")
		}
		who := string(act.Access.Subject)
		switch {
		case who == "" && act.As != "":
			who = string(act.As)
		case who == "":
			who = "somebody"
		}
		p.head("%s  %s  %s", stamp(act.At), act.What, who)
		p.say(2, "%s, position %d", act.Event, act.Position)
		p.say(2, "%s", held(act.Access))
		if act.As != "" && act.As != act.Access.Subject {
			p.say(2, "as %s", act.As)
		}
		if act.Workload != "" {
			p.say(2, "by workload %s", act.Workload)
		}
		for _, t := range act.Joined {
			p.say(2, "%s is %s: %s by %s", t.A, t.B, t.How, t.By)
		}
		if !act.Held {
			p.say(2, "not known to be held then")
		} else {
			p.say(2, "%s", act.Judgement)
		}
		for _, c := range act.Under {
			p.say(4, "%s", window(c))
		}
		for _, id := range act.Alerts {
			p.say(2, "alert %s", id)
		}
	}
	p.foot(a.KnownAt, a.Position, a.Label)
}
