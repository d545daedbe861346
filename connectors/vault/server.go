package vault

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// lastInstant is the end of the interval that a written time stands for.
func (w waitingLine) lastInstant() time.Time { return w.At.Add(time.Duration(w.Step) - 1) }

// server handles a line of the server log.
func (t *translator) server(s serverLine, raw, place string) {
	t.st.Now = later(t.st.Now, s.Time)
	w := waitingLine{LeaseID: s.LeaseID, At: s.Time, Raw: raw, Zone: s.Zone, Step: int64(s.Step)}
	switch s.What {
	case serverRevoked:
		if t.mayBeExplained(w) {
			t.st.Waiting = append(t.st.Waiting, w)
			return
		}
		t.gone(w)
	case serverFailed, serverIrrevocable:
		t.revocationFailed(w, s)
	default:
		t.skip(connectors.SkipNotAccess, place, nil)
	}
}

// mayBeExplained reports whether a call is under way that may be why: its
// response line says whether it was. The call's request line is always there
// before, since devices are written to before a call is let through.
func (t *translator) mayBeExplained(w waitingLine) bool {
	for _, o := range t.st.Open {
		if o.Revoke && !o.At.After(w.lastInstant()) && w.At.Sub(o.At) < keepOpen {
			return true
		}
	}
	return false
}

// explain goes on with the lines that waited for a response.
func (t *translator) explain() {
	waiting := t.st.Waiting
	t.st.Waiting = nil
	for _, w := range waiting {
		if t.mayBeExplained(w) && t.st.Now.Sub(w.At) < keepOpen {
			t.st.Waiting = append(t.st.Waiting, w)
			continue
		}
		t.gone(w)
	}
}

// flush settles everything that still waits, at the end of the input.
func (t *translator) flush() {
	for _, w := range t.st.Waiting {
		t.gone(w)
	}
	t.st.Waiting = nil
}

// hiddenID is the lease id of a token: the path of the login and a salted hash of
// the token, which is not the hash that any audit device uses.
var hiddenID = regexp.MustCompile(`^(.+)/h[0-9a-f]{40,64}(?:\.[0-9A-Za-z]+)?$`)

// gone handles "revoked lease": the source itself says that it is gone, be it
// expired, revoked or cascaded. Why, the audit log has to say.
func (t *translator) gone(w waitingLine) {
	if m := hiddenID.FindStringSubmatch(w.LeaseID); m != nil && t.st.Leases[w.LeaseID] == nil {
		t.tokenGone(w, m[1])
		return
	}
	l := t.st.Leases[w.LeaseID]
	if l == nil {
		l = t.firstHeardOf(w)
	}
	if l.End != nil && l.End.Observed {
		return
	}
	cause, actor := t.causeOf(&l.life, w)
	if cause == events.CauseForce {
		// The server forgets the lease even when the backend refused to revoke
		// the credential: that it is gone from here proves nothing.
		l.End = &end{Cause: cause, Actor: actor, Asked: w.At, At: w.At, Observed: true}
		return
	}
	t.observe(w, w.LeaseID, &l.life, cause, actor)
}

// firstHeardOf makes the entry of a lease that no audit line has named: one that
// was wrapped and never opened, or one from before our first line.
func (t *translator) firstHeardOf(w waitingLine) *lease {
	ns := namespaceOf(w.LeaseID)
	l := &lease{life: life{Path: leasePath(w.LeaseID), NS: ns}}
	if wr, sure := t.wrapOf(w.LeaseID, ns, w.At); wr != nil {
		l.life = wr.life
		if sure {
			wr.Inner = w.LeaseID
		} else {
			l.Parent, l.End = "", nil // they agree in who asked, not in which token
		}
		t.addServer(w, events.LeaseIssued, "issued", wr.Issued, l.Subject, &events.Lease{
			LeaseID:    w.LeaseID,
			Credential: events.CredentialDynamic,
			Scope:      t.secretScope(wr.Mount, wr.Full),
			Expiry:     &events.Expiry{Kind: events.ExpiryUnknown},
			Parents:    parents(l.Parent, events.EdgeCascade),
			Approvals:  refs(wr.Refs),
		})
	}
	t.st.addLease(w.LeaseID, l)
	return l
}

