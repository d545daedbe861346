package httppush

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"github.com/overstay/overstay/events"
)

// The media types of the CloudEvents HTTP binding that are taken.
const (
	mediaEvent = "application/cloudevents+json"
	mediaBatch = "application/cloudevents-batch+json"
	mediaJSON  = "application/json" // binary mode, with ce- headers
)

// mode is how events lie in a request.
type mode int

const (
	structured mode = iota
	batch
	binary
)

// limit is how large a body may be in this mode.
func (m mode) limit() int64 {
	if m == batch {
		return events.MaxRequest
	}
	return events.MaxBody
}

// contentMode tells the mode from the headers, before the body is read.
func contentMode(h http.Header) (mode, *Problem) {
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return 0, unsupportedCoding(coding)
	}
	sent := h.Get("Content-Type")
	media, params, err := mime.ParseMediaType(sent)
	if err != nil {
		return 0, unsupportedMedia(sent)
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return 0, unsupportedMedia(sent)
	}
	switch {
	case media == mediaEvent:
		return structured, nil
	case media == mediaBatch:
		return batch, nil
	case (media == mediaJSON || strings.HasSuffix(media, "+json")) && h.Get("Ce-Specversion") != "":
		return binary, nil
	}
	return 0, unsupportedMedia(sent)
}

// readBody reads a body within its limit. One that says beforehand that it is
// too large is not read at all.
func readBody(w http.ResponseWriter, r *http.Request, m mode) ([]byte, *Problem) {
	if r.ContentLength > m.limit() {
		return nil, tooLarge(m.limit())
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, m.limit()))
	var over *http.MaxBytesError
	switch {
	case err == nil:
		return body, nil
	case errors.As(err, &over):
		return nil, tooLarge(m.limit())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, tooSlow()
	}
	return nil, malformed(err)
}
