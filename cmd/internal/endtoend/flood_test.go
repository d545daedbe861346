package endtoend

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/connectors/httppush"
	"github.com/overstay/overstay/events"
)

// TestAFloodHoldsNobodyUp: one client posts as much as it can, in sixteen requests
// at a time and far beyond its share; another one posts an event after the other.
// Nothing of the other's is refused, and the flood is told when to come back. How
// long the other waits for its acknowledgement, with and without the flood, is
// printed: whose turn comes when is proven where the turns are taken, without a
// clock (store/eventlog/jetstream, TestAFloodDoesNotGoFirst).
func TestAFloodHoldsNobodyUp(t *testing.T) {
	client := func(name string) config.Client {
		return config.Client{Name: name, Token: secret.Reference{File: write(t, tokenOf(name))}, Sources: []string{"*"}}
	}
	in := open(t, func(cfg *config.Config) {
		cfg.HTTP.Clients = []config.Client{client("flood"), client("quiet")}
	})
	calm := in.quiet("calm")
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var stored, refused atomic.Int64
	for worker := range 16 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				switch status, after := in.flood(ctx, worker, n); {
				case status == http.StatusAccepted:
					stored.Add(floodBatch)
				case (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && after != "":
					refused.Add(floodBatch)
				case ctx.Err() == nil:
					t.Errorf("the flood is answered with %d, Retry-After %q", status, after)
				}
			}
		})
	}
	flooded := in.quiet("flooded")
	stop()
	wg.Wait()
	// Where the machine is too slow for more than a client's share, none is refused.
	if stored.Load() < 10*quietPosts {
		t.Errorf("of the flood %d events are stored and %d refused: it was none", stored.Load(), refused.Load())
	}
	t.Logf("acknowledged without flood: %s; with %d events stored and %d refused of the flood: %s", calm, stored.Load(), refused.Load(), flooded)
}

const (
	floodBatch = 250
	quietPosts = 400
)

func tokenOf(client string) string { return "token-of-the-client-" + client + "-in-the-test" }

// delays are sorted.
type delays []time.Duration

func (d delays) String() string {
	at := func(percent int) time.Duration { return d[len(d)*percent/100].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %s, p99 %s", at(50), at(99))
}

// quiet posts one event after the other, each until it is acknowledged, and
// measures how long that takes.
func (in *inside) quiet(round string) delays {
	in.t.Helper()
	var out delays
	for n := range quietPosts {
		ev := made(in.t, events.SessionEnded, "teleport://quiet", fmt.Sprint(round, n), time.Now(), "", &events.Session{SessionID: fmt.Sprint(round, n)})
		began := time.Now()
		if status, _ := in.postAs(in.t.Context(), "quiet", ev); status != http.StatusAccepted {
			in.t.Fatalf("the quiet client is answered with %d", status)
		}
		out = append(out, time.Since(began))
	}
	slices.Sort(out)
	return out
}

// flood posts one batch, and gives the answer.
func (in *inside) flood(ctx context.Context, worker, n int) (status int, retryAfter string) {
	evs := make([]events.Event, floodBatch)
	for i := range evs {
		id := fmt.Sprint(worker, "-", n, "-", i)
		evs[i] = made(in.t, events.SessionEnded, "teleport://flood", id, time.Now(), "", &events.Session{SessionID: id})
	}
	return in.postAs(ctx, "flood", evs...)
}

// postAs posts events with a client's token. Status 0: there is no answer.
func (in *inside) postAs(ctx context.Context, client string, evs ...events.Event) (status int, retryAfter string) {
	media, body, err := encode(evs)
	if err != nil {
		in.t.Error(err)
		return 0, ""
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+in.HTTPAddr()+httppush.Path, bytes.NewReader(body))
	if err != nil {
		in.t.Error(err)
		return 0, ""
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Authorization", "Bearer "+tokenOf(client))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			in.t.Error(err)
		}
		return 0, ""
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil && ctx.Err() == nil {
		in.t.Error(err)
	}
	return res.StatusCode, res.Header.Get("Retry-After")
}
