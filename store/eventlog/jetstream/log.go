package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

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
	l.groups = newCommitter(p, &space{state: l.stateNow})
	return l
}

func (l *log) close() { l.groups.close() }

// State asks the server until it answers or ctx ends, as do At and LastOn.
func (l *log) State(ctx context.Context) (st eventlog.State, err error) {
	err = ask(ctx, l.pub.ackWait, func(ctx context.Context) (err error) {
		st, err = stateOf(ctx, l.stream)
		return err
	})
	return st, err
}

// stateNow asks once.
func (l *log) stateNow(ctx context.Context) (eventlog.State, error) {
	ctx, cancel := context.WithTimeout(ctx, l.pub.ackWait)
	defer cancel()
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

		MaxAge: info.Config.MaxAge,
	}
	if info.State.Msgs == 0 {
		st.First = st.Last + 1
	}
	if lost := info.State.Lost; lost != nil {
		st.Lost = fmt.Sprintf("the server lost %d bytes and these messages: %v", lost.Bytes, lost.Msgs)
	} else if n := info.State.NumDeleted; n > 0 {
		// Nobody may delete, and age takes from the front only.
		st.Lost = fmt.Sprintf("%d positions between the first message and the last hold none", n)
	}
	return st, nil
}

// At reads one message from the stream's leader.
func (l *log) At(ctx context.Context, position uint64) (eventlog.Message, error) {
	if position == 0 {
		return eventlog.Message{}, eventlog.ErrNoMessage
	}
	return l.pub.get(ctx, getRequest{Seq: position})
}

// LastOn finds the newest message on a literal subject.
func (l *log) LastOn(ctx context.Context, subject string) (uint64, error) {
	if err := eventlog.CheckSubject(subject); err != nil {
		return 0, err
	}
	m, err := l.pub.get(ctx, getRequest{LastOn: subject})
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
	m, err := l.pub.get(ctx, getRequest{LastOn: e.Subject})
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
