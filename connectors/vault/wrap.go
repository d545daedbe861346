package vault

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// wrapped handles an answer that was put under a wrapping token. What is inside
// exists from now on and belongs to who asked, although the line shows no lease.
// The wrapping token itself is access to it: whoever holds it can have it.
func (t *translator) wrapped(c *call, by string, asked time.Time) {
	w := c.r.Response.WrapInfo
	if w.Accessor == "" {
		return
	}
	inner := &wrap{
		life: life{
			Subject: t.subjectOf(&c.r.Auth), Parent: by, Path: c.r.Request.Path, NS: c.r.namespace(), Asked: asked, Issued: c.r.Time,
		},
		Request: c.r.Request.ID, Mount: c.r.mount(), Full: c.r.fullPath(), Token: tokenID(w.Accessor),
	}
	for _, ref := range t.tickets(c.r.Auth.Metadata) {
		inner.Refs = append(inner.Refs, ref.ID)
	}
	t.keepWrap(c, inner, by)
	if w.WrappedAccessor != "" {
		t.wrappedToken(c, by, asked)
	}
}

func wrapAccessor(r *record) string {
	if w := r.Response.WrapInfo; w != nil {
		return w.Accessor
	}
	return ""
}

func wrapToken(r *record) string {
	if w := r.Response.WrapInfo; w != nil {
		return onlyHash(w.Token)
	}
	return ""
}

// keepWrap remembers a wrap and says that its wrapping token was issued.
func (t *translator) keepWrap(c *call, inner *wrap, by string) {
	w := c.r.Response.WrapInfo
	if inner.Subject == "" { // a wrapped login: who it is shows when it is used
		inner.Subject = events.NewID(t.cfg.realm("accessor"), w.Accessor)
	}
	t.st.Wraps[inner.Token] = inner
	// The server logs the token's own lease under the path that was wrapped.
	tok := &token{life: life{Subject: inner.Subject, Path: inner.Path, NS: inner.NS, Asked: inner.Asked, Issued: c.r.Time}}
	t.learn(c, wrapAccessor, inner.Token)
	t.learn(c, wrapToken, inner.Token)
	t.st.addToken(inner.Token, tok)
	start := c.r.Time
	if !w.CreationTime.IsZero() {
		start = w.CreationTime
	}
	t.emit(c, events.LeaseIssued, "wrapping-token", c.r.Time, tok.Subject, &events.Lease{
		LeaseID:    inner.Token,
		Credential: events.CredentialToken,
		Scope:      t.secretScope(inner.Mount, inner.Full),
		Expiry:     tok.expire(start, start, w.TTL),
		Parents:    parents(by, events.EdgeDerived),
		Approvals:  refs(inner.Refs),
		Renewable:  new(bool),
	})
}

// wrappedToken handles a login or token creation whose answer is wrapped: the new
// token's accessor is shown, its TTL is not.
func (t *translator) wrappedToken(c *call, by string, asked time.Time) {
	r := c.r
	accessor := func(r *record) string {
		if w := r.Response.WrapInfo; w != nil {
			return w.WrappedAccessor
		}
		return ""
	}
	id := tokenID(accessor(r))
	tok := &token{life: life{Path: r.Request.Path, NS: r.namespace(), Asked: asked, Issued: r.Time}}
	tok.Subject = events.NewID(t.cfg.realm("accessor"), accessor(r))
	edge := events.EdgeDerived
	if isTokenCreate(r) {
		tok.Subject = t.subjectOf(&r.Auth)
		if !orphan(r) {
			tok.Parent, edge = by, events.EdgeCascade
		}
	}
	t.learn(c, accessor, id)
	t.st.addToken(id, tok)
	t.emit(c, events.LeaseIssued, "wrapped-token", r.Time, tok.Subject, &events.Lease{
		LeaseID:    id,
		Credential: events.CredentialToken,
		Scope:      t.tokenScope(r.mount(), nil),
		Expiry:     &events.Expiry{Kind: events.ExpiryUnknown},
		Parents:    parents(by, edge),
	})
}

