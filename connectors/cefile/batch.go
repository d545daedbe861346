package cefile

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// Reasons of skips. A line that does not decode has the reason of its
// events.DecodeError.
const (
	SkipTooLong   = "too-long"
	SkipForbidden = "forbidden-type" // a tick, a policy, an operator's mark: they come from inside
	SkipCorrupt   = "corrupt"        // the rest of a compressed file
	SkipTooMuch   = "too-much"       // the rest of a file over the limits
	SkipLost      = "lost"           // lines were rotated away before they were read
)

// batch is what a number of lines gave.
type batch struct {
	said  []events.Event
	skips []skip
}

type skip struct {
	reason, place string
	err           error
}

func (b *batch) skip(reason, place string, err error) {
	b.skips = append(b.skips, skip{reason, place, err})
}

// add decodes a line. An empty one is nothing.
func (b *batch) add(place string, l line) {
	if l.err != nil {
		b.skip(SkipTooLong, place, l.err)
		return
	}
	if len(l.text) == 0 {
		return
	}
	ev, err := events.Decode(l.text)
	switch {
	case err != nil:
		b.skip(reason(err), place, err)
	case !ev.Type.FromSource():
		b.skip(SkipForbidden, place, fmt.Errorf("%s comes from Overstay itself and is taken from no source", ev.Type.Short()))
	default:
		b.said = append(b.said, ev)
	}
}

// reason is the decoder's word for why it refused a line.
func reason(err error) string {
	var refused *events.DecodeError
	if errors.As(err, &refused) {
		return refused.Reason
	}
	return events.ReasonBadData
}

// emit makes a batch durable, and then tells of what was skipped: a batch that is
// read again must not count twice.
func (s *Source) emit(ctx context.Context, out connectors.Output, b batch, at cursor) error {
	next, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("%s: write cursor: %w", s.URI(), err)
	}
	if err := out.Emit(ctx, b.said, next); err != nil {
		return err
	}
	for _, sk := range b.skips {
		out.Skip(sk.reason, sk.place, sk.err)
	}
	return nil
}
