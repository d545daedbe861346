package connectortest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/overstay/overstay/connectors"
)

// checkSecondRun: a process that starts over says the same things.
func checkSecondRun(t *testing.T, s Suite) []error {
	first, second := s.full(t), s.full(t)
	errs := append(first.faults, second.faults...)
	if first.uri != second.uri {
		errs = append(errs, fmt.Errorf("the URI changed between runs, from %q to %q", first.uri, second.uri))
	}
	return append(errs, compare("a second run from the beginning", first.about(0), second.about(0))...)
}

// cuts bounds how many cursors are continued from. Beyond it they are spread
// evenly over the run, the first and the last always among them.
const cuts = 64

// checkCursors: whichever batch was the last before a crash, a new source goes
// on with the next record.
func checkCursors(t *testing.T, s Suite) []error {
	whole := s.full(t)
	errs := whole.faults
	n := len(whole.batches)
	for i := range min(n, cuts) {
		cut := i
		if n > cuts {
			cut = i * (n - 1) / (cuts - 1)
		}
		errs = append(errs, s.checkCursor(t, whole, cut)...)
	}
	return errs
}

// checkCursor continues a run from the cursor of one of its batches. Of a source
// that never ends nothing is awaited after its last event.
func (s Suite) checkCursor(t *testing.T, whole *recording, cut int) []error {
	left := whole.about(cut + 1)
	if s.Events > 0 && len(left) == 0 {
		return nil
	}
	before := s.repeatable(whole, cut)
	again := s.run(t, whole.batches[cut].cursor, len(left), before)
	what := fmt.Sprintf("a run continued from the cursor of batch %d of %d", cut+1, len(whole.batches))
	errs := compare(what, left, without(again.about(0), before))
	for _, f := range again.faults {
		errs = append(errs, fmt.Errorf("%s: %w", what, f))
	}
	return errs
}

// repeatable is what a run continued after batch cut may say once more.
func (s Suite) repeatable(whole *recording, cut int) map[string]bool {
	if !s.MayRepeat {
		return nil
	}
	said := map[string]bool{}
	for _, b := range whole.batches[:cut+1] {
		for _, st := range b.said {
			said[st.text] = true
		}
	}
	return said
}

// errRefused is what the log answers when it cannot take a batch.
var errRefused = errors.New("connectortest: this batch was refused")

// checkRefused: when a batch does not become durable, the source returns the
// error, and the next run from the last good cursor says that batch again.
func checkRefused(t *testing.T, s Suite) []error {
	whole := s.full(t)
	errs := whole.faults
	n := len(whole.batches)
	for _, at := range []int{0, n / 2, max(n-1, 0)} {
		count := 0
		rec := s.runWith(t, nil, func(context.Context, *recording, func()) error {
			if count++; count > at {
				return errRefused
			}
			return nil
		})
		what := fmt.Sprintf("batch %d of %d was refused", at+1, n)
		for _, f := range rec.faults {
			errs = append(errs, fmt.Errorf("%s: %w", what, f))
		}
		if !errors.Is(rec.err, errRefused) {
			errs = append(errs, fmt.Errorf("%s, but Run returned %v instead of the error it was given", what, rec.err))
		}
		var from connectors.Cursor
		if at > 0 && at <= len(rec.batches) {
			from = rec.batches[at-1].cursor
		}
		errs = append(errs, s.checkRetry(t, whole, rec, from, what)...)
	}
	return errs
}

func (s Suite) checkRetry(t *testing.T, whole, refused *recording, from connectors.Cursor, what string) []error {
	said := refused.about(0)
	all := whole.about(0)
	if len(said) >= len(all) {
		return nil // the refused batch was the last and moved only the cursor
	}
	before := s.repeatable(refused, len(refused.batches)-1)
	again := s.run(t, from, len(all)-len(said), before)
	return append(again.faults, compare("after "+what+", the next run", all[len(said):], without(again.about(0), before))...)
}

// compare reports the first difference, with its place.
func compare(what string, want, got []string) []error {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return []error{fmt.Errorf("%s said %d events and not the remaining %d, the next of them\n%s", what, i, len(want)-i, want[i])}
		case i >= len(want):
			return []error{fmt.Errorf("%s said %d events too many, the first of them\n%s", what, len(got)-i, got[i])}
		case want[i] != got[i]:
			return []error{fmt.Errorf("%s said as event %d\n%s\ninstead of\n%s", what, i+1, got[i], want[i])}
		}
	}
	return nil
}
