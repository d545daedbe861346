package tail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Config says which files are read and how.
type Config struct {
	Paths  []string
	Follow bool          // false: read what is there, then end with io.EOF
	Poll   time.Duration // between looks at quiet files; default 200 ms
	Max    int           // lines in one batch; default 1000
	// MaxLine is the limit of one line in bytes; default [MaxLine].
	MaxLine int
	// Wait passes the time between polls; default [Sleep]. Tests give their own.
	Wait func(context.Context, time.Duration) error
}

// Sleep waits for d or until ctx ends, whose error it returns.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Batch is what one look at the files gave.
type Batch struct {
	Lines  []Line // file by file, in order within a file
	Skips  []Skip
	Cursor Cursor // behind all lines and skips of this and earlier batches
	AtEnd  bool   // every file was read to its present end
	There  bool   // every file was found under its path, see [Presence]
}

// Follower reads several files by turns.
type Follower struct {
	cfg   Config
	files []*File
	turn  int  // who is read first: a busy file must not starve the others
	idle  bool // the last one reached the end of every file
	away  Absence
}

// Follow opens the files where the cursor says, and from the beginning where it
// says nothing.
func Follow(cfg Config, from Cursor) (*Follower, error) {
	if len(cfg.Paths) == 0 {
		return nil, errors.New("no file to read is configured")
	}
	if cfg.Poll <= 0 {
		cfg.Poll = 200 * time.Millisecond
	}
	if cfg.Max <= 0 {
		cfg.Max = 1000
	}
	if cfg.Wait == nil {
		cfg.Wait = Sleep
	}
	t := &Follower{cfg: cfg}
	for _, path := range cfg.Paths {
		f, err := Open(path, from.Of(path), cfg.MaxLine)
		if err != nil {
			return nil, errors.Join(err, t.Close())
		}
		t.files = append(t.files, f)
	}
	return t, nil
}

// Close closes all files.
func (t *Follower) Close() error {
	var errs []error
	for _, f := range t.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Next waits for lines and returns them. A batch without lines is given out when
// the end of all files is reached, so that the receiver can say so, and then once
// a poll while they are quiet. At the end of a finite input it returns io.EOF,
// when stopped ctx.Err().
func (t *Follower) Next(ctx context.Context) (Batch, error) {
	if err := ctx.Err(); err != nil {
		return Batch{}, err
	}
	if t.idle {
		if !t.cfg.Follow {
			return Batch{}, io.EOF
		}
		if err := t.cfg.Wait(ctx, t.cfg.Poll); err != nil {
			return Batch{}, err
		}
	}
	b, err := t.poll()
	if err != nil {
		return Batch{}, err
	}
	t.idle = b.AtEnd
	return b, nil
}

// Absent says which files are not there, as [Absence.Look] does.
func (t *Follower) Absent(now time.Time) error { return t.away.Look(now, t.files...) }

func (t *Follower) poll() (Batch, error) {
	b := Batch{AtEnd: true, There: true}
	t.turn++
	for i := range t.files {
		f := t.files[(t.turn+i)%len(t.files)]
		lines, skips, atEnd, err := f.Read(t.cfg.Max - len(b.Lines))
		if err != nil {
			return Batch{}, err
		}
		b.Lines, b.Skips = append(b.Lines, lines...), append(b.Skips, skips...)
		b.AtEnd, b.There = b.AtEnd && atEnd, b.There && f.Presence() == There
		if atEnd && !t.cfg.Follow {
			if f.Presence() == Missing {
				return Batch{}, fmt.Errorf("reading %s: there is no such file", f.path)
			}
			rest, skips := f.Rest()
			b.Lines, b.Skips = append(b.Lines, rest...), append(b.Skips, skips...)
		}
	}
	for _, f := range t.files {
		b.Cursor = append(b.Cursor, f.Position())
	}
	return b, nil
}
