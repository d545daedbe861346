package review

import (
	"context"
	"fmt"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// Strength is what a replay of a source promises.
type Strength string

const (
	// Strong: it tells what was told live, byte for byte.
	Strong Strength = "strong"
	// Weak: the same alerts with the same states, intervals, bases, severities and
	// confidence; the bytes may differ.
	Weak Strength = "weak"
	// Cold: it tells what follows from what is there, which is not all that the
	// live run had.
	Cold Strength = "cold"
)

// Label is what a replay promises, and why no more than that.
type Label struct {
	Strength Strength `json:"strength"`
	Reason   string   `json:"reason"`
}

func (l Label) String() string { return fmt.Sprintf("%s: %s", l.Strength, l.Reason) }

// Source is a past to look back on: a log with what goes with it.
type Source struct {
	// Name is what a person calls it: the address, the folder or the file.
	Name string
	Log  eventlog.Log
	// Alerts are what was told live; nil where nothing is recorded.
	Alerts eventlog.AlertsReader
	Label  Label
	// Begin makes the state that the log goes on from; nil: nothing, the log's first
	// message is the first there ever was, or what came before is unknown.
	Begin func(context.Context) (store.Store, error)
	// After is the position of that state: up to there nothing is replayed.
	After uint64
	// Compile makes a policy of the log from its text.
	Compile func(text string) (*correlator.Policy, error)
	// Policy, where it is set, holds instead of those of the log.
	Policy *correlator.Policy
	// Progress, where it is set, hears how many positions of how many a review has
	// done; one that plays the log more than once begins again.
	Progress func(done, all uint64)
}

// Options are those of a replay of the source, to be completed.
func (s *Source) Options(ctx context.Context) (Options, error) {
	o := Options{Log: s.Log, Compile: s.Compile, Policy: s.Policy}
	if s.Begin != nil {
		var err error
		if o.Store, err = s.Begin(ctx); err != nil {
			return o, fmt.Errorf("begin with the state that %s goes on from: %w", s.Name, err)
		}
	}
	return o, nil
}

// LabelOf judges a log by its own word. begun says that there is a state to begin
// with that reaches its oldest message.
func LabelOf(ctx context.Context, log eventlog.Log, begun bool) (Label, error) {
	st, err := log.State(ctx)
	if err != nil {
		return Label{}, fmt.Errorf("ask the log for its state: %w", err)
	}
	switch {
	case st.First > 1 && !begun:
		return Label{Cold, fmt.Sprintf("the log begins at position %d, and no checkpoint reaches back to it: what came before is unknown", st.First)}, nil
	case st.Lost != "":
		return Label{Weak, "the log is not whole: " + st.Lost}, nil
	}
	epoch, err := log.LastOn(ctx, events.SystemSubject(events.SystemEpoch.What()))
	if err != nil {
		return Label{}, fmt.Errorf("find the last epoch in the log: %w", err)
	}
	if epoch >= st.First && epoch != 0 {
		return Label{Weak, fmt.Sprintf("at position %d the log was no longer the one it had been, and was read again from its beginning", epoch)}, nil
	}
	if begun {
		return Label{Strong, "the log from where the state before it was kept"}, nil
	}
	return Label{Strong, "the whole log from its first message on"}, nil
}
