package badger

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// logger writes Badger's messages. What it calls information is about its own
// inner life, and is debugging to us.
type logger struct{ log *slog.Logger }

func (l logger) Errorf(format string, args ...any)   { l.write(slog.LevelError, format, args) }
func (l logger) Warningf(format string, args ...any) { l.write(slog.LevelWarn, format, args) }
func (l logger) Infof(format string, args ...any)    { l.write(slog.LevelDebug, format, args) }
func (l logger) Debugf(string, ...any)               {} // too much even for debugging

func (l logger) write(level slog.Level, format string, args []any) {
	ctx := context.Background() // Badger gives none
	if l.log.Enabled(ctx, level) {
		l.log.Log(ctx, level, "badger", "message", strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
}
