package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/overstay/overstay/connectors/cefile"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/memory"
)

// judge finds what a server's log goes on from, and labels it.
func (p *pastSource) judge(ctx context.Context) error {
	st, err := p.Log.State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its state: %w", err)
	}
	if st.First > 1 {
		// The oldest that reaches the log shows the most of it.
		for _, c := range p.checkpointsOf(st.ID, st.First) {
			p.After, p.Begin = c.Seq, func(context.Context) (store.Store, error) { return loadPast(c.Read) }
			break
		}
	}
	p.Label, err = review.LabelOf(ctx, p.Log, p.Begin != nil)
	return err
}

// checkpointsOf lists the checkpoints that a log can be gone on with from, oldest
// first; those that cannot be read are none.
func (p *pastSource) checkpointsOf(logID string, oldest uint64) []checkpoint.File {
	paths, err := filepath.Glob(filepath.Join(p.checkpoints, "*.zst"))
	if err != nil || p.checkpoints == "" {
		return nil
	}
	slices.Sort(paths)
	var out []checkpoint.File
	for _, path := range paths {
		c := checkpoint.File{Path: path}
		h, err := c.Header()
		if err == nil && h.Position.LogID == logID && h.Position.Seq+1 >= oldest {
			c.Epoch, c.Seq = h.Position.Epoch, h.Position.Seq
			out = append(out, c)
		}
	}
	return out
}

// loadPast makes the state that a log goes on from.
func loadPast(from func(fn func(key, value []byte) error) (checkpoint.Info, error)) (store.Store, error) {
	st := memory.New()
	if _, err := engine.LoadPast(st, from); err != nil {
		return nil, err
	}
	return st, nil
}

// readEvents reads the events of one input. What is wrong with a line is told, and
// how many lines were left out is counted; what a log has of its own (its ticks) is
// left out in silence, since it is made anew.
func readEvents(ctx context.Context, s Streams, in io.Reader, name string) (said []events.Event, left int, err error) {
	err = cefile.Reader{Name: name}.Read(ctx, in, func(place string, ev events.Event, err error) error {
		switch {
		case err != nil:
			left++
			if _, err := fmt.Fprintf(s.Err, "overstay: %s\n", harmless(place+": "+err.Error(), "")); err != nil {
				return fmt.Errorf("tell what is wrong: %w", err)
			}
		case ev.Type.Class() != "clock" && ev.Type.Class() != "system":
			said = append(said, ev)
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the events: %w", err)
	}
	return said, left, nil
}
