package openldap

import (
	"context"
	"errors"
	"fmt"

	"github.com/overstay/overstay/events"
)

// A refresh tells deletions by silence, and silent is also a directory whose
// access rules were narrowed, or half restored. Where more than heldShare percent
// and more than heldCount entries are not mentioned, nothing is said of them: a
// new baseline begins, whose snapshot the correlator holds until a second agrees.
const (
	heldShare = 20
	heldCount = 50
)

var errHalfGone = errors.New("too many entries are gone to be believed")

// begin ends the refresh stage: the first ever is the baseline, a later one tells
// what happened meanwhile.
func (r *reader) begin(ctx context.Context) error {
	refresh := r.refresh
	r.refresh = nil
	r.scanDue = r.clock.Now().Add(r.config.SnapshotEvery)
	var err error
	if r.known() {
		err = r.catchUp(ctx, refresh)
	} else {
		err = r.baseline(ctx, refresh)
	}
	if err != nil {
		return err
	}
	return r.probe(ctx)
}

// baseline emits a complete snapshot of what the refresh brought. Nothing of it
// is news, so no membership is said to be added; but who is nested in what stands
// in no snapshot and is said.
func (r *reader) baseline(ctx context.Context, refresh *refresh) error {
	refresh.baseline(r.memory())
	if err := r.config.tooMany(r.size()); err != nil {
		return err
	}
	resumed, err := r.resumed(refresh.started)
	if err != nil {
		return err
	}
	for _, uuid := range r.groupsWhere(func(*group) bool { return true }) {
		g := r.Groups[uuid]
		r.nestings(live(uuid, nil, g.CSN), g, nil)
	}
	evs := append([]events.Event{resumed}, r.translator.out...)
	r.translator.out = nil
	if err := r.emit(ctx, evs); err != nil {
		return err
	}
	r.AsOf = refresh.started
	return r.snapshot(ctx, r.memory().items(), refresh.started, func() { r.Coverage = refresh.started })
}

// catchUp says what changed since the cursor, and then looks at everything: what
// refint did meanwhile no refresh tells.
func (r *reader) catchUp(ctx context.Context, refresh *refresh) error {
	if gone := refresh.missing(r.memory()); gone > heldCount && gone*100 > heldShare*r.size() {
		return fmt.Errorf("resume: %w: %d of %d", errHalfGone, gone, r.size())
	}
	resumed, err := r.resumed(r.Coverage)
	if err != nil {
		return err
	}
	for _, c := range refresh.changes(r.memory(), r.clock.Now()) {
		r.apply(c)
	}
	if err := r.config.tooMany(r.size()); err != nil {
		return err
	}
	r.translator.out = append([]events.Event{resumed}, r.translator.out...)
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.scan(ctx)
}

// memory is the one that place and translator share.
func (r *reader) memory() *memory { return r.place.memory }
