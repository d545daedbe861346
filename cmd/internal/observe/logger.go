package observe

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// LogOptions choose how the log is written.
type LogOptions struct {
	// Format is "text", "json", or "auto": text on a terminal and JSON
	// elsewhere, since what is not a terminal is a collector. Empty means auto.
	Format string
	// Level is debug, info, warn or error, empty for info.
	Level string
}

// NewLogger makes a logger that writes to w.
func NewLogger(w io.Writer, o LogOptions) (*slog.Logger, error) {
	var level slog.Level
	if o.Level != "" {
		if err := level.UnmarshalText([]byte(o.Level)); err != nil {
			return nil, fmt.Errorf("log level %q is not one of debug, info, warn, error", o.Level)
		}
	}
	handler := &slog.HandlerOptions{Level: level}
	switch {
	case o.Format == "text", (o.Format == "" || o.Format == "auto") && isTerminal(w):
		return slog.New(slog.NewTextHandler(w, handler)), nil
	case o.Format == "json", o.Format == "", o.Format == "auto":
		return slog.New(slog.NewJSONHandler(w, handler)), nil
	}
	return nil, fmt.Errorf("log format %q is not one of auto, text, json", o.Format)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
