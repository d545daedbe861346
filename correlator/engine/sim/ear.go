package sim

import (
	"context"
	"log/slog"
)

// ear is a slog.Handler that counts what is said at the level of an error.
type ear struct{ w *World }

// Enabled implements slog.Handler.
func (e ear) Enabled(_ context.Context, at slog.Level) bool { return at >= slog.LevelError }

// Handle implements slog.Handler.
func (e ear) Handle(_ context.Context, r slog.Record) error {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	e.w.said[r.Message]++
	return nil
}

// WithAttrs implements slog.Handler.
func (e ear) WithAttrs([]slog.Attr) slog.Handler { return e }

// WithGroup implements slog.Handler.
func (e ear) WithGroup(string) slog.Handler { return e }
