package sim

import "slices"

// Fault is one way in which the world goes wrong.
type Fault interface {
	// Strike does it, now.
	Strike(w *World)
}

// Named is a fault with its name in the report.
type Named struct {
	Name string
	Fault
}

// Faults are all that there are, one file each.
func Faults() []Named {
	return []Named{
		{"process killed", kill{}},
		{"process dies at a failpoint", failpoint{}},
		{"machine down for long", downtime{}},
		{"last commits lost", lostEnd{}},
		{"commit lost from the middle", lostMiddle{}},
		{"state deleted", lostState{}},
		{"state disk full", diskFull{}},
		{"log full", logFull{}},
		{"i/o errors", ioErrors{}},
		{"batches of alerts fail", batches{}},
		{"network of a source", badNetwork{}},
		{"source silent, then all at once", sourceSilent{}},
		{"source lost its cursor", lostCursor{}},
		{"sent in another order", sentOutOfOrder{}},
		{"unreadable message", garbage{}},
		{"delivery stalls", stall{}},
		{"delivered twice", deliveredTwice{}},
		{"delivered with a hole", deliveredHole{}},
		{"delivered in reverse", deliveredReversed{}},
		{"process frozen", freeze{}},
		{"clock jumps", clockJump{}},
		{"clock wrong at boot", clockWrongAtBoot{}},
		{"second correlator", secondCorrelator{}},
		{"log recreated", recreate{}},
		{"log truncated", truncate{}},
		{"log truncated, numbers used again", regress{}},
		{"log loses its beginning", forget{}},
		{"hole in the log", hole{}},
	}
}

// pick chooses a fault.
func (w *World) pick() Named {
	all := Faults()
	if len(w.opts.Only) > 0 {
		all = slices.DeleteFunc(all, func(f Named) bool { return !slices.Contains(w.opts.Only, f.Name) })
	}
	return all[w.rng.IntN(len(all))]
}

// any is one of the machines that run, nil if none does.
func (w *World) any() *machine {
	var up []*machine
	for _, m := range w.machines {
		if m.life != nil {
			up = append(up, m)
		}
	}
	if len(up) == 0 {
		return nil
	}
	return up[w.rng.IntN(len(up))]
}
