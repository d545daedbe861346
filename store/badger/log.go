package badger

import (
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
	if l.log.Enabled(nil, level) { //nolint:staticcheck // Badger gives no context
		l.log.Log(nil, level, "badger", "message", strings.TrimSpace(fmt.Sprintf(format, args...))) //nolint:staticcheck
	}
}
