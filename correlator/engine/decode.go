package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// decode reads a log message. A message that cannot be read, or that says on a
// source's subject what only the inside may say, is quarantined, and what is
// applied in its place is the observation that it was. The origin is the caller's.
func (e *Engine) decode(ctx context.Context, m eventlog.Message) (correlator.Message, error) {
	var msg correlator.Message
	reason := "unreadable"
	ev, err := events.DecodeNATS(m.Header, m.Body)
	if err == nil {
		reason, err = "misplaced", misplaced(m.Subject, ev)
	}
	if err == nil && ev.Type == events.PolicyApplied && e.cfg.Fixed == nil {
		reason = "bad-policy"
		msg.Policy, err = e.compile(ev)
	}
	if err == nil {
		msg.Event = ev
		return msg, nil
	}
	var de *events.DecodeError
	if errors.As(err, &de) {
		reason = de.Reason
	}
	if err := e.quarantine(ctx, m, reason, err); err != nil {
		return msg, err
	}
	msg.Event = observation(m, events.ObservedQuarantined, sourceHint(m, ev), err.Error(), m.Position, m.Position)
	return msg, nil
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
