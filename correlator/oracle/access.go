package oracle

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// access is a session, a lease or a membership, under all ids that it was issued
// again under.
type access struct {
	source     string
	kind       events.AccessKind
	id         string
	ids        []string // all, the first one first
	subject    events.ID
	scope      events.Scope
	credential events.CredentialKind
	parents    []parent
	refs       []events.ApprovalRef
	revocable  *bool
	acts       []act
	episodes   []episode
	settled    bool // its parents' deaths are taken in
}

type parent struct {
	of   ref
	edge events.ParentEdge
}

type ref struct {
	source string
	kind   events.AccessKind
	id     string
}

// act is one thing that is known to have happened to an access.
type act struct {
	at   time.Time
	what string // start, renew, use, alive, failed, end
	id   string // under which of its ids
	// of an end
	basis string
	cause events.EndCause
	alive time.Time
	// of an end claimed in bulk: of what began before, under which ids
	began time.Time
	under string
	// of a start or a renewal
	expiry *events.Expiry
	issue  bool // under another id than before
	event  events.Event
}

// episode is one life of an access.
type episode struct {
	start     time.Time
	unseen    bool      // nobody told of the start: it was before
	end       time.Time // never while it is open
	basis     string
	lastAlive time.Time
	signs     []time.Time
	uses      []time.Time
	issue     *events.Expiry // what the first start stated
	renewals  []act
	acts      []act
	expiry    *events.Expiry
}

// order is how acts of one instant follow each other: what was not there comes
// before it goes.
var order = []string{"start", "renew", "alive", "use", "failed", "end"}

// The bases of an end, the strongest first.
var strength = []string{"verified", "observed", "scheduled", "presumed", "claimed", "unknown"}

func stronger(a, b string) bool {
	return a != "" && slices.Index(strength, a) < slices.Index(strength, b)
}

// named collects what each id of the log is said to be.
type named struct {
	ref
	subject    events.ID
	scope      events.Scope
	credential events.CredentialKind
	parents    []parent
	refs       []events.ApprovalRef
	revocable  *bool
	known      bool // somebody introduced it
	acts       []act
}

func (w *world) foldAccesses() []*access {
	var list []*named
	get := func(r ref) *named {
		for _, n := range list {
			if n.ref == r {
				return n
			}
		}
		n := &named{ref: r}
		list = append(list, n)
		return n
	}
	for _, ev := range w.history {
		if done(ev) {
			w.say(ev, get)
		}
	}
	byRef := map[ref]*access{}
	var out []*access
	for _, n := range list {
		root := rootOf(list, n)
		x := byRef[root.ref]
		if x == nil {
			x = &access{source: root.source, kind: root.kind, id: root.id, subject: root.subject, scope: root.scope,
				credential: root.credential, parents: root.parents, refs: root.refs, revocable: root.revocable}
			byRef[root.ref] = x
			out = append(out, x)
		}
		byRef[n.ref] = x
		x.ids = append(x.ids, n.id)
		for _, a := range n.acts {
			if n != root && a.what == "start" {
				a.what, a.issue = "renew", true // the same access again
			}
			x.acts = append(x.acts, a)
		}
		if n != root {
			x.refs = append(slices.Clone(x.refs), n.refs...)
			for _, p := range n.parents {
				if p.edge != events.EdgeReissue {
					x.parents = append(slices.Clone(x.parents), p)
				}
			}
			if n.revocable != nil {
				x.revocable = n.revocable
			}
		}
	}
	w.byRef = byRef
	for _, x := range out {
		x.acts = append(x.acts, w.claims(x)...)
		slices.SortStableFunc(x.acts, func(a, b act) int {
			if c := a.at.Compare(b.at); c != 0 {
				return c
			}
			if c := cmp.Compare(slices.Index(order, a.what), slices.Index(order, b.what)); c != 0 {
				return c
			}
			return cmp.Compare(a.event.Source+"|"+a.event.ID, b.event.Source+"|"+b.event.ID)
		})
	}
	for _, x := range out {
		w.fold(x)
	}
	for _, x := range out {
		w.dieWithParents(x, nil)
	}
	return out
}

// dieWithParents ends what dies with what it came from: along cascade edges, and
// not what showed itself alive after. It is a conclusion, no better than presumed.
func (w *world) dieWithParents(x *access, below []*access) {
	if x.settled || slices.Contains(below, x) {
		return
	}
	for i := range x.episodes {
		e := &x.episodes[i]
		for _, p := range x.parents {
			px := w.byRef[p.of]
			if p.edge != events.EdgeCascade || px == nil || px == x {
				continue
			}
			w.dieWithParents(px, append(slices.Clone(below), x))
			_, pe, ok := w.parentAt(p, *e)
			if !ok || pe.end.Equal(never) || pe.end.Before(e.lastAlive) || !pe.end.Before(e.end) || stronger(e.basis, "scheduled") || e.failedAt(pe.end) {
				continue
			}
			e.end, e.basis = pe.end, pe.basis
			if stronger(e.basis, "presumed") {
				e.basis = "presumed"
			}
		}
	}
	x.settled = true
}

