package cefile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Errors of an input that cannot be read on. What came before is good.
var (
	// ErrCorrupt: the compressed data is damaged or cut off.
	ErrCorrupt = errors.New("compressed data is corrupt")
	// ErrTooMuch: the input decompresses to more than the limits allow.
	ErrTooMuch = errors.New("decompressed data is too large")
)

// Limits bound what an input may cost. Zero values mean the defaults.
type Limits struct {
	// Line is the longest line in bytes; default events.MaxBody, above which no
	// event is valid.
	Line int
	// Decompressed is how much a compressed input may become; default 16 GiB.
	Decompressed int64
	// Ratio is how many times its own size a compressed input may become, once
	// it has passed 16 MiB; default 500. Logs reach 100 or so.
	Ratio int64
}

const (
	defaultDecompressed = 16 << 30
	defaultRatio        = 500
	ratioFrom           = 16 << 20
	// maxWindow bounds what a zstd frame can make the decoder hold. Files made
	// with --long=27 need more memory than an input should be given here.
	maxWindow = 32 << 20
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	utf8BOM   = []byte{0xef, 0xbb, 0xbf}
)

// isSkippable recognises the skippable frame that some writers begin a zstd file
// with (RFC 8878, 3.1.2).
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// open looks at the first bytes and returns the text behind them. release frees the
// decoder, not the input.
func open(r io.Reader, limits Limits) (text io.Reader, release func(), err error) {
	in := &counted{r: r}
	buffered := bufio.NewReaderSize(in, 64<<10)
	head, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("look at the first bytes: %w", err)
	}
	var decoded io.Reader
	release = func() {}
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, nil, in.blame(err)
		}
		decoded = z
	case bytes.HasPrefix(head, zstdMagic), isSkippable(head):
		z, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, in.blame(err)
		}
		decoded, release = z, z.Close
	default:
		if bytes.HasPrefix(head, utf8BOM) {
			if _, err := buffered.Discard(len(utf8BOM)); err != nil {
				return nil, nil, fmt.Errorf("skip the byte order mark: %w", err)
			}
		}
		return buffered, release, nil
	}
	return &bounded{decoded: decoded, in: in, limits: limits}, release, nil
}

// counted counts what is read and keeps the input's own error, so that a broken
// disk is not taken for a broken file.
type counted struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// blame is the decoder's error as ours.
func (c *counted) blame(err error) error {
	if c.err != nil {
		return c.err
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// bounded is decompressed text within the limits.
type bounded struct {
	decoded io.Reader
	in      *counted
	limits  Limits
	n       int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.decoded.Read(p)
	b.n += int64(n)
	if b.n > b.limits.Decompressed {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooMuch, b.limits.Decompressed)
	}
	if b.n > ratioFrom && b.n/b.limits.Ratio > b.in.n {
		return 0, fmt.Errorf("%w: %d bytes came of %d, more than %d times as many", ErrTooMuch, b.n, b.in.n, b.limits.Ratio)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.in.blame(err)
	}
	return n, err
}
