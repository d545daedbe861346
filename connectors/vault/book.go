package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/tail"
)

// cursor is where and with what knowledge to go on. The state is in it while it
// is small; later in a file that the cursor names by its generation and hash.
type cursor struct {
	Version    int         `json:"v"`
	Files      tail.Cursor `json:"files"`
	Ahead      []string    `json:"ahead,omitempty"`
	Alone      []string    `json:"alone,omitempty"`
	State      *state      `json:"state,omitempty"`
	Generation int         `json:"generation,omitempty"`
	Hash       string      `json:"hash,omitempty"`
}

// Limits of the state.
const (
	inlineEntries = 1000             // tokens and leases that a cursor takes
	inlineBytes   = 900 << 10        // and bytes
	fileEvery     = 5 * time.Second  // between two state files
	pruneEvery    = 10 * time.Minute // of log time
	maxState      = 1 << 30
)

// book keeps cursor and state together. While the state is in files, a cursor
// between two of them is the older one again: what was said since then is said
// once more after a restart, with the same ids.
type book struct {
	cfg    *Config
	last   connectors.Cursor // the last one handed out
	gen    int
	saved  time.Time // of the last state file, by our clock
	final  bool      // the input is at its end: there will be no later chance
	pruned time.Time // in log time
}

// StateError says that the state cannot be kept or found again, and what to do.
type StateError struct {
	Hint string
	Err  error
}

func (e *StateError) Error() string { return fmt.Sprintf("%v (%s)", e.Err, e.Hint) }
func (e *StateError) Unwrap() error { return e.Err }

func openBook(cfg *Config, from connectors.Cursor) (*book, *cursor, error) {
	b := &book{cfg: cfg, last: from}
	cur := &cursor{State: newState()}
	if len(from) == 0 {
		return b, cur, nil
	}
	cur.State = nil
	if err := json.Unmarshal(from, cur); err != nil {
		return nil, nil, fmt.Errorf("reading the cursor of %s: %w", cfg.uri(), cleanError(err))
	}
	if cur.Version != 1 {
		return nil, nil, fmt.Errorf("reading the cursor of %s: version %d is not known", cfg.uri(), cur.Version)
	}
	if b.gen = cur.Generation; cur.State == nil {
		st, err := b.load(cur)
		if err != nil {
			return nil, nil, &StateError{Err: err, Hint: "restore the file, or remove this source's cursor to read its logs from the beginning"}
		}
		cur.State = st
	}
	cur.State.fill()
	b.pruned = cur.State.Now
	return b, cur, nil
}

func (b *book) path(gen int) string {
	return filepath.Join(b.cfg.StateDir, fmt.Sprintf("vault-%s.%d.json", b.cfg.Name, gen))
}

func (b *book) load(cur *cursor) (*state, error) {
	path := b.path(cur.Generation)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the state of %s: %w", b.cfg.uri(), err)
	}
	if sum := sha256.Sum256(text); len(text) > maxState || hex.EncodeToString(sum[:]) != cur.Hash {
		return nil, fmt.Errorf("reading the state of %s: %s is not what the cursor names", b.cfg.uri(), path)
	}
	st := &state{}
	if err := json.Unmarshal(text, st); err != nil {
		return nil, fmt.Errorf("reading the state of %s from %s: %w", b.cfg.uri(), path, cleanError(err))
	}
	return st, nil
}

// cursor makes the cursor behind everything that was translated.
func (b *book) cursor(files tail.Cursor, m *merge, t *translator) (connectors.Cursor, error) {
	if b.pruned.IsZero() {
		b.pruned = t.st.Now
	}
	if t.st.Now.Sub(b.pruned) > pruneEvery {
		b.pruned = t.st.Now
		if n := t.st.prune(); n > 0 {
			t.skip(skipFull, "the connector's state", fmt.Errorf("%d tokens and leases were forgotten, more than %d live", n, maxEntries))
		}
	}
	cur := cursor{Version: 1, Files: files, Ahead: m.ahead(), Alone: m.alone, Generation: b.gen}
	if len(t.st.Tokens)+len(t.st.Leases) <= inlineEntries {
		cur.State = t.st
		text, err := json.Marshal(cur, json.Deterministic(true))
		if err != nil {
			return nil, fmt.Errorf("writing the cursor of %s: %w", b.cfg.uri(), err)
		}
		if len(text) <= inlineBytes {
			return text, nil
		}
		cur.State = nil
	}
	return b.toFile(cur, t.st)
}

func (b *book) toFile(cur cursor, st *state) (connectors.Cursor, error) {
	if b.cfg.StateDir == "" {
		return nil, &StateError{
			Err:  fmt.Errorf("keeping the state of %s: %d live tokens and leases are too many for a cursor", b.cfg.uri(), len(st.Tokens)+len(st.Leases)),
			Hint: "configure a state directory",
		}
	}
	now := b.cfg.Clock()
	if !b.saved.IsZero() && now.Sub(b.saved) < fileEvery && b.last != nil && !b.final {
		return b.last, nil
	}
	text, err := json.Marshal(st, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing the state of %s: %w", b.cfg.uri(), err)
	}
	cur.Generation++
	sum := sha256.Sum256(text)
	cur.Hash = hex.EncodeToString(sum[:])
	if err := writeFile(b.path(cur.Generation), text); err != nil {
		return nil, fmt.Errorf("writing the state of %s: %w", b.cfg.uri(), err)
	}
	b.gen, b.saved = cur.Generation, now
	out, err := json.Marshal(cur, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing the cursor of %s: %w", b.cfg.uri(), err)
	}
	return out, nil
}

// emitted is told that a cursor is durable: state files before the one before it
// are not needed any more.
func (b *book) emitted(c connectors.Cursor) error {
	b.last = c
	if b.gen < 2 || b.cfg.StateDir == "" {
		return nil
	}
	if err := os.Remove(b.path(b.gen - 2)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing an old state of %s: %w", b.cfg.uri(), err)
	}
	return nil
}

// writeFile replaces a file whole or not at all, also when the power fails.
func writeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".vault-state-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
