package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// decoded is a message as far as it can be read without the state.
type decoded struct {
	eventlog.Message
	event  events.Event
	anchor string
	// refused is why it cannot be applied, by the word for that in reason.
	refused error
	reason  string
}

// decode reads what a message says by itself.
func decode(m eventlog.Message) decoded {
	d := decoded{Message: m, anchor: Anchor(m), reason: "unreadable"}
	d.event, d.refused = events.DecodeNATS(m.Header, m.Body)
	if d.refused == nil {
		d.reason, d.refused = "misplaced", misplaced(m.Subject, d.event)
	}
	return d
}

// worthSharing is how many messages are decoded in the time in which goroutines are
// started for them.
const worthSharing = 32

// decodeAll decodes messages, on all processors where they are many: each by itself,
// so that nothing depends on who was first.
func decodeAll(batch []eventlog.Message) []decoded {
	out := make([]decoded, len(batch))
	some := func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = decode(batch[i])
		}
	}
	share := max(len(batch)/runtime.GOMAXPROCS(0)+1, worthSharing)
	var wg sync.WaitGroup
	for from := share; from < len(batch); from += share {
		wg.Go(func() { some(from, min(from+share, len(batch))) })
	}
	some(0, min(share, len(batch)))
	wg.Wait()
	return out
}

// message is what is applied for a decoded message. One that cannot be read, or that
// says on a source's subject what only the inside may say, is quarantined, and what is
// applied in its place is the observation that it was. The origin is the caller's.
func (e *Engine) message(ctx context.Context, d decoded) (correlator.Message, error) {
	msg := correlator.Message{Event: d.event}
	if d.refused == nil && d.event.Type == events.PolicyApplied && e.cfg.Fixed == nil {
		d.reason = "bad-policy"
		msg.Policy, d.refused = e.compile(d.event)
	}
	if d.refused == nil {
		return msg, nil
	}
	var de *events.DecodeError
	if errors.As(d.refused, &de) {
		d.reason = de.Reason
	}
	if err := e.quarantine(ctx, d.Message, d.reason, d.refused); err != nil {
		return msg, err
	}
	return correlator.Message{Event: observation(d.Message, events.ObservedQuarantined, sourceHint(d.Message, d.event), d.refused.Error(), d.Position, d.Position)}, nil
}

// misplaced refuses an inner event on a source's subject and the reverse: the
// subject is what the server's permissions were checked against.
func misplaced(subject string, ev events.Event) error {
	outside := strings.HasPrefix(subject, "overstay.events.")
	if outside != ev.Type.FromSource() {
		return fmt.Errorf("%s does not belong on subject %s", ev.Type.Short(), subject)
	}
	return nil
}

func (e *Engine) compile(ev events.Event) (*correlator.Policy, error) {
	d := ev.Data.(*events.Policy)
	sum := sha256.Sum256([]byte(d.YAML))
	if hex.EncodeToString(sum[:]) != d.Hash {
		return nil, fmt.Errorf("the policy's hash is not that of its text")
	}
	return e.cfg.Compile(d.YAML)
}

// sourceHint is which source a broken message came from, as far as its subject
// or its readable part tells.
func sourceHint(m eventlog.Message, ev events.Event) string {
	if ev.Source != "" {
		return ev.Source
	}
	if i := strings.LastIndexByte(m.Subject, '.'); i > 0 && strings.HasPrefix(m.Subject, "overstay.events.") {
		if s, err := events.UnescapeToken(m.Subject[i+1:]); err == nil {
			return s
		}
	}
	return ""
}

// observation is what the engine saw, as a fact at a message's place. It is made
// from the message alone, so that a replay sees the same.
func observation(m eventlog.Message, what, source, detail string, from, to uint64) events.Event {
	if len(detail) > 512 {
		detail = strings.ToValidUTF8(detail[:512], "")
	}
	detail = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return ' '
		}
		return r
	}, detail)
	return events.Event{
		ID: fmt.Sprintf("%s-%d", what, m.Position), Source: "overstay://engine", Type: events.SystemObserved, Time: m.Time,
		Data: &events.Observation{What: what, Source: source, Detail: detail, From: from, To: to},
	}
}

// quarantine keeps the message with its reason. Doing it twice keeps one.
func (e *Engine) quarantine(ctx context.Context, m eventlog.Message, reason string, cause error) error {
	e.cfg.Metrics.EventQuarantined(reason)
	e.cfg.Logger.Warn("a message was refused and is in quarantine", "position", m.Position, "reason", reason, "error", cause)
	body := m.Body
	if len(body) > events.MaxBody {
		body = body[:events.MaxBody]
	}
	entry := eventlog.Entry{
		Subject: "overstay.quarantine." + events.EscapeToken(reason),
		Header: map[string][]string{
			"Overstay-Position": {strconv.FormatUint(m.Position, 10)},
			"Overstay-Subject":  {m.Subject},
			"Overstay-Reason":   {reason},
			"Overstay-Error":    {headerText(cause.Error())},
			"Overstay-Bytes":    {strconv.Itoa(len(m.Body))},
		},
		Body:  body,
		MsgID: fmt.Sprintf("quarantine-%s-%d", e.pos.LogID, m.Position),
	}
	if err := e.cfg.Quarantine.Put(ctx, entry); err != nil {
		return fmt.Errorf("quarantine the message at %d: %w", m.Position, err)
	}
	return e.fail(PointQuarantined)
}

// headerText makes a text fit for a header line.
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '?'
		}
		return r
	}, s)
	if len(s) > 500 {
		s = s[:500]
	}
	return s
}
