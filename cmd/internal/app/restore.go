package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
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

// RestoreOptions say what to do with a backup.
type RestoreOptions struct {
	File       string
	VerifyOnly bool // put it together in a temporary folder, and remove that
	Replace    bool // what is in the data folder is set aside
}

// Restored is what came of it.
type Restored struct {
	backup.Manifest
	// LogFirst and LogLast bound the log that was restored; 0 where it is on a NATS
	// server of somebody else's.
	LogFirst uint64 `json:"logFirst"`
	LogLast  uint64 `json:"logLast"`
	Verified bool   `json:"verified"`
	Restored bool   `json:"restored"`
	// SetAside is the folder with what was there before, "" if nothing was.
	SetAside string `json:"setAside,omitempty"`
}

// restoredDirs are the folders of a data folder that a backup is about.
var restoredDirs = []string{"nats", "state", partConnectors, "checkpoints"}

// Restore verifies a backup, puts it together beside what is there, opens all of it,
// and compares state and log, before it touches anything. Nothing may run on the
// data folder.
func Restore(ctx context.Context, o Options, r RestoreOptions) (out Restored, err error) {
	f, err := backup.Open(r.File)
	if err != nil {
		return out, err
	}
	out.Manifest = f.Manifest
	data := o.Config.DataDir
	if r.VerifyOnly {
		if data, err = os.MkdirTemp("", "overstay-verify-"); err != nil {
			return out, fmt.Errorf("make a place to put the backup together: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	} else {
		release, failed := claim(data, r.Replace)
		if failed != nil {
			return out, failed
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	place := filepath.Join(data, "restoring")
	if err := os.RemoveAll(place); err != nil { // of an attempt that was interrupted
		return out, fmt.Errorf("clear away an earlier attempt: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(place)) }()
	if err := assemble(ctx, o, f, place, &out); err != nil {
		return out, err
	}
	out.Verified = true
	if r.VerifyOnly {
		return out, nil
	}
	aside, err := free(filepath.Join(data, "replaced-"+f.Taken.UTC().Format("20060102T150405Z")))
	if err != nil {
		return out, err
	}
	out.SetAside, err = moveIn(data, place, aside)
	out.Restored = err == nil
	return out, err
}

// claim takes a data folder for a restore alone: two at once would clear each other's
// work away.
func claim(data string, replace bool) (release func() error, err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if release, err = badger.Hold(data); err != nil {
		return nil, fmt.Errorf("restore into %s: %w", data, err)
	}
	if err := vacant(data, replace); err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

// vacant makes sure that a data folder is nobody's, and empty unless its contents
// may be set aside.
func vacant(data string, replace bool) error {
	for _, name := range restoredDirs {
		full, err := holds(filepath.Join(data, name))
		if err != nil {
			return err
		}
		if full && !replace {
			return &StateError{fmt.Sprintf("%s holds data", filepath.Join(data, name)), "--replace sets it aside, or restore into another folder with --data"}
		}
	}
	// Whoever has the state open has the folder.
	state := filepath.Join(data, "state")
	if full, err := holds(state); err != nil || !full {
		return err
	}
	s, err := badger.Open(state, badger.Options{Logger: slog.New(slog.DiscardHandler)})
	if errors.Is(err, store.ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Close()
}

// holds reports whether there is anything in a folder.
func holds(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("look into the data folder: %w", err)
	}
	return len(entries) > 0, nil
}

// assemble puts a backup together in a folder of its own, and checks the whole.
func assemble(ctx context.Context, o Options, f *backup.File, place string, out *Restored) (err error) {
	for _, p := range f.Parts {
		if name, ok := strings.CutPrefix(p.Name, partConnectors+"/"); ok {
			if err := writeFile(f, p.Name, filepath.Join(place, partConnectors), name); err != nil {
				return err
			}
		}
	}
	s, err := badger.Open(filepath.Join(place, "state"), badger.Options{Logger: o.Logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := loadState(s, f); err != nil {
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
func writeFile(f *backup.File, part, dir, name string) error {
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
	err = f.Part(part, func(r io.Reader) error {
		_, err := io.Copy(w, r)
		return err
	})
	if err == nil {
		err = w.Sync()
	}
	return errors.Join(err, w.Close())
}

// loadState fills the state and compares its position with what the backup says.
func loadState(s store.Store, f *backup.File) error {
	info, err := checkpoint.Load(s, func(fn func(key, value []byte) error) (info checkpoint.Info, err error) {
		err = f.Part(partState, func(r io.Reader) error {
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
		if err := f.Part(partStreams+"/"+c.Name, func(r io.Reader) error { return server.RestoreStream(c, r) }); err != nil {
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

// free is a path that nothing is at: the same backup may be restored again.
func free(path string) (string, error) {
	out := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(out); errors.Is(err, fs.ErrNotExist) {
			return out, nil
		} else if err != nil {
			return "", fmt.Errorf("look for a place for what is replaced: %w", err)
		}
		out = fmt.Sprintf("%s-%d", path, n)
	}
}

// moveIn sets aside what is there and moves in what was put together. It returns
// the folder of the former, "" if there was nothing.
func moveIn(data, place, aside string) (string, error) {
	setAside := ""
	for _, name := range restoredDirs {
		old := filepath.Join(data, name)
		full, err := holds(old)
		if err != nil {
			return setAside, err
		}
		if full {
			setAside = aside
			if err := os.MkdirAll(setAside, 0o700); err != nil {
				return setAside, fmt.Errorf("make a place for what is replaced: %w", err)
			}
			if err := os.Rename(old, filepath.Join(setAside, name)); err != nil {
				return setAside, fmt.Errorf("set aside %s: %w", old, err)
			}
		} else if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return setAside, fmt.Errorf("make room for %s: %w", old, err)
		}
	}
	for _, name := range restoredDirs {
		err := os.Rename(filepath.Join(place, name), filepath.Join(data, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return setAside, fmt.Errorf("move in %s: %w", name, err)
		}
	}
	return setAside, nil
}
