package sections

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Writer writes labelled sections.
type Writer struct {
	w      io.Writer
	what   string
	enc    *zstd.Encoder
	number int
	offset int64
	packed []byte
}

// NewWriter begins with section number, at a byte of a file: 0 and 0 for a new one.
// what names the kind of file in errors.
func NewWriter(w io.Writer, what string, number int, offset int64) (*Writer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("prepare to pack %s: %w", what, err)
	}
	return &Writer{w: w, what: what, enc: enc, number: number, offset: offset}, nil
}

// Line writes a section that is one line of JSON.
func (w *Writer) Line(kind byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write a line of %s: %w", w.what, err)
	}
	return w.Write(kind, append(text, '\n'))
}

// Write writes a section.
func (w *Writer) Write(kind byte, plain []byte) error {
	if len(plain) > MaxPlain || w.number >= maxSections {
		return fmt.Errorf("section %d of %s would have %d bytes", w.number, w.what, len(plain))
	}
	w.packed = w.enc.EncodeAll(plain, w.packed[:0])
	l := Label{Kind: kind, Number: w.number, Packed: len(w.packed), Plain: len(plain), crc: crc32.Checksum(w.packed, castagnoli)}
	w.number++
	for _, b := range [][]byte{l.encode(), w.packed} {
		n, err := w.w.Write(b)
		w.offset += int64(n)
		if err != nil {
			return fmt.Errorf("write section %d of %s: %w", l.Number, w.what, err)
		}
	}
	return nil
}

// Number is that of the next section, Offset where in the file it will begin.
func (w *Writer) Number() int { return w.number }

// Offset is where the next section will begin, in bytes.
func (w *Writer) Offset() int64 { return w.offset }
