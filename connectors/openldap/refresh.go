package openldap

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"
)

// refresh gathers the first stage of a search (RFC 4533 section 3.3): what the
// directory holds, or what changed since a cookie. Only its end says what is
// missing.
type refresh struct {
	whole   bool // asked without a cookie: whatever is not mentioned is gone
	started time.Time
	since   time.Time // what the memory knew was true then
	after   string    // the cookie that was sent, or would have been

	present map[string]bool
	deleted map[string]bool
	records []record
	done    bool
}

func newRefresh(p *place, whole bool, started time.Time) *refresh {
	return &refresh{
		whole: whole, started: started, since: p.knownUntil(), after: "after " + string(p.Seen.cookie(0)),
		present: map[string]bool{}, deleted: map[string]bool{},
	}
}

// info takes in a Sync Info message.
func (r *refresh) info(c *ldap.ControlSyncInfo) {
	switch {
	case c.SyncIdSet != nil && c.SyncIdSet.RefreshDeletes:
		markAll(r.deleted, c.SyncIdSet.SyncUUIDs)
	case c.SyncIdSet != nil:
		markAll(r.present, c.SyncIdSet.SyncUUIDs)
	case c.RefreshPresent != nil: // the present phase is over: silence means gone
		r.whole = true
		r.done = c.RefreshPresent.RefreshDone
	case c.RefreshDelete != nil:
		r.done = c.RefreshDelete.RefreshDone
	}
}

func markAll(set map[string]bool, uuids []uuid.UUID) {
	for _, u := range uuids {
		set[u.String()] = true
	}
}

// entry takes in an entry message.
func (r *refresh) entry(state *ldap.ControlSyncState, rec record) {
	switch state.State {
	case ldap.SyncStateDelete:
		r.deleted[rec.UUID] = true
	case ldap.SyncStatePresent:
		r.present[rec.UUID] = true
	default:
		r.present[rec.UUID] = true
		r.records = append(r.records, rec)
	}
}

// missing counts the known entries of which nothing was said.
func (r *refresh) missing(m *memory) int {
	if !r.whole {
		return 0
	}
	n := 0
	silent := func(uuid string) bool { return !r.present[uuid] && !r.deleted[uuid] }
	for uuid := range m.People {
		if silent(uuid) {
			n++
		}
	}
	for uuid := range m.Groups {
		if silent(uuid) {
			n++
		}
	}
	return n
}

// changes compares what was gathered with the memory. People come before groups,
// so that a new member is known when its group is read, and deletions before
// both, so that a name that was given away means its new owner.
func (r *refresh) changes(m *memory, now time.Time) []change {
	var out []change
	known := slices.AppendSeq(slices.Collect(maps.Keys(m.People)), maps.Keys(m.Groups))
	slices.Sort(known)
	for _, u := range known {
		if r.deleted[u] || r.whole && !r.present[u] {
			out = append(out, change{UUID: u, Mark: r.after, At: now, Since: r.since, Read: now})
		}
	}
	rank := func(rec record) int {
		if rec.Group != nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(r.records, func(a, b record) int {
		return cmp.Or(rank(a)-rank(b), cmp.Compare(a.CSN, b.CSN), cmp.Compare(a.UUID, b.UUID))
	})
	for i := range r.records {
		rec := &r.records[i]
		at := now
		if rec.CSN != "" {
			at = rec.CSN.Time()
		}
		out = append(out, change{UUID: rec.UUID, Record: rec, Mark: string(rec.CSN), At: at, Since: r.since, Read: now})
	}
	return out
}

// baseline fills an empty memory: nothing of it is a change.
func (r *refresh) baseline(m *memory) {
	for i := range r.records {
		rec := &r.records[i]
		m.take(rec)
	}
	for _, g := range m.Groups {
		g.holders = m.resolve(g)
	}
	for _, p := range m.People {
		p.Said = p.Off.at(r.started)
	}
}

// take puts a record into the memory as it is.
func (m *memory) take(rec *record) {
	switch {
	case rec.Person != nil:
		m.setPerson(rec.UUID, rec.Person)
	case rec.Group != nil:
		m.setGroup(rec.UUID, rec.Group)
	}
}

// size counts the entries held.
func (m *memory) size() int { return len(m.People) + len(m.Groups) }

func (c Config) tooMany(n int) error {
	if n <= c.MaxEntries {
		return nil
	}
	return fmt.Errorf("read %s: more than maxEntries = %d people and groups; read a smaller baseDN or raise it", c.BaseDN, c.MaxEntries)
}
