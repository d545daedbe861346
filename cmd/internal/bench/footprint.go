package bench

import (
	"context"
	"sync"
	"time"
)

// footprint is how much memory the process has, in bytes.
type footprint struct {
	all uint64 // with the pages of files that are mapped
	own uint64 // without them: what only its end would give back
}

func (f footprint) max(g footprint) footprint {
	return footprint{max(f.all, g.all), max(f.own, g.own)}
}

// watched is the footprint looked at all the time.
type watched struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	most   footprint
	err    error
}

// lookEvery is often enough to see a heap of some hundred MiB grow and be collected.
const lookEvery = 10 * time.Millisecond

func watchFootprint(ctx context.Context) *watched {
	ctx, cancel := context.WithCancel(ctx)
	w := &watched{cancel: cancel}
	w.done.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			now, err := resident()
			if err != nil {
				w.err = err
				return
			}
			w.most = w.most.max(now)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return w
}

// stop returns the most that was seen.
func (w *watched) stop() (footprint, error) {
	w.cancel()
	w.done.Wait()
	return w.most, w.err
}
