package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/connectors/runner"
)

// TestPartsOfAStopShareOneDeadline: however long each part would take, the
// program has ended within ten seconds, and each part had some time.
func TestPartsOfAStopShareOneDeadline(t *testing.T) {
	for _, intake := range []time.Duration{0, time.Second, runner.StopWithin} {
		synctest.Test(t, func(t *testing.T) {
			told := time.Now()
			d := newDeadline()
			time.Sleep(intake)
			for _, part := range []struct {
				name       string
				keep, most time.Duration
			}{
				{"apply", publishKeep + closeKeep, applyWithin}, {"publish", closeKeep, 0}, {"close", 0, 0},
			} {
				began := time.Now()
				ctx, cancel := d.within(part.keep, part.most)
				<-ctx.Done()
				cancel()
				if time.Since(began) < time.Second {
					t.Errorf("after an intake of %s the part %q had %s", intake, part.name, time.Since(began))
				}
			}
			if took := time.Since(told); took > 9*time.Second {
				t.Errorf("after an intake of %s the stop took %s", intake, took)
			}
		})
	}
}
