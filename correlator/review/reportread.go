package review

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/archive"
	"github.com/overstay/overstay/store/eventlog"
)

// Bound is where a period begins or ends: at a log time, or at a position of the
// log. One that begins with neither takes in all that came before the log as well,
// as far as that is known.
type Bound struct {
	At       time.Time
	Position uint64
}

// ReportOptions say what is reported on.
type ReportOptions struct {
	Source *Source
	// From and To bound the period. What a position stands for is the log time that
	// it is read at; the last one is in the period.
	From, To Bound
	// Until is the last position that is read: what was said later is not known.
	// 0: today's end of the log.
	Until uint64
	// Program names the version that makes it; Made is when, by the caller's clock.
	Program string
	Made    time.Time
	// Progress, where it is set, is told how far the reading is.
	Progress func(position, until uint64)
}

// MakeReport reads a log and reports on a period.
func MakeReport(ctx context.Context, o ReportOptions) (*Report, error) {
	replay, err := o.Source.Options(ctx)
	if err != nil {
		return nil, err
	}
	st, err := o.Source.Log.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("report: ask the log for its state: %w", err)
	}
	if replay.Until = o.Until; o.Until == 0 || o.Until > st.Last {
		replay.Until = st.Last
	}
	summed := &summedLog{Log: o.Source.Log, last: o.Source.After, until: replay.Until, sum: sha256.New()}
	c := newCollection(o.From, o.To)
	replay.Log, replay.Whole = summed, true
	replay.Watch = func(m correlator.Message, r correlator.Result, v *correlator.View) {
		c.message(m, r, v)
		if o.Progress != nil {
			o.Progress(m.Origin.Seq, replay.Until)
		}
	}
	out, err := Replay(ctx, replay)
	if err != nil {
		return nil, err
	}
	c.settle(out.View)
	r := &Report{Exceptions: c.exceptions(), Approvals: c.approvals(), Revocations: c.rights.revocations(), Sources: c.heardSources(), Record: c.record}
	r.Header = ReportHeader{
		Source: o.Source.Name, LogID: st.ID, From: timed(c.from), To: timed(c.to), KnownAt: timed(c.view.Now()),
		FirstPosition: summed.first, LastPosition: summed.last, After: o.Source.After, Messages: summed.count, PeriodFirst: c.first, PeriodLast: c.last,
		LogSHA256: hex.EncodeToString(summed.sum.Sum(nil)), Replayed: Stream{out.Told, hex.EncodeToString(out.Sum[:])}, Label: o.Source.Label,
		Policy: out.Policy.Hash, Semantics: correlator.SemanticsID, Program: o.Program, Made: o.Made.UTC().Format(time.RFC3339),
	}
	if err := r.recorded(ctx, o.Source, st.ID, out.Last); err != nil {
		return nil, err
	}
	r.Controls = controlsOf(out.Policy, r.Exceptions)
	r.NotCovered = c.notCovered(r, out.Policy)
	r.Summary = summaryOf(r)
	return r, nil
}

// recorded sums up what was told live.
func (r *Report) recorded(ctx context.Context, src *Source, logID string, last uint64) error {
	if src.Alerts == nil {
		return nil
	}
	h, n := sha256.New(), 0
	_, err := Recorded(ctx, src.Alerts, logID, src.After, last, func(_ eventlog.Message, t Told) error {
		n++
		sumEntry(h, t.Entry)
		return nil
	})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	r.Header.Recorded = &Stream{n, hex.EncodeToString(h.Sum(nil))}
	return nil
}

// summedLog is a log that sums up what is read of it, each position once.
type summedLog struct {
	eventlog.Log
	first, last, until, count uint64
	sum                       hash.Hash
	line                      []byte
}

func (l *summedLog) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return &summedReader{r, l}, err
}

func (l *summedLog) add(m eventlog.Message) (err error) {
	if m.Position <= l.last || m.Position > l.until {
		return nil
	}
	if l.line, err = archive.AppendMessage(l.line[:0], m); err != nil {
		return fmt.Errorf("sum the log up: %w", err)
	}
	l.sum.Write(l.line)
	if l.first == 0 {
		l.first = m.Position
	}
	l.last = m.Position
	l.count++
	return nil
}

// summedReader sums up what it hands out.
type summedReader struct {
	eventlog.Reader
	log *summedLog
}

func (r *summedReader) Next(ctx context.Context) (eventlog.Message, error) {
	m, err := r.Reader.Next(ctx)
	if err == nil {
		err = r.log.add(m)
	}
	return m, err
}

