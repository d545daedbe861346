package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

// Headers of ADR-50 (atomic batch publish), which the client library does not
// write for us.
const (
	headerBatchID     = "Nats-Batch-Id"
	headerBatchSeq    = "Nats-Batch-Sequence"
	headerBatchCommit = "Nats-Batch-Commit"
)

// Error codes of the server (errors.json of 2.15.2).
const (
	codeAccountFull     natsjs.ErrorCode = 10002
	codeServerFull      natsjs.ErrorCode = 10023
	codeStorageFull     natsjs.ErrorCode = 10047
	codeStreamFull      natsjs.ErrorCode = 10077 // any failed store; MaxBytes for one
	codeWrongLast       natsjs.ErrorCode = 10071
	codeWrongLastSimple natsjs.ErrorCode = 10164
	codeBatchIncomplete natsjs.ErrorCode = 10176
	codeConsumerStore   natsjs.ErrorCode = 10012
	codeStreamOffline   natsjs.ErrorCode = 10194 // with the reason, which no waiting changes
	codeConsumerOffline natsjs.ErrorCode = 10195
	codeBatchInFlight   natsjs.ErrorCode = 10210
)

// publisher sends to one stream.
type publisher struct {
	nc      *nats.Conn
	stream  string
	ackWait time.Duration
	logger  *slog.Logger
}

func (p publisher) to(stream string) publisher {
	p.stream = stream
	return p
}

// ack is the server's answer to a publish.
type ack struct {
	Stream    string           `json:"stream"`
	Seq       uint64           `json:"seq"`
	Duplicate bool             `json:"duplicate"`
	Count     int              `json:"count"`
	Error     *natsjs.APIError `json:"error"`
}

// message makes the wire form of an entry. Every publish names the stream that it
// is meant for, so that one which another stream took over fails loudly.
func (p publisher) message(e eventlog.Entry) *nats.Msg {
	m := nats.NewMsg(e.Subject)
	m.Header = make(nats.Header, len(e.Header)+5)
	maps.Copy(m.Header, e.Header)
	m.Header[natsjs.ExpectedStreamHeader] = []string{p.stream}
	if e.MsgID != "" {
		m.Header[natsjs.MsgIDHeader] = []string{e.MsgID}
	}
	m.Data = e.Body
	return m
}

// request publishes one message and waits at most ackWait for the answer.
func (p publisher) request(ctx context.Context, m *nats.Msg) (ack, error) {
	try, cancel := context.WithTimeout(ctx, p.ackWait)
	defer cancel()
	r, err := p.nc.RequestMsgWithContext(try, m)
	if err != nil {
		return ack{}, err
	}
	var a ack
	if err := json.Unmarshal(r.Data, &a); err != nil {
		return ack{}, fmt.Errorf("answer to a publish: %w", err)
	}
	if a.Error != nil {
		return ack{}, a.Error
	}
	if a.Stream != p.stream {
		return ack{}, fmt.Errorf("publish was taken by stream %q", a.Stream)
	}
	return a, nil
}

// batch publishes messages as one atomic batch: all of them or none.
func (p publisher) batch(ctx context.Context, id string, messages []*nats.Msg) error {
	last := len(messages) - 1
	for i, m := range messages {
		m.Header[headerBatchID] = []string{id}
		m.Header[headerBatchSeq] = []string{strconv.Itoa(i + 1)}
		if i < last {
			if err := p.nc.PublishMsg(m); err != nil {
				return err
			}
			continue
		}
		m.Header[headerBatchCommit] = []string{"1"}
		a, err := p.request(ctx, m)
		if err != nil {
			return err
		}
		if a.Count != len(messages) {
			return fmt.Errorf("atomic batch of %d was acknowledged as %d", len(messages), a.Count)
		}
	}
	return nil
}

// verdict is what an attempt to publish tells.
type verdict int

const (
	stored  verdict = iota
	again           // nobody knows, or not now: send it again
	full            // no space
	guarded         // an expected sequence did not hold
	refused         // sending it again would not help
)

func judge(err error) verdict {
	if err == nil {
		return stored
	}
	var api *natsjs.APIError
	if !errors.As(err, &api) {
		if disconnected(err) {
			return again
		}
		return refused
	}
	switch api.ErrorCode {
	case codeAccountFull, codeServerFull, codeStorageFull, codeStreamFull:
		return full
	case codeWrongLast, codeWrongLastSimple:
		return guarded
	case codeBatchIncomplete, codeBatchInFlight:
		return again
	case codeStreamOffline, codeConsumerOffline:
		return refused
	}
	if api.Code == 503 || api.Code == 500 {
		return again // no leader, stream offline
	}
	return refused
}

// The pause between attempts grows from the first to the second.
const (
	firstPause = 10 * time.Millisecond
	lastPause  = time.Second
)

// pause waits before attempt n+1 (n from 0) and reports false when ctx ended.
func pause(ctx context.Context, n int) bool {
	t := time.NewTimer(min(firstPause<<min(n, 10), lastPause))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// ask repeats a request that has no effect until it is answered or ctx ends. A
// request that went out just before the connection broke is never answered, so no
// single attempt may wait longer.
func ask(ctx context.Context, wait time.Duration, request func(context.Context) error) error {
	for n := 0; ; n++ {
		try, cancel := context.WithTimeout(ctx, wait)
		err := request(try)
		cancel()
		if judge(err) != again {
			return err
		}
		if ctx.Err() != nil || !pause(ctx, n) {
			return fmt.Errorf("%w (last attempt: %w)", context.Cause(ctx), err)
		}
	}
}

// persist publishes one message until the server answers or ctx ends. The
// boolean says that an earlier attempt may have been stored.
func (p publisher) persist(ctx context.Context, m *nats.Msg) (a ack, repeated bool, err error) {
	for n := 0; ; n++ {
		a, err = p.request(ctx, m)
		if judge(err) != again {
			return a, repeated, err
		}
		repeated = true
		if n == 3 {
			p.logger.Warn("publish is not acknowledged, trying on", "stream", p.stream, "error", err)
		}
		if ctx.Err() != nil || !pause(ctx, n) {
			return ack{}, repeated, fmt.Errorf("%w (last attempt: %w)", context.Cause(ctx), err)
		}
	}
}

// explain words the error of a publish.
func explain(subject string, err error) error {
	if judge(err) == full {
		return fmt.Errorf("publish on %s: %w: %w", subject, eventlog.ErrFull, err)
	}
	return fmt.Errorf("publish on %s: %w", subject, err)
}
