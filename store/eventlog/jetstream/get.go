package jetstream

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

// getRequest is the body of $JS.API.STREAM.MSG.GET and, with batch, of DIRECT.GET.
type getRequest struct {
	Seq      uint64 `json:"seq,omitempty"`
	LastOn   string `json:"last_by_subj,omitempty"`
	NextOn   string `json:"next_by_subj,omitempty"`
	Batch    int    `json:"batch,omitempty"`
	MaxBytes int    `json:"max_bytes,omitempty"`
}

// get asks until there is an answer or ctx ends.
func (p publisher) get(ctx context.Context, q getRequest) (m eventlog.Message, err error) {
	err = ask(ctx, p.ackWait, func(ctx context.Context) (err error) {
		m, err = messageGet(ctx, p.nc, p.stream, q)
		return err
	})
	return m, err
}

// messageGet asks the leader, not a replica that may lag: what it says is used to
// decide whether something was stored. (The client library's own call goes to any
// replica when the stream allows direct gets.)
func messageGet(ctx context.Context, nc *nats.Conn, stream string, q getRequest) (eventlog.Message, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: get from %s: %w", stream, err)
	}
	r, err := nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, body)
	if err != nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: get from %s: %w", stream, err)
	}
	var answer struct {
		Message *struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Header  []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
		Error *natsjs.APIError `json:"error"`
	}
	if err := json.Unmarshal(r.Data, &answer); err != nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: get from %s: %w", stream, err)
	}
	if e := answer.Error; e != nil && e.ErrorCode == natsjs.JSErrCodeMessageNotFound {
		return eventlog.Message{}, eventlog.ErrNoMessage
	} else if e != nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: get from %s: %w", stream, e)
	}
	m := answer.Message
	if m == nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: get from %s: empty answer", stream)
	}
	var header nats.Header
	if len(m.Header) > 0 {
		if header, err = nats.DecodeHeadersMsg(m.Header); err != nil {
			return eventlog.Message{}, fmt.Errorf("jetstream: headers of %s %d: %w", stream, m.Seq, err)
		}
	}
	return eventlog.Message{
		Position: m.Seq, Subject: m.Subject, Header: ownHeader(header), Body: m.Data, Time: m.Time.UTC(),
	}, nil
}

// ownHeader takes the transport's headers out: how entries were grouped must not
// show in what is read.
func ownHeader(h nats.Header) map[string][]string {
	for name := range h {
		if eventlog.Reserved(name) {
			delete(h, name)
		}
	}
	if len(h) == 0 {
		return nil
	}
	return h
}