func (r *summedReader) TryNext() (eventlog.Message, bool, error) {
	m, ok, err := r.Reader.TryNext()
	if err == nil && ok {
		err = r.log.add(m)
	}
	return m, ok, err
}

// collection is what is gathered while the log is read.
type collection struct {
	begin, end Bound
	// from and to are the period in log time, 0 until it is known.
	from, to    correlator.Time
	first, last uint64 // positions in it

	sources map[string]*heard
	alerts  map[string]*alertStory
	order   []string // of alerts, as they were first told
	record  []RecordEntry

	view    *correlator.View // at the end
	granted map[approvalRef]granted
	rights  byRight
}

func newCollection(begin, end Bound) *collection {
	from := correlator.At(begin.At)
	if begin == (Bound{}) {
		from = correlator.Ever
	}
	return &collection{
		begin: begin, end: end, from: from, to: correlator.At(end.At),
		sources: map[string]*heard{}, alerts: map[string]*alertStory{}, record: []RecordEntry{},
		granted: map[approvalRef]granted{}, rights: byRight{},
	}
}

// message takes note of one message of the log, and of what it led to.
func (c *collection) message(m correlator.Message, r correlator.Result, v *correlator.View) {
	now, inside := v.Now(), c.reads(m.Origin.Seq, v.Now())
	if inside {
		if c.first == 0 {
			c.first = m.Origin.Seq
		}
		c.last = m.Origin.Seq
		if c.from == 0 {
			c.from = now
		}
		if c.end.At.IsZero() {
			c.to = now + 1
		}
		c.note(m, now)
	}
	if m.Event.Type.FromSource() {
		c.hear(m, now, inside, v)
	}
	for _, p := range r.Publish {
		if p.Alert != nil {
			c.told(p.Alert)
		}
	}
}

// reads reports whether a message is read in the period.
func (c *collection) reads(seq uint64, now correlator.Time) bool {
	switch {
	case seq < c.begin.Position, !c.begin.At.IsZero() && now < c.from,
		c.end.Position != 0 && seq > c.end.Position, !c.end.At.IsZero() && now >= c.to:
		return false
	}
	return true
}

// settle closes the period, once everything is read: one that begins after the end
// of what was read is empty.
func (c *collection) settle(v *correlator.View) {
	c.view = v
	if c.from == 0 {
		c.from = v.Now()
	}
	c.to = max(c.to, c.from)
	v.EachAccess(func(x correlator.AccessView) bool {
		for _, st := range x.Stretches {
			c.grant(x, st)
			if d, ok := c.overdue(st); ok {
				c.rights.add(cmp.Or(x.Scope.System, x.Source), d, st.Basis)
			}
		}
		return true
	})
}

// in reports whether a time lies in the period.
func (c *collection) in(t correlator.Time) bool { return c.from <= t && t < c.to }

// note keeps what happens to the record itself.
func (c *collection) note(m correlator.Message, now correlator.Time) {
	e := RecordEntry{Position: m.Origin.Seq, At: timed(now), What: m.Event.Type.Short(), Event: m.Event.Source + "|" + m.Event.ID}
	switch d := m.Event.Data.(type) {
	case *events.Policy:
		e.By, e.Detail = d.By, "sha256 "+d.Hash
	case *events.Mark:
		e.By, e.Detail = d.By, markDetail(d)
	case *events.Observation:
		e.Detail = d.What
		for _, s := range []string{d.Source, d.Detail} {
			if s != "" {
				e.Detail += ": " + s
			}
		}
		if d.To != 0 {
			e.Detail += fmt.Sprintf(" (%d to %d)", d.From, d.To)
		}
		if d.What == events.ObservedQuarantined && d.Source != "" {
			c.source(d.Source).unreadable++
		}
	case *events.Epoch:
		e.Detail = fmt.Sprintf("epoch %d of %s: %s", d.Epoch, d.LogID, d.Reason)
	default:
		return
	}
	c.record = append(c.record, e)
}

// markDetail says what an operator's word is about.
func markDetail(d *events.Mark) string {
	var out string
	for _, part := range []struct{ name, value string }{
		{"alert", d.Selector.Alert}, {"rule", d.Selector.Rule}, {"subject", string(d.Selector.Subject)}, {"approval", d.Selector.Approval},
	} {
		if part.value != "" {
			out += part.name + " " + part.value + " "
		}
	}
	if !d.Until.IsZero() {
		out += "until " + d.Until.UTC().Format(time.RFC3339) + " "
	}
	return out + "because: " + d.Why
}
