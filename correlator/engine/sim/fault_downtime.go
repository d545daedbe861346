package sim

import "time"

// downtime is a machine that is off for long, while the sources go on or wait.
type downtime struct{}

// Strike implements Fault.
func (downtime) Strike(w *World) {
	m := w.any()
	if m == nil {
		return
	}
	m.noBoot = true
	w.kill(m.life, "down")
	off := w.between(6*time.Second, 40*time.Second)
	if w.chance(50) { // the network with it, as when all runs on one machine
		for _, s := range w.sources {
			s.quiet = max(s.quiet, w.now+off+w.between(time.Second, 6*time.Second))
		}
	}
	w.plan(off, nil, func() {
		m.noBoot = false
		m.bootIn(0)
	})
}
