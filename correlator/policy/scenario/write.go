package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// Writer writes a scenario from what a log said, one thing after the other. What is
// expected is what comes when it is played, so that it is a record of what this
// program makes of the story: [Writer.Finish] plays it.
type Writer struct {
	name  string
	b     bytes.Buffer
	day   time.Time
	now   time.Time // to which the story has come
	steps bool
}

// tickSpace is the longest time between two ticks of a server: an event that is read
// no longer than that before it happened is not early.
const tickSpace = 2 * time.Second

// Write begins a scenario by what stands at its top: prose, the text of the policy in
// force, "" for the default, and when it starts.
func Write(name, prose, policy string, start time.Time) *Writer {
	start = start.UTC()
	w := &Writer{name: name, day: start.Truncate(24 * time.Hour), now: start}
	for line := range strings.Lines(strings.TrimSpace(prose)) {
		w.line("# %s", strings.TrimSpace(line))
	}
	if strings.TrimSpace(policy) != "" {
		w.line("policy:")
		w.block("  ", policy)
	}
	w.line("start: %s", start.Format(time.RFC3339Nano))
	return w
}

func (w *Writer) line(format string, args ...any) {
	_, _ = fmt.Fprintf(&w.b, format+"\n", args...) // a buffer takes everything
}

// block writes a text deeper.
func (w *Writer) block(indent, text string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) == "" {
			w.line("")
		} else {
			w.line("%s%s", indent, line)
		}
	}
}

// Source lists a source with what it promises, above the steps.
func (w *Writer) Source(uri string, coverage time.Time, c events.Capabilities) error {
	var members map[string]any
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err != nil {
		return fmt.Errorf("write what %s promises: %w", uri, err)
	}
	if !coverage.IsZero() {
		members["coverage"] = coverage.UTC()
	}
	if text, err = json.Marshal(members); err != nil {
		return fmt.Errorf("write what %s promises: %w", uri, err)
	}
	if !strings.Contains(w.b.String(), "\nsources:\n") {
		w.line("sources:")
	}
	w.line("  %s: %s", key(uri), text)
	return nil
}

// step writes a step that lets time come to a moment, or stands where it is.
func (w *Writer) step(at time.Time, word, rest string) {
	if !w.steps {
		w.line("steps:")
		w.steps = true
	}
	sentence := clockOf(at.UTC(), w.day)
	if word != "" {
		sentence += " " + word
	}
	w.line("  - %s%s", key(sentence), rest)
}

// Until lets time pass.
func (w *Writer) Until(at time.Time) {
	if at.After(w.now) {
		w.now = at
		w.step(at, "", "")
	}
}

// Down says that nothing ran from one time to another.
func (w *Writer) Down(since, until time.Time, restarted bool) {
	w.Until(since)
	word := wordStalled
	if restarted {
		word = wordRestarted
	}
	if until.After(w.now) {
		w.now = until
		w.step(until, word, "")
	}
}

// Silent and Heard say that a source that reports progress stops, and begins again.
func (w *Writer) Silent(at time.Time, uri string) { w.word(at, uri+" "+wordSilent) }

// Heard is described at [Writer.Silent].
func (w *Writer) Heard(at time.Time, uri string) { w.word(at, uri+" "+wordHeard) }

func (w *Writer) word(at time.Time, word string) {
	if at.After(w.now) {
		w.now = at
	}
	w.step(w.now, word, "")
}

// Policy brings a policy into force.
func (w *Writer) Policy(at time.Time, text string) {
	if at.After(w.now) {
		w.now = at
	}
	w.step(w.now, wordPolicy, ":")
	w.block("      ", text)
}

// Event says what a source or an operator said, as it was read at a log time: late
// what had happened before, early what had not happened yet.
func (w *Writer) Event(known time.Time, ev events.Event) error {
	var members map[string]any
	text, err := json.Marshal(ev.Data)
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err == nil {
		delete(members, "rawSha256") // of the record it was read from, which is not here
		text, err = json.Marshal(members)
	}
	if err != nil {
		return fmt.Errorf("write event %s of %s: %w", ev.ID, ev.Source, err)
	}
	at, when := ev.Time.UTC(), ""
	switch {
	case at.After(w.now) && at.After(known.Add(tickSpace)):
		w.Until(known)
		when = wordEarly + " "
	case at.Before(w.now) || at.Before(known) && known.After(w.now):
		w.Until(known)
		if at.Before(w.now) {
			when = wordLate + " "
		}
	default:
		w.now = at
	}
	words := when + ev.Source + " " + ev.Type.Short()
	if ev.Subject != "" {
		words += " " + string(ev.Subject)
	}
	w.step(at, words, ": "+string(text))
	return nil
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9+][A-Za-z0-9 /_.,=@+:-]*$`)

// key writes a key of YAML, in quotes where it would be taken for something else.
func key(text string) string {
	if plainKey.MatchString(text) && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, " ") {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string can be encoded
	return strings.TrimSpace(b.String())
}

// Finish plays the scenario, writes what comes as what is expected, and returns the
// text with what came.
func (w *Writer) Finish() ([]byte, *Outcome, error) {
	played, err := w.play(w.b.Bytes())
	if err != nil {
		return nil, nil, err
	}
	text, err := played.Update()
	if err != nil {
		return nil, nil, fmt.Errorf("write what %s expects: %w", w.name, err)
	}
	if played, err = w.play(text); err != nil {
		return nil, nil, err
	}
	if !played.OK() {
		return nil, nil, fmt.Errorf("played again %s does not give what it gave", w.name)
	}
	return text, played, nil
}

func (w *Writer) play(text []byte) (*Outcome, error) {
	s, err := Load(w.name, text, func(name string) ([]byte, error) {
		return nil, fmt.Errorf("a scenario that is made of a log names no file, and this one names %s", name)
	})
	if err != nil {
		return nil, fmt.Errorf("the story cannot be told as a scenario: %w", err)
	}
	return s.Run()
}
