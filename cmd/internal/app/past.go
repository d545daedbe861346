package app

import (
	"context"
	"fmt"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/memory"
)

// past is the log to look back on, with the state that it goes on from where its
// beginning is gone.
func (a *App) past(ctx context.Context) (*review.Source, error) {
	log := a.streams.Events()
	src := &review.Source{Name: "this server", Log: log, Alerts: a.streams.AlertsReader(), Compile: compilePolicy}
	st, err := log.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the log for its state: %w", err)
	}
	if st.First > 1 {
		if err := a.beginPast(src, st.ID, st.First); err != nil {
			return nil, err
		}
	}
	src.Label, err = review.LabelOf(ctx, log, src.Begin != nil)
	return src, err
}

// beginPast finds the oldest checkpoint that reaches the log: it shows the most of it.
func (a *App) beginPast(src *review.Source, logID string, oldest uint64) error {
	files, err := a.checkpoints.List()
	if err != nil {
		return fmt.Errorf("find the state that the log goes on from: %w", err)
	}
	for _, c := range files {
		h, err := c.Header()
		if err != nil || h.Position.LogID != logID || h.Position.Seq+1 < oldest || src.Begin != nil && h.Position.Seq >= src.After {
			continue // one that cannot be read is none
		}
		src.After = h.Position.Seq
		src.Begin = func(context.Context) (store.Store, error) {
			st := memory.New()
			if _, err := engine.LoadPast(st, c.Read); err != nil {
				return nil, err
			}
			return st, nil
		}
	}
	return nil
}
