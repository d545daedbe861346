package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/overstay/overstay/connectors/httppush"
	"github.com/overstay/overstay/events"
)

// sender posts lines and finds out which of them the server does not want.
type sender struct {
	client   *client
	tally    *tally
	patience time.Duration // for a busy server, in all; less with every wait
	wait     func(context.Context, time.Duration) error
	answered bool // the server was there once
}

// deliver returns when every line is stored or refused. The server stores a batch
// as a whole or not at all, so the refused ones are taken out and the rest is sent
// again; each round has fewer lines. An error ends the sending.
func (s *sender) deliver(ctx context.Context, lines []line) error {
	for len(lines) > 0 {
		problem, err := s.post(ctx, lines)
		if err != nil {
			return err
		}
		if problem == nil {
			s.tally.stored(len(lines))
			return nil
		}
		rest := s.refuse(lines, problem)
		if len(rest) == len(lines) { // it does not say which: ask with halves
			half := len(lines) / 2
			if err := s.deliver(ctx, lines[:half]); err != nil {
				return err
			}
			rest = lines[half:]
		}
		lines = rest
	}
	return nil
}

// deliverWhole sends the lines once.
func (s *sender) deliverWhole(ctx context.Context, lines []line) error {
	problem, err := s.post(ctx, lines)
	if err != nil {
		return err
	}
	if problem == nil {
		s.tally.stored(len(lines))
		return nil
	}
	if rest := s.refuse(lines, problem); len(rest) == len(lines) {
		return failedf("nothing was stored", "the server refuses the request: %s", explain(problem))
	}
	return nil
}

// refuse tells the lines that a problem names and returns the others. A problem
// with a single line needs to name none.
func (s *sender) refuse(lines []line, p *httppush.Problem) []line {
	if len(lines) == 1 && len(p.Errors) == 0 {
		s.tally.refuse(refusal{Place: lines[0].place, Reason: explain(p)})
		return nil
	}
	named := map[int]bool{}
	for _, e := range p.Errors {
		if e.Index < 0 || e.Index >= len(lines) {
			continue
		}
		s.tally.reason(refusal{Place: lines[e.Index].place, ID: e.ID, Field: e.Field, Reason: e.Reason}, !named[e.Index])
		named[e.Index] = true
	}
	var rest []line
	for i, l := range lines {
		if !named[i] {
			rest = append(rest, l)
		}
	}
	if len(lines) == 1 && len(rest) == 1 { // it named one that there is not
		s.tally.refuse(refusal{Place: lines[0].place, Reason: explain(p)})
		return nil
	}
	return rest
}

func explain(p *httppush.Problem) string {
	if p.Detail == "" {
		return fmt.Sprintf("%d %s", p.Status, http.StatusText(p.Status))
	}
	return p.Title + ": " + p.Detail
}

// post sends one batch until it is answered. The problem is nil when it is stored;
// an error means that there is no point in going on.
func (s *sender) post(ctx context.Context, lines []line) (*httppush.Problem, error) {
	body := batchOf(lines)
	for {
		a, err := s.client.do(ctx, http.MethodPost, httppush.Path, events.ContentTypeBatch, bytes.NewReader(body))
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && !s.answered:
			return nil, s.client.notThere(err)
		case err != nil:
			if err := s.pause(ctx, time.Second, s.client.notThere(err)); err != nil {
				return nil, err
			}
			continue
		}
		s.answered = true
		switch a.status {
		case http.StatusAccepted:
			return nil, nil
		case http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
			return problemOf(a), nil
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			busy := unreachablef("send the same file again later: nothing is stored twice",
				"%s is busy for longer than --retry-for: %s", s.client.base.Redacted(), explain(problemOf(a)))
			if err := s.pause(ctx, retryAfter(a), busy); err != nil {
				return nil, err
			}
		default:
			return nil, s.client.notOurs(a)
		}
	}
}

// pause waits, or returns the reason when patience is at its end.
func (s *sender) pause(ctx context.Context, d time.Duration, reason error) error {
	if d > s.patience {
		return reason
	}
	s.patience -= d
	return s.wait(ctx, d)
}

// retryAfter is what the answer asks for in seconds (RFC 9110 §10.2.3; a date, which
// our server never sends, counts as none).
func retryAfter(a answer) time.Duration {
	n, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || n < 1 {
		return time.Second
	}
	return time.Duration(min(n, 1<<20)) * time.Second
}

// problemOf reads an answer that says what is wrong. One that is not in our form
// is known by its status alone.
func problemOf(a answer) *httppush.Problem {
	var p httppush.Problem
	if json.Unmarshal(a.body, &p) != nil {
		p = httppush.Problem{}
	}
	p.Status = a.status
	return &p
}

func batchOf(lines []line) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, l := range lines {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(l.body)
	}
	b.WriteByte(']')
	return b.Bytes()
}