// say notes what one event says of an access.
func (w *world) say(ev events.Event, get func(ref) *named) {
	switch d := ev.Data.(type) {
	case *events.Lease:
		n := get(ref{ev.Source, events.KindLease, d.LeaseID})
		n.introduce(ev, d.Scope, d.Parents, d.Approvals)
		if d.Credential != "" {
			n.credential = d.Credential
		}
		if d.Revocable != nil {
			n.revocable = d.Revocable
		}
		switch ev.Type {
		case events.LeaseIssued:
			n.known = true
			n.add(act{at: ev.Time, what: "start", expiry: d.Expiry, event: ev})
		case events.LeaseRenewed:
			n.add(act{at: ev.Time, what: "renew", expiry: d.Expiry, event: ev})
		case events.LeaseRevoked:
			n.add(ending(ev, d.End, "claimed"))
		case events.LeaseExpired:
			n.add(ending(ev, d.End, "observed"))
		case events.LeaseRevocationFailed:
			n.add(act{at: ev.Time, what: "failed", event: ev})
		}
	case *events.Session:
		n := get(ref{ev.Source, events.KindSession, d.SessionID})
		n.introduce(ev, d.Scope, d.Parents, d.Approvals)
		if ev.Type == events.SessionStarted {
			n.known = true
			at := ev.Time
			if !d.Start.IsZero() {
				at = d.Start
			}
			a := act{at: at, what: "start", event: ev}
			if !d.ScheduledEnd.IsZero() {
				a.expiry = &events.Expiry{Kind: events.ExpiryExact, At: d.ScheduledEnd}
			}
			n.add(a)
		} else {
			n.add(ending(ev, d.End, "observed"))
		}
	case *events.Membership:
		if d.State == "eligible" {
			return
		}
		n := get(ref{ev.Source, events.KindMembership, events.MembershipID(ev.Subject, d.Scope, d.Path)})
		n.introduce(ev, d.Scope, nil, d.Approvals)
		if ev.Type == events.MembershipAdded {
			n.known = true
			a := act{at: ev.Time, what: "start", event: ev}
			if !d.ScheduledEnd.IsZero() {
				a.expiry = &events.Expiry{Kind: events.ExpiryExact, At: d.ScheduledEnd}
			}
			n.add(a)
		} else {
			n.add(ending(ev, d.End, "observed"))
		}
	case *events.Use:
		get(refOf(ev, d.Access)).add(act{at: ev.Time, what: "use", event: ev})
	case *events.Probe:
		r := refOf(ev, d.Access)
		switch {
		case d.Result == "alive":
			get(r).add(act{at: ev.Time, what: "alive", event: ev})
		case d.Result == "refused" && r.source == ev.Source:
			get(r).add(act{at: ev.Time, what: "end", basis: "verified", event: ev})
		case d.Result == "refused": // a stranger's word
			get(r).add(act{at: ev.Time, what: "end", basis: "claimed", event: ev})
		}
	}
}

func refOf(ev events.Event, r events.AccessRef) ref {
	if r.Source == "" {
		r.Source = ev.Source
	}
	return ref{r.Source, r.Kind, r.ID}
}

func (n *named) add(a act) {
	a.id = n.id
	n.acts = append(n.acts, a)
}

func (n *named) introduce(ev events.Event, scope events.Scope, parents []events.Parent, refs []events.ApprovalRef) {
	if n.subject == "" {
		n.subject = ev.Subject
	}
	if n.scope.IsZero() {
		n.scope = scope
	}
	for _, p := range parents {
		to := parent{refOf(ev, p.AccessRef), p.Edge}
		if !slices.Contains(n.parents, to) {
			n.parents = append(n.parents, to)
		}
	}
	for _, r := range refs {
		if r.Source == "" {
			r.Source = ev.Source + "?" // its own, or any that knows the id
		}
		if !slices.Contains(n.refs, r) {
			n.refs = append(n.refs, r)
		}
	}
}

func ending(ev events.Event, end *events.End, basis string) act {
	a := act{at: ev.Time, what: "end", basis: basis, event: ev}
	if end != nil {
		a.basis, a.cause, a.alive = string(end.Basis), end.Cause, end.LastAlive
		if !end.At.IsZero() {
			a.at = end.At
		}
	}
	return a
}

// rootOf follows reissues back to the access as it was first issued: the same
// scope under another id.
func rootOf(list []*named, n *named) *named {
	seen := []*named{}
	for !slices.Contains(seen, n) {
		seen = append(seen, n)
		for _, p := range n.parents {
			if p.edge != events.EdgeReissue {
				continue
			}
			if i := slices.IndexFunc(list, func(m *named) bool { return m.ref == p.of && m.known }); i >= 0 && list[i].scope == n.scope {
				n = list[i]
				break
			}
		}
	}
	return n
}

