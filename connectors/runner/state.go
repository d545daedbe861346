package runner

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/overstay/overstay/connectors"
)

// place is where a source stands: what is in its state file.
type place struct {
	URI     string            `json:"uri"`
	Epoch   uint64            `json:"epoch"`
	Counter uint64            `json:"counter"` // of the last event that is in the log
	Cursor  connectors.Cursor `json:"cursor"`  // nil: from the beginning
}

// stateFile is the form on disk. The checksum is over the place as written: a
// flipped bit in a cursor would otherwise skip what it points past.
type stateFile struct {
	Place  json.RawMessage `json:"place"`
	SHA256 string          `json:"sha256"`
}

// keeper reads and writes the files of one source.
type keeper struct {
	dir, uri string
	now      func() time.Time
}

// lost says why a source's place is not known any more.
type lost struct{ reason error }

// load reads the place. When it was lost, it is the beginning with a higher
// epoch, already stored, and why is set.
func (k keeper) load() (p place, why *lost, err error) {
	p, err = k.read()
	if err == nil {
		return p, nil, nil
	}
	if environment := (*fs.PathError)(nil); errors.As(err, &environment) && !errors.Is(err, fs.ErrNotExist) {
		return place{}, nil, err
	}
	epoch, before, err2 := k.nextEpoch()
	if err2 != nil {
		return place{}, nil, err2
	}
	if before || !errors.Is(err, fs.ErrNotExist) {
		why = &lost{err}
	}
	p = place{URI: k.uri, Epoch: epoch}
	// The epoch comes first: were it second, a crash in between would leave a
	// place whose loss counts up to the same epoch again.
	if err := writeFile(k.path(".epoch"), []byte(strconv.FormatUint(epoch, 10)+"\n")); err != nil {
		return place{}, nil, err
	}
	return p, why, k.store(p)
}

func (k keeper) read() (place, error) {
	path := k.path(".json")
	b, err := os.ReadFile(path)
	if err != nil {
		return place{}, err
	}
	var f stateFile
	if err := strict(b, &f); err != nil {
		return place{}, fmt.Errorf("%s is unreadable: %w", path, err)
	}
	if f.SHA256 != checksum(f.Place) {
		return place{}, fmt.Errorf("%s fails its checksum", path)
	}
	var p place
	if err := strict(f.Place, &p); err != nil {
		return place{}, fmt.Errorf("%s is unreadable: %w", path, err)
	}
	if p.URI != k.uri || p.Epoch == 0 {
		return place{}, fmt.Errorf("%s is of source %.100q, epoch %d", path, p.URI, p.Epoch)
	}
	return p, nil
}

// nextEpoch is the one after the last that is known of; before says whether
// there was one.
func (k keeper) nextEpoch() (epoch uint64, before bool, err error) {
	b, err := os.ReadFile(k.path(".epoch"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(k.path(".json")); errors.Is(err, fs.ErrNotExist) {
			return 1, false, nil
		}
		return k.clockEpoch(), true, nil
	}
	if err != nil {
		return 0, false, err
	}
	last, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 32)
	if err != nil {
		return k.clockEpoch(), true, nil
	}
	return last + 1, true, nil
}

// clockEpoch has ten digits, as many as the wire form of a sequence.
func (k keeper) clockEpoch() uint64 { return uint64(max(k.now().Unix(), 1)) }

func (k keeper) store(p place) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing the place of %s: %w", k.uri, err)
	}
	b, err := json.Marshal(stateFile{Place: text, SHA256: checksum(text)})
	if err != nil {
		return fmt.Errorf("writing the place of %s: %w", k.uri, err)
	}
	return writeFile(k.path(".json"), append(b, '\n'))
}

// maxName keeps file names below the 255 bytes that file systems take.
const maxName = 150

// path names a file after the source, so that a person finds it.
func (k keeper) path(ext string) string {
	var name strings.Builder
	for _, c := range []byte(k.uri) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			name.WriteByte(c)
		default:
			fmt.Fprintf(&name, "%%%02X", c)
		}
	}
	text := name.String()
	if len(text) > maxName {
		text = text[:maxName] + "-" + checksum([]byte(k.uri))[:16]
	}
	return filepath.Join(k.dir, text+ext)
}

// writeFile replaces a file atomically and durably.
func writeFile(path string, b []byte) error {
	temp := path + ".tmp"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", temp, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("syncing folder %s: %w", dir, err)
	}
	return nil
}

func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the JSON value")
	}
	return nil
}

func checksum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
