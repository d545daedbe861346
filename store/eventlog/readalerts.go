package eventlog

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ReadAlerts calls fn, in order, with what the alert stream holds now from a position
// on, 0 for the oldest, until fn returns an error, which it returns as it is.
func ReadAlerts(ctx context.Context, alerts AlertsReader, from uint64, fn func(Message) error) error {
	r, err := alerts.Tail(ctx, TailOptions{From: from})
	if err != nil {
		return fmt.Errorf("read the alert stream: %w", err)
	}
	defer r.Close()
	for {
		m, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the alert stream from %d: %w", from, err)
		}
		if err := fn(m); err != nil {
			return err
		}
		from = m.Position + 1
	}
}
