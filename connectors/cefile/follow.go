package cefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/tail"
)

// follow reads what is appended to the files until ctx ends.
func (s *Source) follow(ctx context.Context, at cursor, out connectors.Output) (err error) {
	for _, path := range s.cfg.Paths {
		if err := plain(path); err != nil {
			return fmt.Errorf("%s: %w", s.URI(), err)
		}
	}
	lines, err := tail.Follow(tail.Config{
		Paths: s.cfg.Paths, Follow: true, Max: s.cfg.Batch, MaxLine: Reader{Limits: s.cfg.Limits}.limits().Line,
		Poll: s.cfg.Poll, Wait: s.cfg.Wait,
	}, at.Log)
	if err != nil {
		return fmt.Errorf("%s: %w", s.URI(), err)
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	for {
		got, err := lines.Next(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", s.URI(), err)
		}
		out.Waiting(lines.Absent(s.cfg.Now()))
		if len(got.Lines) == 0 && len(got.Skips) == 0 {
			continue
		}
		if err := s.emit(ctx, out, appended(got), cursor{Log: got.Cursor}); err != nil {
			return err
		}
	}
}

func appended(got tail.Batch) batch {
	var b batch
	for _, sk := range got.Skips {
		reason := SkipTooLong
		if errors.Is(sk.Err, tail.ErrLost) {
			reason = SkipLost
		}
		b.skip(reason, sk.Place, sk.Err)
	}
	for _, l := range got.Lines {
		b.add(l.Place(), line{number: l.Number, text: bytes.TrimSpace(l.Text)})
	}
	return b
}

// errCompressed: a compressed file has no end to wait at.
var errCompressed = errors.New("is compressed, and cannot be followed")

// plain refuses a compressed file. One that is not there yet will be plain.
func plain(path string) (err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head := make([]byte, 4)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("look at the first bytes of %s: %w", path, err)
	}
	if head = head[:n]; bytes.HasPrefix(head, gzipMagic) || bytes.HasPrefix(head, zstdMagic) || isSkippable(head) {
		return fmt.Errorf("%s %w", path, errCompressed)
	}
	return nil
}
