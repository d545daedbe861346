package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/overstay/overstay/cmd/internal/backup"
	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// The names of a backup's parts.
const (
	partState      = "state.zst"
	partConnectors = "connectors"
	partStreams    = "streams"
)

// copiedStreams are the streams of an own server in the order in which they are
// copied.
var copiedStreams = []string{jetstream.QuarantineStream, jetstream.AlertsStream, jetstream.EventsStream}

// Backup writes a backup of everything that a lost machine would take with it, but
// for the configuration. Nothing stops meanwhile; the order makes it consistent,
// since whatever is copied later covers what was copied before:
//
//  1. The connectors' cursors. What they let pass is in the log; what comes after
//     them they read again, and a fact that comes twice is one.
//  2. The state, as of one commit, with what is yet to be published.
//  3. The alerts: all that the state takes for published.
//  4. The log: all that the state and the alerts follow from.
//
// With a NATS server of somebody else's there are no streams in it.
func (a *App) Backup(ctx context.Context, w io.Writer) error {
	b := backup.NewWriter(w, a.opts.Clock.Wall().UTC())
	m := backup.Manifest{Version: a.opts.Version, Semantics: correlator.SemanticsID, State: correlator.StateVersion, Config: a.configHash()}
	if err := a.backUpConnectors(b); err != nil {
		return err
	}
	if err := a.backUpState(b, &m); err != nil {
		return err
	}
	if err := a.fail(PointBackingUp); err != nil {
		return err
	}
	copies := []jetstream.StreamCopy{}
	if a.server != nil {
		for _, name := range copiedStreams {
			if err := b.Part(partStreams+"/"+name, func(w io.Writer) error {
				c, err := a.server.CopyStream(ctx, name, w)
				copies = append(copies, c)
				return err
			}); err != nil {
				return err
			}
		}
	}
	var err error
	if m.Streams, err = json.Marshal(copies); err != nil {
		return fmt.Errorf("list the streams of a backup: %w", err)
	}
	return b.Close(m)
}

// configHash tells configurations apart, "" where there is none.
func (a *App) configHash() string {
	if a.cfg.File == "" {
		return ""
	}
	text, err := os.ReadFile(a.cfg.File)
	if err != nil {
		a.log.Warn("the configuration's hash is not in the backup", "error", err)
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// backUpConnectors copies the files of the connectors. Each is replaced as a whole
// when it changes, so each is whole.
func (a *App) backUpConnectors(b *backup.Writer) error {
	dir := a.dir(partConnectors)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // no connector has run yet, or this file was replaced just now
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return b.Part(partConnectors+"/"+filepath.ToSlash(name), func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	})
}

func (a *App) backUpState(b *backup.Writer, m *backup.Manifest) error {
	return withSnapshot(a.state, func(snap store.Snapshot) error {
		m.Position = snap.Position()
		if m.Position.LogID == "" {
			return &StateError{"the state holds nothing yet", "back it up once something was judged"}
		}
		policy, err := engine.PolicyOf(a.state)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(policy)
		m.Policy = hex.EncodeToString(sum[:])
		return b.Part(partState, func(w io.Writer) error {
			_, err := checkpoint.Write(w, checkpoint.Header{Semantics: m.Semantics, State: m.State, Taken: a.opts.Clock.Wall().UTC()}, snap)
			return err
		})
	})
}

// BackupOffline backs up a data folder that nothing runs on.
func BackupOffline(ctx context.Context, o Options, w io.Writer) (err error) {
	a, err := openOffline(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.Backup(ctx, w)
}
