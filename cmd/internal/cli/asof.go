package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

type asOfFlags struct {
	lookBack
	at, subject, scope, entitlement string
}

func asOfCommand(s Streams) *cobra.Command {
	var f asOfFlags
	cmd := &cobra.Command{
		Use:     "asof [SOURCE]",
		GroupID: groupReview,
		Short:   "Say who could act at a time",
		Long: `Say who could act at a time: each session, lease and membership that was held then,
by which path it came to be, under which approval, and what it was: covered, exposed,
baseline, or unjudged with the reason.

There are two times. --at is when somebody could act; --known-at is what was known of
it: nothing that came into the log later counts. Without it everything does that is
known by now.

` + sourceHelp,
		Example: `  overstay asof --at 2026-03-02T10:05:00Z
  overstay asof march.zst --at 2026-03-02T10:05:00Z --scope "db/prod as dba"
  overstay asof --at 2026-03-02T10:05:00Z --known-at 2026-03-02T10:05:00Z --subject corp:alice
  overstay asof --at 2026-03-02T10:05:00Z --entitlement prod-db --json | jq .holdings`,
		Args: atMost(1, "one SOURCE at a time"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, strings.Join(args, "")) },
	}
	flags := cmd.Flags()
	f.addFlags(flags)
	flags.StringVar(&f.at, "at", "", "who could act at this `time`")
	flags.StringVar(&f.subject, "subject", "", "only this person or workload, by any `id`")
	flags.StringVar(&f.scope, "scope", "", "only on this `scope`, as it is printed: SYSTEM RESOURCE as ROLE, with * for any")
	flags.StringVar(&f.entitlement, "entitlement", "", "only under this `name` of a right in the policy")
	return cmd
}

func (f *asOfFlags) run(ctx context.Context, s Streams, name string) error {
	at, err := parseMoment("--at", f.at)
	if err != nil {
		return err
	}
	if at.IsZero() {
		return usagef("add --at", "say when")
	}
	scope, err := parseScope(f.scope)
	if err != nil {
		return err
	}
	q := question{"/v1/asof", map[string]string{"at": asMoment(at), "subject": f.subject, "entitlement": f.entitlement}}
	return ask(ctx, s, &f.lookBack, name, "as of", q.about(scope), func(ctx context.Context, src *review.Source, known time.Time) (review.AsOfAnswer, error) {
		return review.AsOf(ctx, src, review.AsOfQuery{At: at, KnownAt: known, Subject: events.ID(f.subject), Scope: scope, Entitlement: f.entitlement})
	}, printAsOf)
}

func printAsOf(p *passage, a review.AsOfAnswer) {
	p.say(0, "Who could act at %s", stamp(a.At))
	if len(a.Holdings) == 0 {
		p.line("")
		p.say(0, "Nobody, as far as what was asked for is known.")
	}
	who := events.ID("")
	for _, h := range a.Holdings {
		p.line("")
		if h.Access.Subject != who {
			who = h.Access.Subject
			name := string(who)
			if others := ids(h.Access.Person, who); others != "" {
				name += " (" + others + ")"
			}
			p.head("%s", name)
		}
		printHolding(p, h)
	}
	p.foot(a.KnownAt, a.Position, a.Label)
}

// printHolding says of an access that was held what it was.
func printHolding(p *passage, h review.Holding) {
	a := h.Access
	p.say(2, "%s", held(a))
	p.say(4, "held %s", span(a))
	if h.Perhaps != "" {
		p.say(4, "perhaps: %s", h.Perhaps)
	}
	for _, step := range a.Path {
		p.say(4, "from %s %s of %s (%s)", step.Kind, step.ID, step.Source, step.Edge)
	}
	p.say(4, "%s", h.Judgement)
	for _, c := range h.Under {
		p.say(6, "%s", window(c))
	}
	if h.After != nil {
		p.say(6, "behind the end of: %s", window(*h.After))
	}
}

// span says when an access was held, with the events.
func span(a review.Access) string {
	from := "from " + stamp(a.From)
	if a.Unseen {
		from = "from before " + stamp(a.From)
	}
	out := from + cited(a.Began)
	if a.To.IsZero() {
		return out + ", still"
	}
	out += " to " + stamp(a.To) + ", " + string(a.Basis)
	if a.Ended != nil {
		out += cited(*a.Ended)
	}
	return out
}

// cited is where an event stands.
func cited(c review.Cited) string {
	switch {
	case c.Event == "":
		return ""
	case c.Position == 0:
		return fmt.Sprintf(" (%s)", c.Event)
	}
	return fmt.Sprintf(" (%s, position %d)", c.Event, c.Position)
}

func window(c review.Cover) string {
	out := "authorised by "
	if c.Grants {
		out = "granted by "
	}
	out += c.Approval + " of " + c.Source
	if c.By != "" {
		out += ", decided by " + string(c.By)
	}
	if c.Ticket != "" {
		out += ", ticket " + c.Ticket
	}
	out += ", " + stamp(c.From) + " to "
	switch {
	case c.UnknownEnd:
		out += "nobody knows when"
	case c.To.IsZero():
		out += "for ever"
	default:
		out += stamp(c.To)
	}
	if c.Partly {
		out += ", for a part of it"
	}
	return out + cited(c.Evidence)
}
