package review

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// hearing has the places of a log where each source said something, and where something
// was said of each account: alerts about them rest on that, and on nothing being said.
type hearing struct {
	sources  map[string][]heardAt
	accounts map[events.ID][]heardAt
	owners   map[events.ID][]events.ID // of an account, as they were named
}

// heardAt is a position, its log time, and whether a source told there how far it has
// come.
type heardAt struct {
	position uint64
	now      correlator.Time
	progress bool
}

func (h *hearing) watch(m correlator.Message, r correlator.Result, v *correlator.View) {
	if !m.Event.Type.FromSource() {
		return
	}
	if h.sources == nil {
		h.sources, h.accounts, h.owners = map[string][]heardAt{}, map[events.ID][]heardAt{}, map[events.ID][]events.ID{}
	}
	at := heardAt{m.Origin.Seq, v.Now(), m.Event.Type == events.SourceProgress}
	note(h.sources, m.Event.Source, at)
	if d, ok := m.Event.Data.(*events.Account); ok && r.Outcome != correlator.Unauthorised {
		note(h.accounts, m.Event.Subject, at)
		if d.Owner != "" && !slices.Contains(h.owners[m.Event.Subject], d.Owner) {
			h.owners[m.Event.Subject] = append(h.owners[m.Event.Subject], d.Owner)
		}
	}
}

// note adds a place; a batch that is read again adds nothing.
func note[K comparable](in map[K][]heardAt, k K, at heardAt) {
	if was := in[k]; len(was) == 0 || was[len(was)-1].position < at.position {
		in[k] = append(was, at)
	}
}

// listen adds, of an alert about a source or an account, what was heard of it.
func (e *explaining) listen(ctx context.Context) error {
	switch {
	case e.alert.Account != "":
		return e.listenToAccount(ctx)
	case e.alert.Source != "" && e.alert.Approval == "" && len(e.accesses) == 0:
		return e.listenTo(ctx, e.alert.Source)
	}
	return nil
}

// maxHeard bounds what is listed of each account, the newest last.
const maxHeard = 32

// listenToAccount adds what was said of an account, and of the accounts of those who
// were to answer for it: that they left is what an alert about it may rest on.
func (e *explaining) listenToAccount(ctx context.Context) error {
	for _, id := range append([]events.ID{e.alert.Account}, e.owners...) {
		words := ""
		if id != e.alert.Account {
			words = "who was to answer for " + string(e.alert.Account)
		}
		acts := e.heard.accounts[id]
		for _, at := range acts[max(0, len(acts)-maxHeard):] {
			if err := e.hear(ctx, at, string(id), words); err != nil {
				return err
			}
		}
	}
	return nil
}

// listenTo adds what was last heard of a source before each revision, how far it had
// come by then, and what was heard first after it.
func (e *explaining) listenTo(ctx context.Context, uri string) error {
	said := e.heard.sources[uri]
	done := map[uint64]bool{}
	add := func(i int, words string) error {
		if i < 0 || i >= len(said) || done[said[i].position] {
			return nil
		}
		done[said[i].position] = true
		return e.hear(ctx, said[i], uri, words)
	}
	for _, r := range e.out.Revisions {
		after, _ := slices.BinarySearchFunc(said, r.Origin.Seq, func(at heardAt, seq uint64) int {
			if at.position < seq {
				return -1
			}
			return 1
		})
		came := after - 1
		for came >= 0 && !said[came].progress {
			came--
		}
		words := "the last that it told of how far it has come, before revision %d"
		if came == after-1 {
			words = "the last that was heard of it before revision %d"
		}
		if err := add(came, fmt.Sprintf(words, r.Revision)); err != nil {
			return err
		}
		if err := add(after-1, fmt.Sprintf("the last that was heard of it before revision %d", r.Revision)); err != nil {
			return err
		}
		if after < len(said) {
			words := "heard"
			if after > 0 {
				words = fmt.Sprintf("heard after %s of log time", said[after].now.Sub(said[after-1].now))
			}
			if err := add(after, words); err != nil {
				return err
			}
		}
	}
	return nil
}

// hear adds a step of something that was heard.
func (e *explaining) hear(ctx context.Context, at heardAt, of, words string) error {
	m, err := e.src.Log.At(ctx, at.position)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return nil // the log has let go of it
	}
	if err != nil {
		return fmt.Errorf("read position %d: %w", at.position, err)
	}
	ev, err := events.DecodeNATS(m.Header, m.Body)
	if err != nil {
		return fmt.Errorf("read position %d: %w", at.position, err)
	}
	text := ev.Type.Short()
	if d, ok := ev.Data.(*events.Progress); ok {
		text = fmt.Sprintf("all that it had before %s is in the log", clock(d.Through))
	}
	if words != "" {
		text += "; " + words
	}
	change := Change{ChangeHeard, of, text}
	i, found := slices.BinarySearchFunc(e.out.Steps, at.position, func(s Step, seq uint64) int { return int(s.Position) - int(seq) })
	if found {
		e.out.Steps[i].Changes = slices.Insert(e.out.Steps[i].Changes, 0, change)
		return nil
	}
	e.out.Steps = slices.Insert(e.out.Steps, i, Step{
		Position: at.position, LogTime: instant(at.now), Type: ev.Type.Short(), Event: ev.Source + "|" + ev.ID, At: ev.Time, Changes: []Change{change},
	})
	return nil
}