// causeOf says why a lease ended: by a call that came before, by its own time, or
// with its parent. Nothing of that is expiry too, because only expiry is silent;
// of a lease of unknown origin nothing is said.
func (t *translator) causeOf(l *life, w waitingLine) (events.EndCause, events.ID) {
	at := w.lastInstant()
	if l.End != nil && !l.End.Asked.After(at) {
		return l.End.Cause, l.End.Actor
	}
	if due := !l.Due.IsZero() && !l.Due.After(at); due {
		return events.CauseExpired, ""
	}
	if c := t.claimFor(w, l.NS); c != nil {
		return c.Cause, c.Actor
	}
	if t.parentGone(l, at) {
		return events.CauseCascade, ""
	}
	if l.Issued.IsZero() {
		return events.CauseUnknown, ""
	}
	return events.CauseExpired, ""
}

// lazily is how long after its answer a revocation that was not asked to be
// synchronous may take to show, for it to be taken as the cause. The server puts
// it at the head of a queue.
const lazily = time.Second

// claimFor finds the unmatched revocation that a line belongs to: one of its
// prefix, or one by a hashed id that was under way or just answered.
func (t *translator) claimFor(w waitingLine, ns string) *claim {
	for i := range t.st.Unmatched {
		c := &t.st.Unmatched[i]
		if c.Token || c.NS != ns || c.Asked.After(w.lastInstant()) {
			continue
		}
		if c.Prefix != "" && strings.HasPrefix(w.LeaseID, c.Prefix) || c.Prefix == "" && !w.At.After(c.At.Add(lazily)) {
			return c
		}
	}
	return nil
}

func (t *translator) parentGone(l *life, at time.Time) bool {
	for id := l.Parent; id != ""; {
		p := t.st.Tokens[id]
		if p == nil {
			return false
		}
		if p.End != nil && !p.End.Asked.After(at) || !p.Due.IsZero() && !p.Due.After(at) {
			return true
		}
		id = p.Parent
	}
	return false
}

// observe states an end that the server log shows.
func (t *translator) observe(w waitingLine, id string, l *life, cause events.EndCause, actor events.ID) {
	typ := events.LeaseRevoked
	if cause == events.CauseExpired {
		typ = events.LeaseExpired
	}
	l.End = &end{Cause: cause, Actor: actor, Asked: w.At, At: w.At, Observed: true}
	t.addServer(w, typ, "ended/"+short(id), w.At, l.Subject, &events.Lease{
		Meta: events.Meta{Actor: actor}, LeaseID: id, End: &events.End{Basis: events.EndObserved, Cause: cause},
	})
}

// tokenGone handles the line about a token's own lease. Its hash cannot be joined
// to an accessor; what it tells is the path of the login. When as many tokens of
// that path have a reason to be gone as there are lines, they are the ones.
func (t *translator) tokenGone(w waitingLine, path string) {
	ns, at := namespaceOf(w.LeaseID), w.lastInstant()
	var due, alive []string
	key := path + " " + ns
	for _, id := range t.st.paths[key] {
		tok := t.st.Tokens[id]
		if tok.End != nil && tok.End.Observed || tok.Issued.After(at) {
			continue
		}
		if tok.End != nil && !tok.End.Asked.After(at) || !tok.Due.IsZero() && !tok.Due.After(at) || t.parentGone(&tok.life, at) {
			due = append(due, id)
		} else {
			alive = append(alive, id)
		}
	}
	lines := append(t.st.Hidden[key], hiddenLine{w.At, w.Raw})
	delete(t.st.Hidden, key)
	switch {
	case len(due) == 0:
		t.tokenRevoked(w, alive, ns)
	case len(due) > len(lines):
		t.st.Hidden[key] = lines
	default:
		slices.Sort(due)
		for _, id := range due {
			t.tokenEnded(w, id)
		}
	}
}

