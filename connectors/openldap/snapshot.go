package openldap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/overstay/overstay/events"
)

// scan reads the whole directory and emits it as a snapshot. The correlator finds
// what differs; here only the memory follows, so that a later change is compared
// with the truth.
func (r *reader) scan(ctx context.Context) error {
	if r.refresh != nil {
		return nil // begin arms the next one
	}
	started := r.directoryTime()
	r.scanDue = r.clock.Now().Add(r.config.SnapshotEvery)
	records, err := r.search(ctx)
	if err != nil {
		return err
	}
	view := r.view(records)
	r.learn(records, started)
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.snapshot(ctx, view.items(), started, func() {})
}

// view is the directory as a scan found it. The old name of an entry that lives on
// still means that entry: refint may not have got to the group yet. The name of a
// deleted one means nobody.
func (r *reader) view(records []record) *memory {
	view := newMemory(r.config.system())
	for i := range records {
		view.take(&records[i])
	}
	for dn, f := range r.Former {
		if view.People[f.UUID] != nil || view.Groups[f.UUID] != nil {
			view.Former[dn] = f
		}
	}
	for uid, uuid := range r.FormerUID {
		if view.People[uuid] != nil {
			view.FormerUID[uid] = uuid
		}
	}
	for _, g := range view.Groups {
		g.holders = view.resolve(g)
	}
	return view
}

// learn takes over group members that were rewritten without a new CSN. An entry
// whose CSN differs is left to the stream, which is about to tell.
func (r *reader) learn(records []record, started time.Time) {
	for _, rec := range records {
		if g := r.Groups[rec.UUID]; g != nil && rec.Group != nil && g.CSN == rec.CSN && g.DN == rec.DN {
			g.Members, g.UIDs = rec.Group.Members, rec.Group.UIDs
		}
	}
	r.forgetFormer()
	for _, uuid := range r.groupsWhere(func(*group) bool { return true }) {
		r.rewritten(uuid, change{UUID: uuid, Mark: "scan " + stamp(started), At: started, Since: r.Scanned})
	}
	r.changed = true
}

const pageSize = 500

// search reads people and groups page by page (RFC 2696).
func (r *reader) search(ctx context.Context) ([]record, error) {
	paging := ldap.NewControlPaging(pageSize)
	req := ldap.NewSearchRequest(r.config.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases,
		0, 0, false, r.config.filter(), r.config.attributes(), []ldap.Control{paging})
	var records []record
	for {
		page, err := r.conn.Search(req)
		if err != nil {
			return nil, limited("scan "+r.config.BaseDN, err)
		}
		for _, e := range page.Entries {
			rec, err := r.config.read(e, "")
			if err != nil {
				return nil, err
			}
			records = append(records, rec)
		}
		if err := errors.Join(ctx.Err(), r.config.tooMany(len(records))); err != nil {
			return nil, err
		}
		next, ok := ldap.FindControl(page.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(next.Cookie) == 0 {
			return records, nil
		}
		paging.SetCookie(next.Cookie)
	}
}

// filter asks for people and groups only.
func (c Config) filter() string {
	filter := "(|"
	for _, class := range append(slices.Clone(c.GroupClasses), c.PeopleClasses...) {
		filter += "(objectClass=" + ldap.EscapeFilter(class) + ")"
	}
	return filter + ")"
}

// items lists all memberships, in a fixed order. Nestings are not among them.
func (m *memory) items() []events.SnapshotItem {
	var items []events.SnapshotItem
	for _, uuid := range m.groupsWhere(func(*group) bool { return true }) {
		g := m.Groups[uuid]
		for _, h := range sorted(g.holders) {
			if !h.Group {
				items = append(items, events.SnapshotItem{
					Subject: h.ID, Path: h.Path, Aliases: m.aliases(h.ID),
					Scope: events.Scope{System: m.ids.system, Role: g.DN},
				})
			}
		}
	}
	return items
}

// partBytes keeps a part under events.MaxBody, with room for JSON around the text.
const partBytes = events.MaxBody / 2

// snapshot emits items as begin, parts and end. complete is called before the end,
// so that the cursor that goes with it counts the snapshot as done.
func (r *reader) snapshot(ctx context.Context, items []events.SnapshotItem, started time.Time, complete func()) error {
	id := r.config.Name + "@" + stamp(started)
	items = slices.DeleteFunc(items, func(item events.SnapshotItem) bool { return !r.usable(item) })
	if err := r.emitOne(ctx, events.SourceSnapshotBegin, id+"/begin", started, &events.SnapshotBegin{
		SnapshotID: id, Kind: events.KindMembership, Scope: events.Scope{System: r.config.system()}, StartedAt: started,
	}); err != nil {
		return err
	}
	hash := events.NewSnapshotHash()
	parts := 0
	for len(items) > 0 {
		n := partLength(items)
		for _, item := range items[:n] {
			hash.Add(item)
		}
		if err := r.emitOne(ctx, events.SourceSnapshotPart, fmt.Sprintf("%s/%d", id, parts), started, &events.SnapshotPart{
			SnapshotID: id, Index: parts, Items: items[:n],
		}); err != nil {
			return err
		}
		items = items[n:]
		parts++
	}
	r.Scanned = started
	complete()
	ended := r.directoryTime()
	return r.emitOne(ctx, events.SourceSnapshotEnd, id+"/end", ended, &events.SnapshotEnd{
		SnapshotID: id, Parts: parts, Count: hash.Count(), Hash: hash.Sum(), EndedAt: ended,
	})
}

// partLength is how many items fit into one part.
func partLength(items []events.SnapshotItem) int {
	const around = 160 // JSON's names and punctuation
	size := 0
	for i, item := range items {
		size += around + len(item.Subject) + len(item.Scope.System) + len(item.Scope.Role)
		for _, a := range item.Aliases {
			size += len(a) + 8
		}
		if i > 0 && size > partBytes || i == events.MaxItems {
			return i
		}
	}
	return len(items)
}

// usable refuses an item that no event may carry (an overlong name, a control
// character in it), so that it does not spoil the others.
func (r *reader) usable(item events.SnapshotItem) bool {
	_, err := events.New(events.SourceSnapshotPart, r.config.uri(), "item", r.clock.Now(), "", &events.SnapshotPart{
		SnapshotID: "item", Items: []events.SnapshotItem{item},
	})
	if err != nil {
		r.out.Skip("unusable", "a member of "+clip(item.Scope.Role), err)
	}
	return err == nil
}

func (r *reader) emitOne(ctx context.Context, typ events.Type, id string, at time.Time, data events.Data) error {
	ev, err := events.New(typ, r.config.uri(), id, at, "", data)
	if err != nil {
		return fmt.Errorf("say %s: %w", typ.Short(), err)
	}
	return r.emit(ctx, []events.Event{ev})
}
