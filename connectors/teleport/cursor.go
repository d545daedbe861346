package teleport

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/tail"
)

// maxMemory bounds a mapper's memory as it is read from a cursor, in bytes. Full
// to all its bounds it has a tenth of that.
const maxMemory = 64 << 20

// cursor is the place in the files and what the mapper remembers there. The
// memory is written compressed: it is stored with every batch.
type cursor struct {
	Log  tail.Cursor `json:"log"`
	Held []byte      `json:"held"`

	memory []byte
}

// packer writes cursors. It keeps its compressor, which is large.
type packer struct{ w *flate.Writer }

func (p *packer) write(c cursor) (connectors.Cursor, error) {
	var held bytes.Buffer
	if p.w == nil {
		w, err := flate.NewWriter(&held, flate.BestSpeed)
		if err != nil {
			return nil, fmt.Errorf("write cursor: %w", err)
		}
		p.w = w
	}
	p.w.Reset(&held)
	if _, err := p.w.Write(c.memory); err != nil {
		return nil, fmt.Errorf("write cursor: %w", err)
	}
	if err := p.w.Close(); err != nil {
		return nil, fmt.Errorf("write cursor: %w", err)
	}
	c.Held = held.Bytes()
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write cursor: %w", err)
	}
	return b, nil
}

// readCursor reads what write wrote; no cursor is the beginning.
func readCursor(from connectors.Cursor) (cursor, error) {
	var c cursor
	if len(from) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(from, &c); err != nil {
		return c, fmt.Errorf("read cursor: %w", err)
	}
	memory, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(c.Held)), maxMemory+1))
	if err != nil {
		return c, fmt.Errorf("read the memory in the cursor: %w", err)
	}
	if len(memory) > maxMemory {
		return c, errors.New("read cursor: the memory in it is too large")
	}
	c.memory = memory
	return c, nil
}
