package sim

import (
	"context"

	"github.com/overstay/overstay/store/eventlog"
)

// lifeAlerts is the alert stream as one process reaches it.
type lifeAlerts struct{ l *life }

// Publish implements eventlog.Alerts.
func (a *lifeAlerts) Publish(ctx context.Context, e eventlog.Entry) error {
	return a.l.ask(ctx, kindPublish, func() error {
		err := a.l.world.publish(e)
		a.l.world.tell("%s: publishes %s: %v", a.l, e.Subject, err)
		return err
	})
}

// PublishAll implements eventlog.Alerts.
func (a *lifeAlerts) PublishAll(ctx context.Context, es []eventlog.Entry) error {
	return a.l.ask(ctx, kindPublishAll, func() error {
		err := a.l.world.publishAll(es)
		a.l.world.tell("%s: publishes %d together from %s on: %v", a.l, len(es), es[0].Subject, err)
		return err
	})
}

func (w *World) publish(e eventlog.Entry) error {
	before := len(w.alerts.Published())
	err := w.alerts.Publish(context.Background(), e)
	if w.seams.Unguarded && before == len(w.alerts.Published()) {
		w.again = append(w.again, eventlog.Message{Subject: e.Subject, Body: e.Body})
	}
	return err
}

func (w *World) publishAll(es []eventlog.Entry) error {
	if w.seams.Unguarded {
		for _, e := range es {
			if err := w.publish(e); err != nil {
				return err
			}
		}
		return nil
	}
	return w.alerts.PublishAll(context.Background(), es)
}

// lifePublished is the alert stream as one process reads it back.
type lifePublished struct{ l *life }

// State implements eventlog.AlertsReader.
func (p *lifePublished) State(ctx context.Context) (st eventlog.State, err error) {
	err = p.l.ask(ctx, kindLook, func() (err error) {
		st, err = p.l.world.alerts.State(context.Background())
		return err
	})
	return st, err
}

// Tail implements eventlog.AlertsReader.
func (p *lifePublished) Tail(ctx context.Context, o eventlog.TailOptions) (r eventlog.Reader, err error) {
	err = p.l.ask(ctx, kindLook, func() (err error) {
		r, err = p.l.world.alerts.Tail(context.Background(), o)
		return err
	})
	return r, err
}

// lifeQuarantine is the quarantine as one process reaches it.
type lifeQuarantine struct{ l *life }

// Put implements eventlog.Quarantine.
func (q *lifeQuarantine) Put(ctx context.Context, e eventlog.Entry) error {
	return q.l.ask(ctx, kindQuarantine, func() error {
		err := q.l.world.quarantine.Put(context.Background(), e)
		q.l.world.tell("%s: puts %s into quarantine: %v", q.l, e.MsgID, err)
		return err
	})
}
