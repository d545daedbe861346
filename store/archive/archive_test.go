package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/archive"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)

// bodies are of every form that a message may have.
var bodies = []string{
	`{"specversion":"1.0","id":"1"}`, "", "x", `{"a":1,"a":2}`, "{\n}", ` {"a":1}`, `{"a":"\u00e9é\/"}`, "{\"a\":\"\xff\"}", "\x00\x01", `[1]`, `{"a":1.0e3}`, "{}",
}

func message(i int) eventlog.Message {
	m := eventlog.Message{
		Position: uint64(i), Subject: "overstay.events.lease.issued.x", Time: nine.Add(time.Duration(i) * time.Millisecond),
		Body: []byte(bodies[i%len(bodies)]), Header: map[string][]string{"Content-Type": {"application/cloudevents+json"}, "event": {`"`, "b"}},
	}
	if i%5 == 0 {
		m.Subject, m.Header = "overstay.clock.tick", nil
	}
	return m
}

// written makes an archive of these positions of a log.
func written(t *testing.T, path string, from, to int, big int) archive.Sum {
	t.Helper()
	info := checkpoint.Info{
		Header: checkpoint.Header{Position: store.Position{LogID: "log@1", Epoch: 1, Seq: uint64(from - 1)}}, Sum: checkpoint.Sum{Records: 2},
	}
	w, err := archive.Create(path, archive.Header{LogID: "log@1", From: uint64(from), To: uint64(to), Checkpoint: &info, Semantics: "s", Made: nine},
		func(fn func(key, value []byte) error) (checkpoint.Info, error) {
			return info, errors.Join(fn([]byte("k1"), []byte{0, 1}), fn([]byte("k2"), nil))
		})
	if err != nil {
		t.Fatal(err)
	}
	add(t, w, from, to, big)
	return finished(t, w)
}

func add(t *testing.T, w *archive.Writer, from, to, big int) {
	t.Helper()
	for i := from; i <= to; i++ {
		m := message(i)
		if big > 0 {
			m.Body = bytes.Repeat([]byte{byte(i)}, big)
		}
		if err := w.Message(m); err != nil {
			t.Fatal(err)
		}
	}
}

