package cli

import (
	"testing"
	"time"
)

// TestTheBarSaysRateAndTimeLeft: what an earlier run had done counts for the bar and
// not for the rate.
func TestTheBarSaysRateAndTimeLeft(t *testing.T) {
	p := &progressBar{what: "export", unit: "messages", scale: 1}
	p.from(500)
	for _, c := range []struct {
		done int64
		took time.Duration
		want string
	}{
		{500, 0, "export               [############------------]  50 %"},
		{750, 5 * time.Second, "export               [##################------]  75 % 50 messages/s, 5s left"},
		{1000, 10 * time.Second, "export               [########################] 100 % 50 messages/s, 0s left"},
	} {
		got := p.line(c.done, 1000, c.took)
		if got != c.want {
			t.Errorf("at %d:\n%s\nnot\n%s", c.done, got, c.want)
		}
		if len(got) >= 80 {
			t.Errorf("it has %d columns", len(got))
		}
	}
}
