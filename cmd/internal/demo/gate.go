package demo

import (
	"context"
	"fmt"
	"time"
)

// gate takes the place of a connector's pause between two looks at its files: it
// lets the connector look exactly when the story says so.
type gate struct {
	idle chan struct{} // the connector has read everything and would pause
	look chan struct{} // it may look again
}

func newGate() *gate { return &gate{make(chan struct{}), make(chan struct{})} }

// wait is what the connector calls for its pause.
func (g *gate) wait(ctx context.Context, _ time.Duration) error {
	select {
	case g.idle <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-g.look:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open lets the connector look once and returns when everything it found is in
// the log.
func (g *gate) open(ctx context.Context) error {
	select {
	case g.look <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return g.rest(ctx)
}

// rest returns when the connector has read everything there is.
func (g *gate) rest(ctx context.Context) error {
	select {
	case <-g.idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the connector did not come to the end of its files: %w", context.Cause(ctx))
	}
}
