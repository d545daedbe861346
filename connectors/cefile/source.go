package cefile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/tail"
)

// Stdin is the path that means standard input.
const Stdin = "-"

// batchEvents is the default of Config.Batch.
const batchEvents = 500

// Config says which files are read, in that order.
type Config struct {
	// Name makes the source's URI, "file://<Name>". Lower-case letters, digits
	// and "-_.".
	Name string
	// Paths are the files; "-" is standard input.
	Paths []string
	// Stdin is read for the path "-".
	Stdin io.Reader
	// Follow keeps reading what is appended, through rotation, instead of ending
	// at the end of the files. It is for plain files.
	Follow bool
	Limits Limits
	// Batch is how many lines are made durable together; default 500.
	Batch int
	// Poll is the time between looks at a quiet file that is followed; default
	// 200 ms.
	Poll time.Duration
	// Now is the wall clock, by which a file is found to be away; default
	// time.Now.
	Now func() time.Time
	// Wait passes the time between looks; default tail.Sleep.
	Wait func(context.Context, time.Duration) error
}

// Source reads files of CloudEvents. It implements connectors.Source.
type Source struct {
	cfg Config
	log *slog.Logger
}

var names = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,127}$`)

// New checks the configuration.
func New(cfg Config, log *slog.Logger) (*Source, error) {
	if !names.MatchString(cfg.Name) {
		return nil, fmt.Errorf("cefile: name %.80q has other characters than a-z, 0-9 and ._- or is too long", cfg.Name)
	}
	if len(cfg.Paths) == 0 {
		return nil, errors.New("cefile: no file is configured")
	}
	for _, path := range cfg.Paths {
		switch {
		case path == Stdin && cfg.Follow:
			return nil, errors.New("cefile: standard input cannot be followed; it is read until its writer closes it")
		case path == Stdin && cfg.Stdin == nil:
			return nil, errors.New("cefile: standard input is to be read, but there is none")
		}
	}
	if cfg.Batch <= 0 {
		cfg.Batch = batchEvents
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Source{cfg: cfg, log: log}, nil
}

// URI names the connector. The events that it passes on have their own sources.
func (s *Source) URI() string { return "file://" + s.cfg.Name }

// cursor is the place behind a line: everything in the files before Path, and
// Path up to Line, is in the log. Sum is the hash of the last line that was not
// empty, by which another file under the same name is told apart. Files that are
// followed have places of their own.
type cursor struct {
	Path string `json:"path,omitempty"`
	Line int64  `json:"line,omitempty"`
	Sum  string `json:"sum,omitempty"`

	Log tail.Cursor `json:"log,omitempty"`
}

// Run implements connectors.Source.
func (s *Source) Run(ctx context.Context, from connectors.Cursor, out connectors.Output) error {
	var at cursor
	if len(from) > 0 {
		if err := json.Unmarshal(from, &at); err != nil {
			return fmt.Errorf("%s: read cursor: %w", s.URI(), err)
		}
	}
	if s.cfg.Follow {
		return s.follow(ctx, at, out)
	}
	for _, path := range s.from(at.Path) {
		p := &pass{Source: s, out: out, at: cursor{Path: path}}
		if path == at.Path && path != Stdin {
			p.done = at
		}
		if err := p.file(ctx); err != nil {
			return err
		}
	}
	return nil
}

// from is the rest of the paths from path on; all of them where it is not one any
// more. Events have stable ids, so that what is read again changes nothing.
func (s *Source) from(path string) []string {
	for i, p := range s.cfg.Paths {
		if p == path {
			return s.cfg.Paths[i:]
		}
	}
	return s.cfg.Paths
}

// pass is one reading of one file.
type pass struct {
	*Source
	out   connectors.Output
	done  cursor // what the log already has of this file
	at    cursor
	lines int // since the last batch
	batch batch
}

// errChanged: the file is not the one that the cursor is for.
var errChanged = errors.New("the file has changed")

func (p *pass) file(ctx context.Context) error {
	err := p.read(ctx)
	if errors.Is(err, errChanged) {
		p.log.Warn("file has changed since it was read, reading it from the beginning",
			"source", p.URI(), "path", p.at.Path, "line", p.done.Line)
		p.at, p.done = cursor{Path: p.at.Path}, cursor{}
		err = p.read(ctx)
	}
	return err
}

func (p *pass) read(ctx context.Context) (err error) {
	in := p.cfg.Stdin
	if p.at.Path != Stdin {
		f, err := os.Open(p.at.Path)
		if err != nil {
			return fmt.Errorf("%s: %w", p.URI(), err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		in = f
	}
	rd := Reader{Name: p.at.Path, Limits: p.cfg.Limits}
	err = rd.lines(ctx, in, func(l line) error { return p.take(ctx, rd.place(l.number), l) })
	switch {
	case p.at.Line < p.done.Line && (err == nil || p.broken(err) != ""):
		return errChanged // it ends before the cursor
	case p.broken(err) != "":
		p.batch.skip(p.broken(err), rd.place(p.at.Line+1), err)
	case err != nil:
		return err
	}
	return p.flush(ctx)
}

// broken is the reason for which a file's rest can never be read, or "". It is
// told and passed over; trying again would not mend it, and the files behind it
// are good.
func (p *pass) broken(err error) string {
	switch {
	case errors.Is(err, ErrCorrupt):
		return SkipCorrupt
	case errors.Is(err, ErrTooMuch):
		return SkipTooMuch
	}
	return ""
}

// take is one line.
func (p *pass) take(ctx context.Context, place string, l line) error {
	p.at.Line = l.number
	if len(l.text) > 0 {
		sum := sha256.Sum256(l.text)
		p.at.Sum = hex.EncodeToString(sum[:8])
	}
	if l.number <= p.done.Line {
		if l.number == p.done.Line && p.at.Sum != p.done.Sum {
			return errChanged
		}
		return nil
	}
	p.lines++
	p.batch.add(place, l)
	if p.lines < p.cfg.Batch {
		return nil
	}
	return p.flush(ctx)
}

// flush makes what was gathered durable.
func (p *pass) flush(ctx context.Context) error {
	if p.lines == 0 && len(p.batch.skips) == 0 {
		return nil
	}
	if err := p.emit(ctx, p.out, p.batch, p.at); err != nil {
		return err
	}
	p.lines, p.batch = 0, batch{}
	return nil
}
