package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

// log is the event stream as an eventlog.Log.
type log struct {
	pub    publisher
	stream natsjs.Stream
	groups *committer
	stall  time.Duration
}

func newLog(p publisher, s natsjs.Stream, o StreamOptions) *log {
	l := &log{pub: p, stream: s, stall: o.Stall}
	l.groups = newCommitter(p, &space{state: l.State})
	return l
}

func (l *log) close() { l.groups.close() }

// State asks the server.
func (l *log) State(ctx context.Context) (eventlog.State, error) {
	return stateOf(ctx, l.stream)
}

func stateOf(ctx context.Context, s natsjs.Stream) (eventlog.State, error) {
	name := s.CachedInfo().Config.Name
	info, err := s.Info(ctx)
	if err != nil {
		return eventlog.State{}, fmt.Errorf("jetstream: state of %s: %w", name, err)
	}
	st := eventlog.State{
		ID:    name + "@" + info.Created.UTC().Format(time.RFC3339Nano),
		First: info.State.FirstSeq,
		Last:  info.State.LastSeq,
		Bytes: info.State.Bytes,
		Limit: uint64(max(info.Config.MaxBytes, 0)),
	}
	if info.State.Msgs == 0 {
		st.First = st.Last + 1
	}
	if lost := info.State.Lost; lost != nil {
		st.Lost = fmt.Sprintf("the server lost %d bytes and these messages: %v", lost.Bytes, lost.Msgs)
	}
	return st, nil
}

// At reads one message from the stream's leader.
func (l *log) At(ctx context.Context, position uint64) (eventlog.Message, error) {
	if position == 0 {
		return eventlog.Message{}, eventlog.ErrNoMessage
	}
	return messageGet(ctx, l.pub.nc, EventsStream, getRequest{Seq: position})
}

// LastOn finds the newest message on a literal subject.
func (l *log) LastOn(ctx context.Context, subject string) (uint64, error) {
	if err := eventlog.CheckSubject(subject); err != nil {
		return 0, err
	}
	m, err := lastOn(ctx, l.pub.nc, EventsStream, subject)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return 0, nil
	}
	return m.Position, err
}

// AppendGuarded does not go through the committer: a tick must not wait behind a
// group, and its guard would refuse the whole group. The guard does what a message
// id would, without a window, so none is sent.
func (l *log) AppendGuarded(ctx context.Context, e eventlog.Entry, last uint64) (uint64, error) {
	if err := eventlog.CheckEntry(e, eventlog.LogSubjects()); err != nil {
		return 0, err
	}
	e.MsgID = ""
	m := l.pub.message(e)
	m.Header[natsjs.ExpectedLastSubjSeqHeader] = []string{strconv.FormatUint(last, 10)}
	a, repeated, err := l.pub.persist(ctx, m)
	switch judge(err) {
	case stored:
		return a.Seq, nil
	case guarded:
		if repeated {
			return l.ownOrConflict(ctx, e, last)
		}
		return 0, fmt.Errorf("append on %s after %d: %w", e.Subject, last, eventlog.ErrConflict)
	}
	return 0, explain(e.Subject, err)
}

// ownOrConflict decides what a refused second attempt means: the first one may
// have been stored, and then the newest message is ours.
func (l *log) ownOrConflict(ctx context.Context, e eventlog.Entry, last uint64) (uint64, error) {
	m, err := lastOn(ctx, l.pub.nc, EventsStream, e.Subject)
	if err != nil {
		return 0, fmt.Errorf("append on %s after %d: whose is the newest: %w", e.Subject, last, err)
	}
	if m.Position > last && bytes.Equal(m.Body, e.Body) && sameHeader(m.Header, e.Header) {
		return m.Position, nil
	}
	return 0, fmt.Errorf("append on %s after %d: %w", e.Subject, last, eventlog.ErrConflict)
}

func sameHeader(a, b map[string][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if !slices.Equal(v, b[k]) {
			return false
		}
	}
	return true
}

// getRequest is the body of $JS.API.STREAM.MSG.GET and, with batch, of DIRECT.GET.
type getRequest struct {
	Seq      uint64 `json:"seq,omitempty"`
	LastOn   string `json:"last_by_subj,omitempty"`
	NextOn   string `json:"next_by_subj,omitempty"`
	Batch    int    `json:"batch,omitempty"`
	MaxBytes int    `json:"max_bytes,omitempty"`
}

func lastOn(ctx context.Context, nc *nats.Conn, stream, filter string) (eventlog.Message, error) {
	return messageGet(ctx, nc, stream, getRequest{LastOn: filter})
}

// messageGet asks the leader, not a replica that may lag: what it says is used to
// decide whether something was stored. (The client library's own call goes to any
// replica when the stream allows direct gets.)
func messageGet(ctx context.Context, nc *nats.Conn, stream string, q getRequest) (eventlog.Message, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: get from %s: %w", stream, err)
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
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
