package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/overstay/overstay/correlator/policy/scenario"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

// writeScenario writes what a history rests on as a scenario, and says which of its
// alerts come otherwise when that is played.
func (f *timelineFlags) writeScenario(ctx context.Context, s Streams, src *pastSource, h *review.History) error {
	bar := newProgress(s.Err, "story", "messages", 1)
	src.Progress = func(done, all uint64) { bar.set(int64(done), int64(all)) }
	story, err := review.StoryOf(ctx, &src.Source, h)
	bar.end()
	if err != nil {
		return err
	}
	if f.policy != "" {
		text, err := readPolicy(f.policy)
		if err != nil {
			return err
		}
		story.Policy = string(text)
		story.Heard = slices.DeleteFunc(story.Heard, func(h review.Heard) bool { return h.Event.Type == events.PolicyApplied })
	}
	w, err := scenarioOf(cmp.Or(f.out, "the scenario"), storyProse(src, h), story)
	if err != nil {
		return err
	}
	text, played, err := w.Finish()
	if err != nil {
		return failedf("a shorter time: --from and --to", "%s: %w", harmless(src.Name, ""), err)
	}
	if err := tellOtherwise(s.Err, h, played); err != nil {
		return err
	}
	write := func(w io.Writer) error {
		if _, err := w.Write(text); err != nil {
			return fmt.Errorf("write the scenario: %w", err)
		}
		return nil
	}
	if f.out == "" {
		return write(s.Out)
	}
	return writeNew(f.out, write)
}

func storyProse(src *pastSource, h *review.History) string {
	what := "alert " + h.Alert
	switch {
	case h.Subject != "":
		what = string(h.Subject)
	case h.Approval != "":
		what = "approval " + h.Approval
	}
	return harmless(fmt.Sprintf("What was said of %s, from positions %d to %d of the log %s.", what, h.Log.First, h.Log.Last, h.Log.ID), "") +
		"\nThe alerts are those that follow from it by the policy that was in force."
}

// scenarioOf writes a story's steps.
func scenarioOf(name, prose string, story review.Story) (*scenario.Writer, error) {
	w := scenario.Write(name, prose, story.Policy, story.Begins)
	for _, src := range story.Sources {
		if err := w.Source(src.URI, src.Coverage, src.Capabilities); err != nil {
			return nil, err
		}
	}
	for _, h := range story.Heard {
		switch {
		case h.Silent != "":
			w.Silent(h.Known, h.Silent)
		case h.Back != "":
			w.Heard(h.Known, h.Back)
		case h.Event.Type == "":
			w.Down(h.Since, h.Known, h.Restarted)
		case h.Event.Type == events.PolicyApplied:
			w.Policy(h.Known, h.Event.Data.(*events.Policy).YAML)
		default:
			if err := w.Event(h.Known, h.Event); err != nil {
				return nil, err
			}
		}
	}
	w.Until(story.Ends)
	return w, nil
}

// tellOtherwise names the alerts of the history that the scenario tells otherwise.
func tellOtherwise(out io.Writer, h *review.History, played *scenario.Outcome) error {
	first := map[string]string{}
	for _, step := range played.Steps {
		for _, t := range step.Told {
			if a := t.Publication.Alert; a != nil && first[a.ID] == "" {
				first[a.ID] = string(a.State) + " " + string(a.Rule.ID) + " at " + stamp(t.Publication.Told().Std())
			}
		}
	}
	for _, n := range h.Alerts {
		if len(n.Revisions) == 0 {
			continue
		}
		was := n.Revisions[0].State + " " + n.Rule + " at " + stamp(n.Revisions[0].At)
		now := cmp.Or(first[n.ID], "nothing")
		if was == now {
			continue
		}
		if _, err := fmt.Fprintf(out, "overstay: of alert %s the log tells %s, and the scenario %s\n", n.ID, was, now); err != nil {
			return fmt.Errorf("tell what is told otherwise: %w", err)
		}
	}
	return nil
}
