package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store/eventlog"
)

// replay plays the log for a question, if nobody else's is being answered so, within
// the bounds. It takes a good deal of a processor, and as much memory as the state of
// the log with all that ever left it.
func (a *API) replay(w http.ResponseWriter, r *http.Request, ask func(context.Context, *review.Source) (any, error)) (any, *Problem) {
	select {
	case a.replaying <- struct{}{}:
		defer func() { <-a.replaying }()
	default:
		return nil, busy()
	}
	// The server's own limits are for answers that are at hand.
	c := http.NewResponseController(w)
	if err := errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Now().Add(a.o.Within+time.Minute))); err != nil {
		return nil, failed(fmt.Errorf("extend the time for an answer: %w", err))
	}
	ctx, cancel := context.WithTimeout(r.Context(), a.o.Within)
	defer cancel()
	src, err := a.o.Past(ctx)
	if err != nil {
		return nil, notReady(err)
	}
	// What the question before this one left is not this one's to begin from.
	runtime.GC()
	src.Log = &bounded{Log: src.Log, held: a.held, most: a.held() + a.o.Growth}
	out, err := ask(ctx, src)
	var unknown *review.UnknownError
	var early *review.BeforeLogError
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &early):
		return nil, badRequest("The log begins at %s: nothing was known at %s.", early.Begins.UTC().Format(time.RFC3339), early.At.UTC().Format(time.RFC3339))
	case errors.As(err, &unknown) && unknown.Several:
		return nil, badRequest("Several %ss begin with %.100q: %.200q.", unknown.What, unknown.Name, unknown.Near)
	case errors.As(err, &unknown):
		return nil, notFound(unknown.What, unknown.Name, unknown.Near)
	case errors.Is(err, errTooLarge):
		return nil, tooLarge(a.o.Growth)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, tooLong(a.o.Within)
	}
	return nil, failed(err)
}

// held is how many bytes of objects the last collection found alive. What can be thrown
// away is not counted: how much of that lies about is the collector's business.
func held() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// errTooLarge ends a replay for which there is no room.
var errTooLarge = errors.New("the replay holds too much memory")

// bounded is a log that is read only while there is room.
type bounded struct {
	eventlog.Log
	held func() uint64
	most uint64
}

func (l *bounded) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return &boundedReader{Reader: r, log: l}, err
}

// boundedReader looks every so many messages how much is held.
type boundedReader struct {
	eventlog.Reader
	log  *bounded
	read int
}

const lookEvery = 1024

func (r *boundedReader) room() error {
	if r.read++; r.read%lookEvery == 0 && r.log.held() > r.log.most {
		return errTooLarge
	}
	return nil
}

func (r *boundedReader) Next(ctx context.Context) (eventlog.Message, error) {
	if err := r.room(); err != nil {
		return eventlog.Message{}, err
	}
	return r.Reader.Next(ctx)
}

func (r *boundedReader) TryNext() (eventlog.Message, bool, error) {
	if err := r.room(); err != nil {
		return eventlog.Message{}, false, err
	}
	return r.Reader.TryNext()
}
