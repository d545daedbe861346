package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// refusal is one reason why an event was not stored.
type refusal struct {
	Place  string `json:"place"` // file:line
	ID     string `json:"id,omitempty"`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

func (r refusal) String() string {
	s := r.Place + ": "
	if r.Field != "" {
		s += r.Field + ": "
	}
	return s + r.Reason
}

// maxRefusals bounds those that the JSON summary lists; all are told as they come.
const maxRefusals = 1000

// tally counts what came of the events and tells what went wrong as it happens.
type tally struct {
	errs  io.Writer
	live  bool // errs is a terminal: show progress
	shown bool // a progress line stands there

	sent, refused int
	refusals      []refusal
	unread        []string
}

func (t *tally) stored(n int) {
	t.sent += n
	t.progress()
}

// refuse counts an event as refused and tells why.
func (t *tally) refuse(r refusal) { t.reason(r, true) }

// reason tells why; first is false for a further reason of the same event.
func (t *tally) reason(r refusal, first bool) {
	if first {
		t.refused++
	}
	if len(t.refusals) < maxRefusals {
		t.refusals = append(t.refusals, r)
	}
	t.tell(r.String())
}

// unreadable counts an input that was not read to its end; the error names it.
func (t *tally) unreadable(name string, err error) {
	t.unread = append(t.unread, name)
	t.tell(err.Error())
	if errors.Is(err, fs.ErrNotExist) {
		_, _ = fmt.Fprintln(t.errs, "hint: name a file of CloudEvents, one a line; overstay demo --emit-events FILE writes one to try with")
	}
}

func (t *tally) wrong() int { return t.refused + len(t.unread) }

// tell and progress write to the standard error, of which a failure cannot be
// told anywhere.
func (t *tally) tell(text string) {
	t.endProgress()
	_, _ = fmt.Fprintf(t.errs, "overstay: %s\n", harmless(text, ""))
}

func (t *tally) progress() {
	if t.live {
		t.shown = true
		_, _ = fmt.Fprintf(t.errs, "\r\x1b[K%d sent, %d refused", t.sent, t.refused)
	}
}

func (t *tally) endProgress() {
	if t.shown {
		t.shown = false
		_, _ = fmt.Fprint(t.errs, "\r\x1b[K")
	}
}

func (t *tally) summary(w io.Writer, to string, asJSON bool) error {
	if asJSON {
		return writeJSON(w, struct {
			To       string    `json:"to"`
			Sent     int       `json:"sent"`
			Refused  int       `json:"refused"`
			Refusals []refusal `json:"refusals,omitempty"`
			Unread   []string  `json:"unread,omitempty"`
		}{to, t.sent, t.refused, t.refusals, t.unread})
	}
	text := count(t.sent, "event") + " sent to " + to
	if t.refused > 0 {
		text += fmt.Sprintf(", %d refused", t.refused)
	}
	if n := len(t.unread); n > 0 {
		text += ", " + count(n, "file") + " not read to the end"
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
