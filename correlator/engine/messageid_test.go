package engine_test

import (
	"testing"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
)

// A record that a source wrote twice comes with two numbers. If the log took the
// second for a copy of the first, the number would be missing, and a missing
// number is a blind source. A record that was read again after a crash has its
// old number, and is a copy.
func TestMessageIDTellsNumbersApart(t *testing.T) {
	first := events.Event{ID: "r1", Source: "teleport://prod", Sequence: events.Sequence{Epoch: 1, Counter: 7}}
	again, twice := first, first
	twice.Sequence.Counter = 8
	if engine.MessageID("c", first) != engine.MessageID("c", again) {
		t.Error("a record that was read again has another message id")
	}
	if engine.MessageID("c", first) == engine.MessageID("c", twice) {
		t.Error("a record that was written twice has one message id: its second number is lost")
	}
	if engine.MessageID("c", first) == engine.MessageID("other", first) {
		t.Error("two clients share a message id")
	}
}