// unwrapped finds the wrap that a call opened: by the token that made the call,
// or by the one in its body.
func (t *translator) unwrapped(c *call) *wrap {
	for _, text := range []func(*record) string{
		func(r *record) string { return onlyHash(data(r, "token")) },
		func(r *record) string { return r.Request.ClientTokenAccessor },
		func(r *record) string { return r.Auth.Accessor },
	} {
		if w := t.st.Wraps[t.known(c, text)]; w != nil {
			return w
		}
	}
	return nil
}

// unwrap shows the lease id at last. The lease belongs to who asked for it; who
// opened it, if that is known, is the actor.
func (t *translator) unwrap(c *call) {
	w := t.unwrapped(c)
	if w == nil {
		return
	}
	t.closeWrap(c, w)
	s := c.r.Response.Secret
	if s == nil || s.LeaseID == "" || len(s.LeaseID) > maxText || t.st.Leases[s.LeaseID] != nil {
		return
	}
	w.Inner = s.LeaseID
	l := &lease{life: w.life}
	l.Path, l.End = leasePath(s.LeaseID), nil
	meta := events.Meta{}
	if opener := t.subjectOf(&c.r.Auth); opener != l.Subject && c.r.Auth.EntityID != "" {
		meta.Actor = opener
	}
	t.addIssued(c, s.LeaseID, l, "unwrapped", events.Lease{
		Meta:      meta,
		Scope:     t.secretScope(w.Mount, w.Full),
		Expiry:    t.upperBound(w.Mount, w.Issued),
		Parents:   slices.Concat(parents(w.Parent, events.EdgeCascade), parents(w.Token, events.EdgeReissue)),
		Approvals: refs(w.Refs),
	})
}

// closeWrap ends the wrapping token: it can be used once.
func (t *translator) closeWrap(c *call, w *wrap) {
	tok := t.st.Tokens[w.Token]
	if tok == nil || tok.End != nil {
		return
	}
	tok.End = &end{Cause: events.CauseClosed, Asked: c.r.Time, At: c.r.Time, Observed: true}
	t.emit(c, events.LeaseRevoked, "unwrapped-token", c.r.Time, tok.Subject, &events.Lease{
		LeaseID: w.Token,
		End:     &events.End{Basis: events.EndObserved, Cause: events.CauseClosed},
	})
}

// rewrap moves what is inside under a new wrapping token.
func (t *translator) rewrap(c *call, asked time.Time) {
	old := t.unwrapped(c)
	if old == nil || wrapAccessor(c.r) == "" {
		return
	}
	t.closeWrap(c, old)
	delete(t.st.Wraps, old.Token)
	moved := *old
	moved.Token = tokenID(wrapAccessor(c.r))
	t.keepWrap(c, &moved, old.Parent)
}

func refs(ids []string) []events.ApprovalRef {
	var out []events.ApprovalRef
	for _, id := range ids {
		out = append(out, events.ApprovalRef{ID: id, AssertedBy: events.ByCaller})
	}
	return out
}

// wrapOf finds by elimination who asked for a lease that is first heard of when
// it ends: the wraps of its path that nobody has opened. They must agree.
func (t *translator) wrapOf(leaseID, ns string, at time.Time) (w *wrap, sure bool) {
	path := leasePath(leaseID)
	for _, id := range slices.Sorted(maps.Keys(t.st.Wraps)) {
		c := t.st.Wraps[id]
		if c.Inner != "" || c.Path != path || c.NS != ns || c.Issued.After(at) {
			continue
		}
		if w != nil && w.Subject != c.Subject {
			return nil, false
		}
		sure = w == nil
		if w == nil || c.Issued.Before(w.Issued) {
			w = c
		}
	}
	return w, sure
}

// namespaceOf is the namespace id at the end of a lease id.
func namespaceOf(leaseID string) string {
	_, last := splitLast(leaseID)
	_, ns, _ := strings.Cut(last, ".")
	return ns
}
