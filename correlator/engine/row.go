package engine

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// row is one publication between commit and acknowledgement. Its bytes are made
// once and never again.
type row struct {
	Seq         uint64          `json:"seq"`
	Epoch       uint64          `json:"epoch"`
	Index       int             `json:"index"`
	Subject     string          `json:"subject"`
	Body        json.RawMessage `json:"body"`
	MsgID       string          `json:"msgId"`
	Anchor      string          `json:"anchor"` // of the message that caused it
	TraceParent string          `json:"traceparent,omitempty"`
	Rule        string          `json:"rule,omitempty"`
	Severity    string          `json:"severity,omitempty"`
	State       string          `json:"state,omitempty"`
	Due         int64           `json:"due,omitempty"`  // nanoseconds since 1970; 0: nothing was due
	Taken       time.Time       `json:"taken,omitzero"` // when the log took what it follows from
	err         error
}

func newRow(at correlator.Origin, anchor string, taken time.Time, index int, p correlator.Publication) row {
	r := row{Seq: at.Seq, Epoch: at.Epoch, Anchor: anchor, Index: index, Taken: taken}
	if a := p.Alert; a != nil {
		r.Body, r.err = a.Encode()
		r.Subject, r.TraceParent = a.Subject(), a.TraceParent
		r.MsgID = fmt.Sprintf("%s.%d", a.ID, a.Revision)
		r.Rule, r.Severity, r.State = string(a.Rule.ID), a.Level(), string(a.State)
		if a.State == correlator.Raised {
			r.Due = int64(a.Due)
		}
		return r
	}
	s := p.Seal
	r.Body, r.err = s.Encode()
	r.Subject, r.TraceParent = s.Subject(), s.TraceParent
	r.MsgID = fmt.Sprintf("%s.%d", s.ID(), s.Revision)
	r.State = "sealed"
	return r
}

// key orders rows by epoch, position and place within the step.
func (r row) key() []byte {
	b := []byte(keyOutbox)
	b = binary.BigEndian.AppendUint64(b, r.Epoch)
	b = binary.BigEndian.AppendUint64(b, r.Seq)
	return binary.BigEndian.AppendUint32(b, uint32(r.Index))
}

func (r row) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		return nil // refused by add: r.err or the body is not JSON
	}
	return b
}

func (r row) entry() eventlog.Entry {
	header := map[string][]string{"Content-Type": {events.ContentTypeEvent}, AnchorHeader: {r.Anchor}}
	if r.TraceParent != "" {
		header["traceparent"] = []string{r.TraceParent}
	}
	return eventlog.Entry{Subject: r.Subject, Header: header, Body: r.Body, MsgID: r.MsgID}
}

// rowBytes is what a row has besides its body, about.
const rowBytes = 400

// keptRow is a published row that the store still has.
type keptRow struct {
	key, subject string // subject for any severity
	at           time.Time
	size         int
}

func (r row) kept(size int) keptRow {
	return keptRow{key: string(r.key()), subject: eventlog.AnySeverity(r.Subject), at: r.Taken, size: size}
}
