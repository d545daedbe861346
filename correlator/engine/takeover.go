package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// A state that begins anew tells what was told before: the same bytes, if it reads
// the whole log by the same semantics in the same epoch. Otherwise it may give a
// revision that subscribers have another body, and what differs would be lost. Such
// a state is quiet until the correlator knows, by events in the log, what the alert
// stream says last; see [events.Told]. A state that lost its newest commits, or meets
// a hole on its way, is not held back: it has what was told listed when it notices.

// hush makes the engine quiet if its state must take over what another one told, and
// has that listed; so does an epoch. It comes after the policy and the outbox were
// read.
func (e *Engine) hush(ctx context.Context) error {
	if e.cfg.Published == nil {
		return nil
	}
	switch _, err := e.cfg.Store.Get([]byte(keyQuiet)); {
	case err == nil:
		e.quiet = true
	case !errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("ask whether the state has taken over what was told: %w", err)
	case e.begun:
		if e.quiet, err = e.differs(ctx); err != nil {
			return err
		}
	}
	if !e.quiet && !e.parted {
		return nil
	}
	after := store.Position{Epoch: e.pos.Epoch}
	if e.quiet {
		after = store.Position{}
		e.cfg.Logger.Warn("the state was made again in another way than the one before it: nothing is told until it has caught up, and then what differs")
	}
	// What the former state had yet to tell is part of what was told.
	if err := e.outbox.drain(ctx, e.outbox.publishWhenThereIsRoom); err != nil {
		return err
	}
	e.toldRun = "told-" + e.boot
	return e.tellTold(ctx, e.toldRun, after)
}

// askTold has what was told listed, since something of it was told otherwise.
func (e *Engine) askTold() {
	select {
	case e.differing <- struct{}{}:
	default:
	}
}

// takeOverEvery bounds how often that is done: two correlators on one damaged log
// may differ again and again.
const takeOverEvery = time.Minute

// takeOverLoop lists what was told whenever something of it was told otherwise.
func (e *Engine) takeOverLoop(ctx context.Context) error {
	for n := 2; ; n++ {
		select {
		case <-e.differing:
		case <-ctx.Done():
			return nil
		}
		if err := e.tellTold(ctx, fmt.Sprintf("told-%s-%d", e.boot, n), e.outbox.reached()); err != nil {
			return err
		}
		select {
		case <-e.cfg.Clock.After(takeOverEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

// differs reports whether a state that was just begun may tell other revisions than
// those that are in the alert stream: any of them comes from another place.
func (e *Engine) differs(ctx context.Context) (bool, error) {
	differs := false
	err := e.eachTold(ctx, func(m eventlog.Message) {
		from, err := originOf(m.Body)
		// Of what nobody understands nobody knows whose it is; tellTold says so.
		differs = differs || err != nil || e.pos.Seq > 0 || from.Semantics != correlator.SemanticsID || from.LogID != e.pos.LogID || from.Epoch != e.pos.Epoch
	})
	return differs, err
}

// eachTold reads the alert stream from its oldest message to its end.
func (e *Engine) eachTold(ctx context.Context, fn func(eventlog.Message)) error {
	return eventlog.ReadAlerts(ctx, e.cfg.Published, 0, func(m eventlog.Message) error {
		fn(m)
		return nil
	})
}

// tellTold appends what the alert stream says last of each alert and seal; after is
// where this engine had come to in telling, nothing where it is quiet.
func (e *Engine) tellTold(ctx context.Context, run string, after store.Position) error {
	if e.cfg.Published == nil {
		return nil
	}
	said := told{alerts: map[string]events.ToldAlert{}, seals: map[string]events.ToldSeal{}}
	if err := e.eachTold(ctx, func(m eventlog.Message) {
		if err := said.add(m.Body); err != nil {
			e.cfg.Logger.Error("what was told before cannot be read", "subject", m.Subject, "error", err)
		}
	}); err != nil {
		return err
	}
	var entries []eventlog.Entry
	for i, d := range said.split(run, after) {
		ev, err := events.New(events.SystemTold, "overstay://engine", run+"-"+strconv.Itoa(i), e.cfg.Clock.Wall(), "", d)
		if err != nil {
			return fmt.Errorf("make the event of what was told: %w", err)
		}
		entry, err := entryFor(ev)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	for _, entry := range entries {
		if err := e.cfg.Log.Append(ctx, []eventlog.Entry{entry}); err != nil {
			return fmt.Errorf("append what was told: %w", err)
		}
	}
	return nil
}

// told is what the alert stream says last, and in which order it began to.
type told struct {
	alerts map[string]events.ToldAlert
	seals  map[string]events.ToldSeal
	order  []string
}

// add takes in a publication.
func (t *told) add(body []byte) error {
	var ce struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Severity string `json:"severitytext"`
		Data     struct {
			Unmapped struct {
				Overstay struct {
					Provisional bool `json:"provisional"`
					OpenFacets  int  `json:"openFacets"`
				} `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &ce); err != nil {
		return fmt.Errorf("read a publication: %w", err)
	}
	id, number, _ := strings.Cut(ce.ID, ".")
	revision, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return fmt.Errorf("read the revision of publication %q: %w", ce.ID, err)
	}
	state, isAlert := strings.CutPrefix(ce.Type, correlator.TypeAlertPrefix)
	d := ce.Data.Unmapped.Overstay
	a := events.ToldAlert{ID: id, Revision: revision, State: state, Severity: ce.Severity, Provisional: d.Provisional, Open: d.OpenFacets}
	seal := events.ToldSeal{ID: id, Revision: revision}
	check := a.Err
	if !isAlert {
		check = seal.Err
	}
	if err := check(); err != nil {
		return fmt.Errorf("read publication %q: %w", ce.ID, err)
	}
	if t.alerts[id].Revision == 0 && t.seals[id].Revision == 0 {
		t.order = append(t.order, id)
	}
	switch {
	case !isAlert && revision > t.seals[id].Revision:
		t.seals[id] = seal
	case isAlert && revision > t.alerts[id].Revision:
		t.alerts[id] = a
	}
	return nil
}

// split makes one run of it, of as many events as it takes and at least one.
func (t *told) split(run string, after store.Position) []*events.Told {
	next := func() *events.Told { return &events.Told{Run: run, Epoch: after.Epoch, After: after.Seq} }
	out := []*events.Told{next()}
	for i, id := range t.order {
		if i > 0 && i%events.MaxTold == 0 {
			out = append(out, next())
		}
		d := out[len(out)-1]
		if a, ok := t.alerts[id]; ok {
			d.Alerts = append(d.Alerts, a)
		} else {
			d.Seals = append(d.Seals, t.seals[id])
		}
	}
	out[len(out)-1].Last = true
	return out
}

// endsQuiet reports whether a message is the last of the run that this engine
// waits for.
func (e *Engine) endsQuiet(ev events.Event) bool {
	d, ok := ev.Data.(*events.Told)
	return ok && d.Last && d.Run == e.toldRun
}
