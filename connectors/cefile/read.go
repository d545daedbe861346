package cefile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/overstay/overstay/events"
)

// ErrTooLong is the reason of a line over the limit.
var ErrTooLong = errors.New("line is too long")

// Read reads r to its end and calls fn for every line that is not empty: with the
// event in it, or with the reason why there is none. place is "-:" and the number
// of the line. An error from fn stops the reading and is returned. Otherwise the
// error is the input's own, ErrCorrupt, ErrTooMuch, or ctx's: then everything up
// to there has been told, and the rest is unread.
//
// Between lines Read looks at ctx; a call to r that blocks is ended by closing r.
func Read(ctx context.Context, r io.Reader, fn func(place string, ev events.Event, err error) error) error {
	return Reader{}.Read(ctx, r, fn)
}

// Reader reads with limits and a name. The zero Reader is Read.
type Reader struct {
	// Name stands for the input in places and errors; default "-".
	Name   string
	Limits Limits
}

// Read is the function Read with the reader's name and limits.
func (rd Reader) Read(ctx context.Context, r io.Reader, fn func(place string, ev events.Event, err error) error) error {
	return rd.lines(ctx, r, func(l line) error {
		place := rd.place(l.number)
		if l.err != nil {
			return fn(place, events.Event{}, l.err)
		}
		if len(l.text) == 0 {
			return nil
		}
		ev, err := events.Decode(l.text)
		return fn(place, ev, err)
	})
}

func (rd Reader) place(number int64) string {
	name := rd.Name
	if name == "" {
		name = "-"
	}
	return fmt.Sprintf("%s:%d", name, number)
}

// line is one line without its break and the blanks around it. text is valid
// until the next one.
type line struct {
	number int64
	text   []byte
	err    error // ErrTooLong, and then there is no text
}

// lines calls fn for every line, empty ones included.
func (rd Reader) lines(ctx context.Context, r io.Reader, fn func(line) error) error {
	limits := rd.limits()
	text, release, err := open(r, limits)
	if err != nil {
		return fmt.Errorf("read %s: %w", rd.place(1), err)
	}
	defer release()
	in := bufio.NewReaderSize(text, 64<<10)
	var buf []byte
	for number := int64(1); ; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		l := line{number: number}
		var last error
		buf, l.err, last = nextLine(in, buf[:0], limits.Line)
		if last != nil && !errors.Is(last, io.EOF) {
			return fmt.Errorf("read %s: %w", rd.place(number), last)
		}
		if last != nil && len(buf) == 0 && l.err == nil {
			return nil
		}
		l.text = bytes.TrimSpace(buf)
		if err := fn(l); err != nil {
			return err
		}
		if last != nil {
			return nil
		}
	}
}

// nextLine reads up to a line break or the end. A line over the limit is read to
// its end and dropped. last is what ended the input.
func nextLine(in *bufio.Reader, buf []byte, limit int) (_ []byte, tooLong, last error) {
	for {
		part, err := in.ReadSlice('\n')
		if tooLong == nil {
			buf = append(buf, part...)
			if len(bytes.TrimRight(buf, "\r\n")) > limit {
				tooLong = fmt.Errorf("%w: more than %d bytes", ErrTooLong, limit)
				buf = buf[:0]
			}
		}
		switch {
		case err == nil:
			return buf, tooLong, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return buf, tooLong, err
		}
	}
}

func (rd Reader) limits() Limits {
	l := rd.Limits
	if l.Line <= 0 {
		l.Line = events.MaxBody
	}
	if l.Decompressed <= 0 {
		l.Decompressed = defaultDecompressed
	}
	if l.Ratio <= 0 {
		l.Ratio = defaultRatio
	}
	return l
}
