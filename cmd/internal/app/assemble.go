package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/overstay/overstay/cmd/internal/backup"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// assemble puts a backup together in a folder of its own, and checks the whole.
func assemble(ctx context.Context, o Options, f *backup.File, place string, out *Restored) (err error) {
	for _, p := range f.Parts {
		if name, ok := strings.CutPrefix(p.Name, partConnectors+"/"); ok {
			if err := writeFile(ctx, f, p.Name, filepath.Join(place, partConnectors), name); err != nil {
				return err
			}
		}
	}
	s, err := badger.Open(filepath.Join(place, "state"), badger.Options{Logger: o.Logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := loadState(ctx, s, f); err != nil {
		return err
	}
	var streams []jetstream.StreamCopy
	if err := json.Unmarshal(f.Streams, &streams); err != nil {
		return fmt.Errorf("read the list of streams in the backup: %w", err)
	}
	if len(streams) == 0 {
		return nil // the log is elsewhere, and is identified at the next start
	}
	logID, err := restoreStreams(ctx, o, f, filepath.Join(place, "nats"), streams, s, out)
	if err != nil {
		return err
	}
	return engine.MarkRestored(s, logID, f.Taken)
}

// writeFile writes a part into a file below a folder.
func writeFile(ctx context.Context, f *backup.File, part, dir, name string) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("the backup has a part %q, which lies outside its folder", part)
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("restore %s: %w", part, err)
	}
	w, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("restore %s: %w", part, err)
	}
	err = f.Part(ctx, part, func(r io.Reader) error {
		_, err := io.Copy(w, r)
		return err
	})
	if err == nil {
		err = w.Sync()
	}
	return errors.Join(err, w.Close())
}

// loadState fills the state and compares its position with what the backup says.
func loadState(ctx context.Context, s store.Store, f *backup.File) error {
	info, err := checkpoint.Load(s, func(fn func(key, value []byte) error) (info checkpoint.Info, err error) {
		err = f.Part(ctx, partState, func(r io.Reader) error {
			info, err = checkpoint.Read(r, partState, fn)
			return err
		})
		return info, err
	})
	if err != nil {
		return fmt.Errorf("restore the state: %w", err)
	}
	if info.Position != f.Position {
		return fmt.Errorf("restore the state: it stands at %+v, and the backup says %+v", info.Position, f.Position)
	}
	// One of other rules is no error: the next start makes it again from the log.
	var outdated *engine.OutdatedError
	if err := engine.CheckState(s); err != nil && !errors.As(err, &outdated) {
		return fmt.Errorf("restore the state: %w", err)
	}
	return nil
}

// restoreStreams makes the streams on a server that nobody reaches, reads the log
// once, and compares it with the state. It returns what the log is called now.
func restoreStreams(ctx context.Context, o Options, f *backup.File, dir string, streams []jetstream.StreamCopy, s store.Store, out *Restored) (logID string, err error) {
	server, err := jetstream.Embed(ctx, jetstream.Options{Dir: dir, MaxStore: o.Config.NATS.MaxStore, Logger: o.Logger})
	if err != nil {
		return "", err
	}
	defer server.Shutdown()
	for _, c := range streams {
		if err := f.Part(ctx, partStreams+"/"+c.Name, func(r io.Reader) error { return server.RestoreStream(c, r) }); err != nil {
			return "", err
		}
	}
	nc, err := server.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer nc.Close()
	opened, err := jetstream.Open(ctx, nc, jetstream.StreamOptions{MaxStore: server.MaxStore(), Logger: o.Logger})
	if err != nil {
		return "", fmt.Errorf("open the restored streams: %w", err)
	}
	defer opened.Close()
	at, err := s.Position()
	if err != nil {
		return "", err
	}
	reason, err := engine.Fits(ctx, opened.Events(), at)
	if err != nil {
		return "", err
	}
	if reason != "" {
		return "", fmt.Errorf("the state in the backup is not of the log in it: %s", reason)
	}
	st, err := opened.Events().State(ctx)
	if err != nil {
		return "", fmt.Errorf("ask the restored log for its state: %w", err)
	}
	out.LogFirst, out.LogLast = st.First, st.Last
	for _, c := range streams {
		if c.Name == jetstream.EventsStream && c.Last != st.Last {
			return "", fmt.Errorf("the restored log ends at %d, and the backup says %d", st.Last, c.Last)
		}
	}
	return st.ID, nil
}