func finished(t *testing.T, w *archive.Writer) archive.Sum {
	t.Helper()
	for i := 1; i <= 3; i++ {
		if err := w.Alert(eventlog.Message{Position: uint64(i), Subject: fmt.Sprint("overstay.alerts.high.OV-001.a.", i), Body: []byte(`{"n":1}`), Time: nine}); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// all reads a log from a position to its end.
func all(t *testing.T, log eventlog.Log, from uint64) []eventlog.Message {
	t.Helper()
	st, err := log.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := log.Read(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []eventlog.Message
	for len(out) == 0 || out[len(out)-1].Position < st.Last {
		m, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func same(a, b eventlog.Message) bool {
	return a.Position == b.Position && a.Subject == b.Subject && a.Time.Equal(b.Time) && bytes.Equal(a.Body, b.Body) &&
		len(a.Header) == len(b.Header) && fmt.Sprint(a.Header) == fmt.Sprint(b.Header)
}

// TestWhatGoesInComesOut: messages of every form, byte for byte, at their
// positions, and the state before them.
func TestWhatGoesInComesOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.zst")
	written(t, path, 7, 400, 0)
	a, err := archive.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	log := a.Log()
	for i, m := range all(t, log, 0) {
		if want := message(7 + i); !same(m, want) {
			t.Fatalf("position %d is %+v, not %+v", 7+i, m, want)
		}
	}
	for _, p := range []uint64{7, 8, 200, 400} {
		if m, err := log.At(t.Context(), p); err != nil || !same(m, message(int(p))) {
			t.Errorf("at %d: %+v, %v", p, m, err)
		}
	}
	for _, p := range []uint64{0, 6, 401} {
		if _, err := log.At(t.Context(), p); !errors.Is(err, eventlog.ErrNoMessage) {
			t.Errorf("at %d: %v", p, err)
		}
	}
	if last, err := log.LastOn(t.Context(), "overstay.clock.tick"); err != nil || last != 400 {
		t.Errorf("the last tick is %d, %v", last, err)
	}
	if last, err := log.LastOn(t.Context(), message(399).Subject); err != nil || last != 399 {
		t.Errorf("the last event is %d, %v", last, err)
	}
	if _, err := log.Read(t.Context(), 402); !errors.Is(err, eventlog.ErrBeyond) {
		t.Errorf("read from 402: %v", err)
	}
	var state []string
	info, err := a.State(func(k, v []byte) error { state = append(state, fmt.Sprintf("%s=%x", k, v)); return nil })
	if err != nil || info.Position.Seq != 6 || !slices.Equal(state, []string{"k1=0001", "k2="}) {
		t.Errorf("the state is %q of %+v, %v", state, info, err)
	}
	r, err := a.Alerts().Tail(t.Context(), eventlog.TailOptions{From: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []uint64{2, 3} {
		if m, err := r.Next(t.Context()); err != nil || m.Position != want {
			t.Errorf("alert %d: %+v, %v", want, m, err)
		}
	}
	if _, err := r.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("after the last alert: %v", err)
	}
}

// TestOtherProgramsReadIt: it is a zstd file of JSON Lines.
func TestOtherProgramsReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.zst")
	written(t, path, 1, 30, 0)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(dec)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, `{"`), `"`)
		counts[name]++
	}
	if got := fmt.Sprint(counts); got != "map[alert:3 end:1 log:30 overstayArchive:1 segment:3 state:2]" {
		t.Errorf("the lines are %s", got)
	}
}

// TestAnyDamageIsRefusedWithItsPlace: bytes of every place flipped, lengths of every kind cut. What is
// before is named, and what is whole can be read.
func TestAnyDamageIsRefusedWithItsPlace(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "a.zst")
	written(t, whole, 1, 40, 0)
	file, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "b.zst")
	refused := func(what string, damaged []byte) {
		t.Helper()
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := archive.Open(path, nil)
		var d *archive.DamagedError
		if !errors.As(err, &d) || a != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if text := err.Error(); !strings.Contains(text, "is damaged in section ") || !strings.Contains(text, " at byte ") || !strings.Contains(text, "position") {
			t.Fatalf("%s: %v", what, err)
		}
		s, err := archive.Salvage(path, nil)
		if err != nil {
			t.Fatalf("%s: salvage: %v", what, err)
		}
		if len(s.Missing()) == 0 {
			t.Fatalf("%s: nothing is missing", what)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(file); i += 3 { // labels have 28 bytes, so every byte of one is hit
		file[i] ^= 0x10
		refused(fmt.Sprint("byte ", i), file)
		file[i] ^= 0x10
	}
	for n := 0; n < len(file); n += 7 {
		refused(fmt.Sprint(n, " bytes"), file[:n])
	}
	refused("something more", append(slices.Clone(file), "more"...))
	t.Logf("%d bytes", len(file))
}

// TestTheGoodPartIsStillReadable: of an archive of many segments one is damaged: its
// positions are named, and all others are read.
func TestTheGoodPartIsStillReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.zst")
	written(t, path, 1, 100, 100_000)
	a, err := archive.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	var logs []archive.Segment
	for _, s := range a.Segments() {
		if s.Kind == "log" {
			logs = append(logs, s)
		}
	}
	if err := a.Close(); err != nil || len(logs) < 5 {
		t.Fatalf("%d segments, %v", len(logs), err)
	}
	hit := logs[2]
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file[hit.Offset+40] ^= 1
	file = file[:len(file)-10] // and the end is gone
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = archive.Open(path, nil)
	want := fmt.Sprintf("section %d at byte %d: it fails its checksum; positions %d to %d are concerned", hit.Section, hit.Offset, hit.From, hit.To)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, not %s", err, want)
	}
	s, err := archive.Salvage(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var have, should []uint64
	for _, m := range all(t, s.Log(), 0) {
		have = append(have, m.Position)
	}
	for p := uint64(1); p <= 100; p++ {
		if p < hit.From || p > hit.To {
			should = append(should, p)
		}
	}
	if !slices.Equal(have, should) {
		t.Errorf("it has %d, not %d", have, should)
	}
	if _, err := s.Log().At(t.Context(), hit.From); !errors.Is(err, eventlog.ErrNoMessage) {
		t.Errorf("at a lost position: %v", err)
	}
	if st, err := s.Log().State(t.Context()); err != nil || st.Lost == "" {
		t.Errorf("it says of itself %+v, %v", st, err)
	}
}

// TestAnInterruptedWritingGoesOn: wherever it was cut, the result is the same file.
func TestAnInterruptedWritingGoesOn(t *testing.T) {
	dir := t.TempDir()
	straight := filepath.Join(dir, "a.zst")
	want := written(t, straight, 1, 60, 100_000)
	file, err := os.ReadFile(straight)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "b.zst")
	for cut := 0; cut < len(file); cut += len(file)/37 + 1 {
		if err := os.WriteFile(archive.Partial(path), file[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := archive.Resume(path)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if w == nil {
			continue // nothing to go on with: within the header or the state
		}
		add(t, w, int(w.Next()), 60, 100_000)
		if got := finished(t, w); got.LogSHA256 != want.LogSHA256 || got.AlertsSHA256 != want.AlertsSHA256 || got.Messages != want.Messages {
			t.Fatalf("cut at %d: %+v, not %+v", cut, got, want)
		}
		a, err := archive.Open(path, nil)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAReaderCanBeLeft: at any place, and at the end it waits for nothing.
func TestAReaderCanBeLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.zst")
	written(t, path, 1, 60, 100_000)
	a, err := archive.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	r, err := a.Log().Read(t.Context(), 61)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
