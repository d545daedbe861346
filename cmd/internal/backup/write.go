package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/overstay/overstay/store"
)

// format is the number of the file's layout.
const format = 1

// Manifest says what a backup holds.
type Manifest struct {
	Format    int            `json:"overstayBackup"`
	Taken     time.Time      `json:"taken"` // by the machine's clock
	Version   string         `json:"version"`
	Semantics string         `json:"semantics"`
	State     string         `json:"state"`
	Position  store.Position `json:"position"` // of the state
	// Policy and Config are SHA-256 of the policy in force and of the configuration
	// file; they are not in the backup.
	Policy  string          `json:"policy"`
	Config  string          `json:"config,omitempty"`
	Streams json.RawMessage `json:"streams"` // [] where NATS is somebody else's
	Parts   []Part          `json:"parts"`
}

// Part is one named sequence of bytes.
type Part struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const (
	chunkBytes   = 8 << 20
	manifestName = "manifest.json"
	sumName      = "manifest.json.sha256"
)

// Writer writes a backup.
type Writer struct {
	tar   *tar.Writer
	taken time.Time
	parts []Part
}

// NewWriter begins a backup. The time stands at every entry.
func NewWriter(w io.Writer, taken time.Time) *Writer {
	return &Writer{tar: tar.NewWriter(w), taken: taken}
}

// Part writes one part, while fill writes its bytes.
func (w *Writer) Part(name string, fill func(io.Writer) error) error {
	p := &partWriter{w: w, name: name, sum: sha256.New()}
	err := fill(p)
	if err == nil {
		err = p.flush()
	}
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	w.parts = append(w.parts, Part{name, p.bytes, hex.EncodeToString(p.sum.Sum(nil))})
	return nil
}

// Close ends the backup with its list of parts. Without it there is none.
func (w *Writer) Close(m Manifest) error {
	m.Format, m.Taken, m.Parts = format, w.taken, w.parts
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest of a backup: %w", err)
	}
	sum := sha256.Sum256(text)
	if err := w.entry(manifestName, text); err != nil {
		return err
	}
	if err := w.entry(sumName, []byte(hex.EncodeToString(sum[:]))); err != nil {
		return err
	}
	if err := w.tar.Close(); err != nil {
		return fmt.Errorf("end a backup: %w", err)
	}
	return nil
}

func (w *Writer) entry(name string, b []byte) error {
	err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(b)), ModTime: w.taken, Format: tar.FormatPAX})
	if err == nil {
		_, err = w.tar.Write(b)
	}
	if err != nil {
		return fmt.Errorf("write %s into a backup: %w", name, err)
	}
	return nil
}

// partWriter cuts a part into entries.
type partWriter struct {
	w     *Writer
	name  string
	sum   hash.Hash
	bytes int64
	chunk []byte
	n     int
}

// Write implements io.Writer.
func (p *partWriter) Write(b []byte) (int, error) {
	written := len(b)
	p.sum.Write(b)
	p.bytes += int64(len(b))
	for len(p.chunk)+len(b) >= chunkBytes {
		room := chunkBytes - len(p.chunk)
		p.chunk, b = append(p.chunk, b[:room]...), b[room:]
		if err := p.flush(); err != nil {
			return 0, err
		}
	}
	p.chunk = append(p.chunk, b...)
	return written, nil
}

func (p *partWriter) flush() error {
	if len(p.chunk) == 0 && p.n > 0 {
		return nil
	}
	err := p.w.entry(fmt.Sprintf("%s/%06d", p.name, p.n), p.chunk)
	p.n++
	p.chunk = p.chunk[:0]
	return err
}
