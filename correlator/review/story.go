package review

import (
	"context"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// Story is what a time line rests on, as a log said it: the events that its marks
// name, what else came into force, and when the log had each. A scenario is made of it.
type Story struct {
	// Policy is the text that was in force when it began, "" for the default.
	Policy string
	// Begins is the log time at which the first of it was read, Ends when the last of
	// it was said or told.
	Begins, Ends time.Time
	Heard        []Heard
	Sources      []StorySource
}

// Heard is one thing that the log had at a log time.
type Heard struct {
	Known time.Time
	// Event is what was said, an applied policy among it; the zero event where nothing
	// ran since Since, and Restarted where another process went on.
	Event     events.Event
	Since     time.Time
	Restarted bool
	// Silent and Back: a source that reports progress stopped, or began again.
	Silent, Back string
}

// StorySource is a source that says something in a story.
type StorySource struct {
	URI          string
	Coverage     time.Time // from when on its record was complete
	Capabilities events.Capabilities
}

// downtime is the time between two ticks from which on nothing ran.
const downtime = 5 * time.Second

// StoryOf plays the log once more and takes from it what a history names.
func StoryOf(ctx context.Context, src *Source, h *History) (Story, error) {
	t := &storyTeller{named: map[uint64]bool{}, sources: map[string]*storySource{}}
	for _, l := range h.Lanes {
		for _, m := range l.Marks {
			t.named[m.Position] = true
		}
	}
	for _, n := range h.Alerts {
		for _, r := range n.Revisions {
			t.told = later(t.told, r.At)
		}
	}
	if _, err := src.replay(ctx, time.Time{}, Options{Tell: nothing, Until: h.Log.Last, Watch: t.watch}, nil); err != nil {
		return Story{}, fmt.Errorf("take the story from the log: %w", err)
	}
	return t.story(), nil
}

// storyTeller takes a story from a log.
type storyTeller struct {
	named   map[uint64]bool // positions
	out     Story
	sources map[string]*storySource
	order   []string
	highest uint64
	now     time.Time
	boot    string
	told    time.Time // when the last of it was told
}

type storySource struct {
	StorySource
	speaks   bool // in the story
	progress time.Time
	silent   bool
}

func (t *storyTeller) watch(m correlator.Message, r correlator.Result, v *correlator.View) {
	if m.Origin.Seq <= t.highest || r.Outcome == correlator.Unauthorised {
		return // a batch that is read again, or what says nothing
	}
	t.highest = m.Origin.Seq
	now := instant(v.Now())
	switch d := m.Event.Data.(type) {
	case *events.Tick:
		t.tick(now, d.Boot)
		return
	case *events.Policy:
		if !t.begun() {
			t.out.Policy = d.YAML
			return
		}
		t.hear(Heard{Known: now, Event: m.Event})
	}
	if !m.Event.Type.FromSource() {
		if m.Event.Type.Class() == "operator" && t.begun() {
			t.hear(Heard{Known: now, Event: m.Event})
		}
		return
	}
	s := t.sources[m.Event.Source]
	if s == nil {
		s = &storySource{StorySource: StorySource{URI: m.Event.Source, Coverage: m.Event.Time}}
		t.sources[s.URI] = s
		t.order = append(t.order, s.URI)
	}
	switch d := m.Event.Data.(type) {
	case *events.Resumed:
		if s.Capabilities = d.Capabilities; !d.Coverage.IsZero() {
			s.Coverage = d.Coverage
		}
	case *events.Progress:
		if s.silent {
			t.hear(Heard{Known: now, Back: s.URI})
		}
		s.progress, s.silent = now, false
	}
	if t.named[m.Origin.Seq] {
		s.speaks = true
		t.hear(Heard{Known: now, Event: m.Event})
	}
}

func (t *storyTeller) begun() bool { return len(t.out.Heard) > 0 }

// hear takes one thing; the story begins with an event of a source.
func (t *storyTeller) hear(h Heard) {
	if t.begun() || h.Event.Type.FromSource() {
		t.out.Heard = append(t.out.Heard, h)
	}
}

// tick notes when nothing ran, and who is silent by now.
func (t *storyTeller) tick(now time.Time, boot string) {
	if !t.now.IsZero() && now.Sub(t.now) > downtime {
		t.hear(Heard{Known: now, Since: t.now, Restarted: boot != t.boot})
	}
	t.now, t.boot = now, boot
	for _, uri := range t.order {
		s := t.sources[uri]
		if every := s.Capabilities.Every.Std(); s.Capabilities.Progress && !s.silent && !s.progress.IsZero() && now.Sub(s.progress) > 3*max(every, 10*time.Second) {
			s.silent = true
			t.hear(Heard{Known: now, Silent: uri})
		}
	}
}

// story is what was heard until the last of it was told.
func (t *storyTeller) story() Story {
	for i, h := range t.out.Heard {
		if i == 0 {
			t.out.Begins = h.Known
		}
		if h.Event.Type.FromSource() {
			t.told = later(t.told, h.Known)
		}
	}
	t.out.Ends = t.told
	kept := t.out.Heard[:0]
	for _, h := range t.out.Heard {
		speaks := func(uri string) bool { return uri == "" || t.sources[uri].speaks }
		if !h.Known.After(t.out.Ends) && speaks(h.Silent) && speaks(h.Back) {
			kept = append(kept, h)
		}
	}
	t.out.Heard = kept
	for _, uri := range t.order {
		if s := t.sources[uri]; s.speaks {
			t.out.Sources = append(t.out.Sources, s.StorySource)
		}
	}
	return t.out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
