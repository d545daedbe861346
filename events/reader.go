package events

import (
	"bytes"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// reader is a JSON reader that is used again: the tables in which it looks for
// names that occur twice are half of what reading an event would allocate.
type reader struct {
	jsontext.Decoder
	input bytes.Buffer
}

var readers = sync.Pool{New: func() any { return new(reader) }}

func newReader(b []byte, opts ...jsontext.Options) *reader {
	r := readers.Get().(*reader)
	r.input = *bytes.NewBuffer(b) // which the decoder reads in place
	r.Reset(&r.input, opts...)
	return r
}

// free gives the reader back, without the input.
func (r *reader) free() {
	r.input = bytes.Buffer{}
	r.Reset(&r.input)
	readers.Put(r)
}
