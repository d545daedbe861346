package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// Options say how to tell the story.
type Options struct {
	Colour  bool
	Version string
	// Keep is a folder that the configuration, the logs and the CloudEvents are
	// left in, "" for none. No file in it is overwritten.
	Keep string
	// Now is the time that kept events are moved to; default time.Now.
	Now func() time.Time
}

// limit ends a run that hangs. One takes a second or two.
const limit = time.Minute

// Run plays the story and tells it to w.
func Run(ctx context.Context, w io.Writer, o Options) error {
	if o.Keep != "" {
		if err := free(o.Keep); err != nil {
			return err
		}
	}
	p := &printer{w: w, colour: o.Colour}
	if err := p.opening(); err != nil {
		return err
	}
	after := func(dir string, rec *recording) error {
		if o.Keep == "" {
			return nil
		}
		return keep(dir, o.Keep, rec, o.now())
	}
	if err := play(ctx, o.Version, p, after); err != nil {
		return err
	}
	p.summary()
	if p.err != nil {
		return fmt.Errorf("tell the story: %w", p.err)
	}
	return nil
}

// EmitEvents plays the story in silence and writes what the connectors said by
// the time at which the windows are over and access is not, as JSON Lines, moved
// in time so that this is now.
func EmitEvents(ctx context.Context, w io.Writer, o Options) error {
	return play(ctx, o.Version, silence{}, func(_ string, rec *recording) error {
		text, err := lines(rec.before, rec.cut, o.now())
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return fmt.Errorf("write the demo's events: %w", err)
		}
		return nil
	})
}

func (o Options) now() time.Time {
	if o.Now == nil {
		return time.Now().UTC()
	}
	return o.Now().UTC()
}

// teller is told what happens as the story goes on.
type teller interface {
	tell(now time.Time, b beat)
	publication(now time.Time, m eventlog.Message) error
}

// silence tells nothing.
type silence struct{}

func (silence) tell(time.Time, beat)                          {}
func (silence) publication(time.Time, eventlog.Message) error { return nil }

// play runs the story in a folder that is removed afterwards.
func play(ctx context.Context, version string, to teller, after func(dir string, rec *recording) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the demo took longer than %s", limit))
	defer cancel()
	ctx, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	dir, err := os.MkdirTemp("", "overstay-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	start, err := clockTime(beginning)
	if err != nil {
		return err
	}
	s, err := openStage(ctx, gone, dir, version, start)
	if err != nil {
		return fmt.Errorf("start the demo: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	rec, err := tell(ctx, s, start, to)
	if err != nil {
		return fmt.Errorf("play the demo: %w", err)
	}
	return after(dir, rec)
}

// tell goes through the story, beat by beat.
func tell(ctx context.Context, s *stage, now time.Time, to teller) (*recording, error) {
	var cut time.Time
	var position uint64
	for _, b := range story {
		at, err := clockTime(b.at)
		if err != nil {
			return nil, err
		}
		pause := pause
		if b.slow {
			pause = shortPause
		}
		for now = now.Add(pause); now.Before(at); now = now.Add(pause) {
			if err := s.moment(ctx, now, to); err != nil {
				return nil, err
			}
		}
		now = at
		switch {
		case b.hang != "":
			s.held = b.hang
		case b.resume:
			s.held = ""
		}
		to.tell(now, b)
		if err := s.moment(ctx, now, to); err != nil {
			return nil, err
		}
		if b.cut {
			cut, position = now, s.applied
		}
	}
	return record(ctx, s.app.Events(), cut, position)
}
