package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
)

// StreamCopy is what a copy of a stream needs to become a stream again, besides
// its bytes.
type StreamCopy struct {
	Name   string          `json:"name"`
	Config json.RawMessage `json:"config"`
	First  uint64          `json:"first"`
	Last   uint64          `json:"last"`
}

// CopyStream writes a stream as the server's own snapshot, up to its last message
// of now: messages with their positions and times, and durable consumers with
// their places. A message that fails its checksum ends it with an error.
func (s *Server) CopyStream(ctx context.Context, name string, w io.Writer) (StreamCopy, error) {
	nc, err := s.Conn(ctx)
	if err != nil {
		return StreamCopy{}, err
	}
	defer nc.Close()
	c, err := copyStream(ctx, nc, name, w)
	if err != nil {
		return c, fmt.Errorf("jetstream: copy stream %s: %w", name, err)
	}
	return c, nil
}

func copyStream(ctx context.Context, nc *nats.Conn, name string, w io.Writer) (StreamCopy, error) {
	c := StreamCopy{Name: name}
	inbox := nc.NewInbox()
	chunks, err := nc.SubscribeSync(inbox)
	if err != nil {
		return c, err
	}
	if err := chunks.SetPendingLimits(-1, -1); err != nil { // the window bounds them
		return c, err
	}
	request, err := json.Marshal(server.JSApiStreamSnapshotRequest{DeliverSubject: inbox})
	if err != nil {
		return c, err
	}
	answer, err := nc.RequestWithContext(ctx, fmt.Sprintf(server.JSApiStreamSnapshotT, name), request)
	if err != nil {
		return c, err
	}
	var head struct {
		Error  *natsjs.APIError   `json:"error"`
		Config json.RawMessage    `json:"config"`
		State  server.StreamState `json:"state"`
	}
	if err := json.Unmarshal(answer.Data, &head); err != nil {
		return c, fmt.Errorf("read the server's answer: %w", err)
	}
	if head.Error != nil {
		return c, head.Error
	}
	c.Config, c.First, c.Last = head.Config, head.State.FirstSeq, head.State.LastSeq
	return c, receive(ctx, chunks, w)
}

// receive takes chunks and acknowledges them until the empty one that ends them.
func receive(ctx context.Context, chunks *nats.Subscription, w io.Writer) error {
	for {
		m, err := chunks.NextMsgWithContext(ctx)
		if err != nil {
			return err
		}
		if len(m.Data) == 0 {
			if status := m.Header.Get("Status"); status != "" && status != "204" {
				return fmt.Errorf("the server gave up: %s %s", status, m.Header.Get("Description"))
			}
			return nil
		}
		if _, err := w.Write(m.Data); err != nil {
			return err
		}
		if m.Reply != "" {
			if err := m.Respond(nil); err != nil {
				return err
			}
		}
	}
}

// RestoreStream makes a stream out of a copy. There must be none of its name. The
// server gives it a creation time of its own (measured on 2.15.2): it is another
// incarnation with the same messages.
func (s *Server) RestoreStream(c StreamCopy, r io.Reader) error {
	var config server.StreamConfig
	if err := json.Unmarshal(c.Config, &config); err != nil {
		return fmt.Errorf("jetstream: restore stream %s: read its settings: %w", c.Name, err)
	}
	s.mu.Lock()
	ns := s.ns
	s.mu.Unlock()
	if ns == nil {
		return errors.New("jetstream: the server is shut down")
	}
	account, err := ns.LookupAccount(ownAccount)
	if err != nil {
		return fmt.Errorf("jetstream: restore stream %s: %w", c.Name, err)
	}
	if _, err := account.RestoreStreamV2(&config, r); err != nil {
		return fmt.Errorf("jetstream: restore stream %s: %w", c.Name, err)
	}
	return nil
}
