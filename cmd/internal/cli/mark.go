package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/events"
)

// marking is one kind of an operator's word about alerts.
type marking struct {
	name, what, short, long string
	// chooses says among which alerts an id is looked for; "" where none changes.
	chooses string
	// lasts: it is in force for a time.
	lasts bool
}

var markings = []marking{
	{name: "ack", what: "acknowledged", chooses: "is open", short: "Say that somebody looks after an alert",
		long: "Say that somebody looks after an alert. The next revision carries it; nothing else changes."},
	{name: "suppress", what: "suppressed", chooses: "is open", lasts: true, short: "Mark alerts as suppressed for a time",
		long: `Mark alerts as suppressed for a time, 30 days at most. They are told on, marked as
suppressed, so that a SIEM can leave them out and an auditor cannot miss them. An
alert that grows more severe is lifted out of it; when the time is over, what still
stands is told again without the mark.`},
	{name: "confirm", what: "confirmed", chooses: "waits for an operator", short: "Confirm what waits for an operator",
		long: `Confirm what waits for an operator: an alert about evidence (OV-025), which stands
until somebody has looked; or, with --rule clock, that the clock is right after a
jump of more than a day.`},
	{name: "note", what: "noted", short: "Write a note on an alert into the log",
		long: "Write a note on an alert into the log, for whoever reviews it later. No alert changes."},
}

// markCommands are the subcommands of alerts by which an operator speaks.
func markCommands(s Streams) []*cobra.Command {
	var out []*cobra.Command
	for _, m := range markings {
		out = append(out, m.command(s))
	}
	return out
}

func (m marking) command(s Streams) *cobra.Command {
	var server speaker
	var mark events.Mark
	var subject string
	var lasts time.Duration
	example := "  overstay alerts " + m.name + " 30dffa518c8169c00a13d1af0992ae69 --why \"INC-4711\""
	if m.lasts {
		example += " --for 48h\n  overstay alerts " + m.name + " --rule OV-003 --subject vault/prod:entity:952c932a --for 168h --why \"migration\""
	}
	cmd := &cobra.Command{
		Use: m.name + " [ALERT]", Short: m.short, Example: example,
		Long: m.long + "\n\nALERT is an alert's whole id, as overstay alerts prints it. The server must run on this machine; the log keeps who said it.\nExit code 4 says that it is in the log and that not all that follows from it was told within --wait.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("one alert at a time, or choose with --rule, --subject and --approval", "%s takes one alert, and %d are given", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				mark.Selector.Alert = args[0]
			}
			mark.Selector.Subject = events.ID(subject)
			// Where more is asked of the alert than its id, one that has it may be open.
			if mark.Selector == (events.Selector{Alert: mark.Selector.Alert}) && m.chooses != "" {
				server.nothing = "no alert changed: none that " + m.chooses + " has this id (overstay alerts prints the ids)"
			}
			if mark.Selector == (events.Selector{}) {
				return usagef("name an alert, or choose with --rule, --subject or --approval", "nothing is chosen")
			}
			if m.lasts {
				if lasts <= 0 || lasts > events.MaxSuppression {
					return usagef("--for 48h; at most "+count(int(events.MaxSuppression.Hours()/24), "day"), "how long it lasts must be said, and is bounded")
				}
				mark.Until = time.Now().Add(lasts).UTC().Truncate(time.Second)
			}
			mark.By = "this is filled in by the server"
			body, err := json.Marshal(mark)
			if err != nil {
				return fmt.Errorf("encode the mark: %w", err)
			}
			return server.say(cmd, s, app.MarkPath+"/"+m.what, bytes.NewReader(body), func(out app.Spoken) string {
				return fmt.Sprintf("in the log at position %d, by %s", out.Position, out.By)
			})
		},
	}
	server.addFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&mark.Selector.Rule, "rule", "", "alerts of this `rule`")
	f.StringVar(&subject, "subject", "", "alerts about this `id`")
	f.StringVar(&mark.Selector.Approval, "approval", "", "alerts under this `approval`")
	f.StringVar(&mark.Why, "why", "", "the `reason`, for whoever reads the log")
	if m.lasts {
		f.DurationVar(&lasts, "for", 0, "how `long`: 48h")
	}
	complete(cmd, "rule", ruleWords())
	return cmd
}
