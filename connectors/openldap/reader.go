package openldap

import (
	"cmp"
	"context"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

const (
	// probeEvery is how often the directory's position is asked for.
	probeEvery = 5 * time.Second
	// settles is how long an alert should wait for our next progress.
	settles = 2 * probeEvery
	// longestSilence between two progress events; a scan of a large directory
	// comes between them.
	longestSilence = 30 * time.Second
	// answerTimeout bounds a probe, and a page of a scan.
	answerTimeout = 30 * time.Second
	// soonestScan is the pause before a scan that a rename or a deletion brings
	// forward.
	soonestScan = time.Minute
	// maxBatch bounds what is emitted at once.
	maxBatch = 500
)

// reader is one session's state.
type reader struct {
	config Config
	clock  Clock
	out    connectors.Output
	conn   *ldap.Conn // for questions; the stream has its own
	*place
	*translator

	refresh *refresh // nil once the live stage has begun
	foreign int      // changes outside of our sight since the position was last sure
	pending *mark
	lag     time.Duration // smallest distance between a change and our seeing it
	lagged  bool          // lag was measured
	scanDue time.Time
}

// read is the loop: messages as they come, probes and scans when due.
func (r *reader) read(ctx context.Context, s *stream) error {
	probe, scan := r.clock.After(probeEvery), (<-chan time.Time)(nil)
	armed := time.Time{}
	for {
		if r.scanDue != armed {
			armed = r.scanDue
			scan = r.clock.After(armed.Sub(r.clock.Now()))
		}
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m, ok := <-s.messages:
			if !ok {
				return cmp.Or(ctx.Err(), s.err)
			}
			err = r.takeAll(ctx, m, s)
		case <-probe:
			probe = r.clock.After(probeEvery)
			err = r.probe(ctx)
		case <-scan:
			armed, scan = time.Time{}, nil
			err = r.scan(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// takeAll takes a message and those that wait behind it, so that a burst is one
// write to the log.
func (r *reader) takeAll(ctx context.Context, m message, s *stream) error {
	for n := 1; ; n++ {
		if err := r.take(m); err != nil {
			return err
		}
		if r.refresh != nil && r.refresh.done {
			return r.begin(ctx)
		}
		if n >= maxBatch || len(s.messages) == 0 {
			break
		}
		next, ok := <-s.messages
		if !ok {
			break // the loop reads the reason
		}
		m = next
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.report(ctx)
}

// take reads one message into the refresh or, in the live stage, translates it.
func (r *reader) take(m message) error {
	if c, ok := control[*ldap.ControlSyncInfo](m); ok {
		return r.takeInfo(c)
	}
	state, ok := control[*ldap.ControlSyncState](m)
	if !ok || m.entry == nil {
		return nil // a done control: the stream ends, with its reason
	}
	csn, err := r.see(state.Cookie)
	if err != nil {
		return err
	}
	uuid := state.EntryUUID.String()
	rec := record{UUID: uuid}
	if state.State == ldap.SyncStateAdd || state.State == ldap.SyncStateModify {
		if rec, err = r.config.read(m.entry, uuid); err != nil {
			return err
		}
	}
	if r.refresh != nil {
		if rec.Person != nil || rec.Group != nil || r.holds(uuid) || state.State != ldap.SyncStateAdd {
			r.refresh.entry(state, rec)
		}
		return r.config.tooMany(len(r.refresh.records))
	}
	if state.State == ldap.SyncStateDelete {
		r.apply(r.dated(uuid, nil, csn))
		return nil
	}
	r.apply(r.dated(uuid, &rec, cmp.Or(rec.CSN, csn)))
	return r.config.tooMany(r.size())
}

func (r *reader) holds(uuid string) bool { return r.People[uuid] != nil || r.Groups[uuid] != nil }

// dated is a change in the live stage. Without a CSN (a deletion whose cookie was
// left out) it happened between the last certainty and now.
func (r *reader) dated(uuid string, rec *record, csn CSN) change {
	if csn != "" {
		return live(uuid, rec, csn)
	}
	now := r.directoryTime()
	return change{UUID: uuid, Record: rec, Mark: "after " + string(r.Seen.cookie(0)), At: now, Since: r.knownUntil(), Read: now}
}

func (r *reader) takeInfo(c *ldap.ControlSyncInfo) error {
	if _, err := r.see(infoCookie(c)); err != nil {
		return err
	}
	switch {
	case r.refresh != nil:
		r.refresh.info(c)
	case c.NewCookie != nil && len(c.NewCookie.Cookie) == 0:
		r.foreign++
	case c.SyncIdSet != nil && c.SyncIdSet.RefreshDeletes:
		for _, u := range c.SyncIdSet.SyncUUIDs {
			r.apply(r.dated(u.String(), nil, ""))
		}
	}
	return nil
}

func infoCookie(c *ldap.ControlSyncInfo) []byte {
	switch {
	case c.NewCookie != nil:
		return c.NewCookie.Cookie
	case c.RefreshDelete != nil:
		return c.RefreshDelete.Cookie
	case c.RefreshPresent != nil:
		return c.RefreshPresent.Cookie
	case c.SyncIdSet != nil:
		return c.SyncIdSet.Cookie
	}
	return nil
}

// see moves our position to a cookie's, and returns the CSN that was new in it.
func (r *reader) see(cookie []byte) (CSN, error) {
	csns, err := cookieCSNs(cookie)
	if err != nil {
		return "", err
	}
	var newest CSN
	for _, csn := range csns {
		if r.Seen.advance(csn) {
			newest = max(newest, csn)
		}
	}
	if newest != "" && r.refresh == nil {
		r.measure(newest)
	}
	return newest, nil
}

// measure keeps the smallest time that a change took to reach us. By so much the
// directory's clock may be behind ours, and at most.
func (r *reader) measure(csn CSN) {
	if lag := r.clock.Now().Sub(csn.Time()); !r.lagged || lag < r.lag {
		r.lag, r.lagged = lag, true
	}
}

// directoryTime is not later than what the directory's clock shows now.
func (r *reader) directoryTime() time.Time { return r.clock.Now().Add(-max(0, r.lag)) }

// flush emits what was translated.
func (r *reader) flush(ctx context.Context) error {
	evs := r.translator.out
	r.translator.out = nil
	if r.changed {
		r.stale, r.changed = true, false
	}
	if r.moved {
		r.moved = false
		r.scanBy(r.Scanned.Add(soonestScan))
	}
	if len(evs) == 0 {
		return nil
	}
	return r.emit(ctx, evs)
}

// scanBy brings the next scan forward.
func (r *reader) scanBy(due time.Time) {
	if now := r.clock.Now(); due.Before(now) {
		due = now
	}
	if due.Before(r.scanDue) {
		r.scanDue = due
	}
}

func (r *reader) emit(ctx context.Context, evs []events.Event) error {
	cursor, err := r.cursor()
	if err != nil {
		return err
	}
	return r.out.Emit(ctx, evs, cursor)
}