// claims are the bulk claims that name an access.
func (w *world) claims(x *access) []act {
	var out []act
	for _, ev := range w.history {
		d, ok := ev.Data.(*events.EndedBefore)
		if !ok || !done(ev) || ev.Source != x.source || d.Kind != "" && d.Kind != x.kind {
			continue
		}
		if s := d.Scope; s.System != "" && s.System != x.scope.System || s.Resource != "" && s.Resource != x.scope.Resource ||
			s.Role != "" && s.Role != x.scope.Role || s.Level != "" && s.Level != x.scope.Level {
			continue
		}
		if ev.Subject != "" && !w.same(ev.Subject, x.subject, ev.Time) {
			continue
		}
		out = append(out, act{at: ev.Time, what: "end", basis: "claimed", began: d.Before, under: d.IDPrefix, event: ev})
	}
	return out
}

// newestID is the id that it was issued under last, by a time.
func (x *access) newestID(by time.Time) string {
	id, at := x.id, time.Time{}
	for _, a := range x.acts {
		if (a.what == "start" || a.issue) && !a.at.After(by) && !a.at.Before(at) {
			id, at = a.id, a.at
		}
	}
	return id
}

// fold puts the acts of an access together into its lives.
func (w *world) fold(x *access) {
	var e *episode
	// held is whether the last that was told was a sign of life, heldBefore the
	// same before this instant.
	var held, heldBefore bool
	var instant time.Time
	closeAt := func(at time.Time, basis string) {
		e.end, e.basis = at, basis
	}
	for _, a := range x.acts {
		if a.at.After(w.now) {
			break
		}
		if !a.at.Equal(instant) {
			instant, heldBefore = a.at, held
		}
		if e != nil && e.runsOut(a.at) {
			closeAt(e.expiry.At, ranOut[e.expiry.Kind])
		}
		switch a.what {
		case "start":
			if e == nil || e.end != never {
				x.episodes = append(x.episodes, episode{start: a.at, end: never})
				e = &x.episodes[len(x.episodes)-1]
			}
			if e.unseen && (x.kind != events.KindMembership || e.acts[0].what != "alive") {
				e.unseen, e.start, e.issue, e.renewals = false, a.at, nil, nil
			}
			if e.issue == nil && !slices.ContainsFunc(e.renewals, func(r act) bool { return r.expiry != nil }) {
				e.issue = a.expiry
			}
			e.alive(a)
		case "renew", "use", "alive", "failed":
			if e == nil { // it was there before anybody told of it
				x.episodes = append(x.episodes, episode{start: a.at, end: never, unseen: true, lastAlive: a.at})
				e = &x.episodes[len(x.episodes)-1]
			}
			if a.what == "failed" && e.end != never && e.basis == "verified" {
				continue // a probe knows better
			}
			e.alive(a)
		case "end":
			if heldBefore && a.basis != "verified" && a.began.IsZero() && slices.ContainsFunc(x.acts, func(s act) bool { return s.what == "start" && s.at.Equal(a.at) }) {
				continue // written anew at once: it was there and stays
			}
			newest := x.newestID(a.at)
			bulk := !a.began.IsZero()
			if e == nil && !bulk { // it was there before anybody told of it
				x.episodes = append(x.episodes, episode{start: a.at, end: never, unseen: true, lastAlive: a.at})
				e = &x.episodes[len(x.episodes)-1]
			}
			if bulk && (e == nil || !e.start.Before(a.began) || !strings.HasPrefix(newest, a.under)) || !bulk && a.id != newest {
				continue
			}
			switch {
			case e.end == never:
				closeAt(a.at, a.basis)
			case stronger(a.basis, e.basis):
				closeAt(a.at, a.basis)
			}
		}
		held = a.what != "end" && (held || a.what != "failed")
		if e != nil {
			e.acts = append(e.acts, a)
		}
	}
	if e != nil && e.runsOut(w.now) {
		closeAt(e.expiry.At, ranOut[e.expiry.Kind])
	}
}

// ranOut is what the end of a dated credential rests on.
var ranOut = map[events.ExpiryKind]string{events.ExpiryExact: "scheduled", events.ExpiryUpperBound: "presumed"}

// runsOut reports whether the episode is open and its expiry has come by a time.
func (e *episode) runsOut(by time.Time) bool {
	return e.end.Equal(never) && e.expiry != nil && ranOut[e.expiry.Kind] != "" && !e.expiry.At.After(by)
}

// failedAt reports whether a revocation failed at a time: what dies with its parent
// is revoked, and this was not.
func (e *episode) failedAt(t time.Time) bool {
	return slices.ContainsFunc(e.acts, func(a act) bool { return a.what == "failed" && a.at.Equal(t) })
}

// alive notes a sign of life, which voids an end.
func (e *episode) alive(a act) {
	e.end, e.basis = never, ""
	e.lastAlive = a.at
	e.signs = append(e.signs, a.at)
	switch a.what {
	case "use":
		e.uses = append(e.uses, a.at)
	case "renew":
		e.renewals = append(e.renewals, a)
	}
	switch {
	case a.expiry != nil:
		e.expiry = a.expiry
	case e.expiry != nil && (a.at.After(e.expiry.At) || a.what == "failed" && !a.at.Before(e.expiry.At)):
		e.expiry = nil // it was not the end
	}
}