// tokenRevoked joins a line with a revocation whose accessor could not be
// resolved. The one token that is known at this path is meant, unless an older
// one exists that is not: therefore the end is claimed and not observed.
func (t *translator) tokenRevoked(w waitingLine, alive []string, ns string) {
	for i, c := range t.st.Unmatched {
		if !c.Token || c.NS != ns || c.Asked.After(w.lastInstant()) || w.At.After(c.At) || len(alive) != 1 {
			continue
		}
		t.st.Unmatched = slices.Delete(t.st.Unmatched, i, i+1)
		e := end{Cause: events.CauseRevoked, Actor: c.Actor, Asked: c.Asked, At: c.At}
		for i, id := range append(alive, t.st.descendants(alive[0])...) {
			l := t.st.lifeOf(id)
			if l.End != nil {
				continue
			}
			if i > 0 {
				e.Cause = events.CauseCascade
			}
			l.End = new(e)
			t.addServer(w, events.LeaseRevoked, "revoked/"+short(id), w.At, l.Subject, &events.Lease{
				Meta: events.Meta{Actor: e.Actor}, LeaseID: id, End: &events.End{Basis: events.EndClaimed, Cause: e.Cause},
			})
		}
		t.claimWraps(alive[0], e)
		return
	}
}

func (t *translator) claimWraps(root string, e end) {
	dead := append(t.st.descendants(root), root)
	e.Cause = events.CauseCascade
	for _, w := range t.st.Wraps {
		if slices.Contains(dead, w.Parent) && w.Inner == "" && w.End == nil {
			w.End = new(e)
		}
	}
}

// tokenEnded observes a token's end, and that of its child tokens: the server
// writes the line only after it has revoked the whole tree of tokens, and writes
// none for those below. Leases follow later and have lines of their own.
func (t *translator) tokenEnded(w waitingLine, id string) {
	tok := t.st.Tokens[id]
	cause, actor := events.CauseExpired, events.ID("")
	if tok.End != nil {
		cause, actor = tok.End.Cause, tok.End.Actor
	} else if tok.Due.IsZero() || tok.Due.After(w.lastInstant()) {
		cause = events.CauseCascade
	}
	t.observe(w, id, &tok.life, cause, actor)
	for _, child := range t.st.descendants(id) {
		if c := t.st.Tokens[child]; c != nil && (c.End == nil || !c.End.Observed) {
			t.observe(w, child, &c.life, events.CauseCascade, actor)
		}
	}
}

// maxRevokeAttempts is the server's own limit (vault/expiration.go), after which
// it gives a lease up.
const maxRevokeAttempts = 6

func (t *translator) revocationFailed(w waitingLine, s serverLine) {
	l := t.st.Leases[w.LeaseID]
	if l == nil {
		l = &lease{life: life{Path: leasePath(w.LeaseID), NS: namespaceOf(w.LeaseID)}}
		t.st.addLease(w.LeaseID, l)
	}
	l.Failures++
	t.addServer(w, events.LeaseRevocationFailed, "failed", w.At, l.Subject, &events.Lease{
		LeaseID: w.LeaseID, Error: s.Error,
		Final: s.What == serverIrrevocable || l.Failures >= maxRevokeAttempts,
	})
}

func (t *translator) addServer(w waitingLine, typ events.Type, purpose string, at time.Time, subject events.ID, data events.Data) {
	m := data.Common()
	m.RawSHA256 = w.Raw
	m.TimeQuality = &events.TimeQuality{Precision: events.Duration(w.Step), Zone: "stated"}
	if !w.Zone {
		m.TimeQuality.Zone = "assumed"
	}
	t.add(typ, "server/"+w.Raw[:32]+"/"+purpose, at, subject, data, "server log line about "+leasePath(w.LeaseID))
}
