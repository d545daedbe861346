package vault

import (
	"context"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// revokes reports whether a call ends tokens or leases.
func revokes(r *record) bool {
	path := r.Request.Path
	switch {
	case isLeaseCall(path, "revoke"), isLeaseCall(path, "revoke-prefix"), isLeaseCall(path, "revoke-force"):
		return true
	case path == "auth/token/revoke", path == "auth/token/revoke-self", path == "auth/token/revoke-accessor", path == "auth/token/revoke-orphan":
		return true
	}
	return unmounts(r)
}

// unmounts reports whether a call takes away a secrets engine or an auth method,
// with all that it issued.
func unmounts(r *record) bool {
	return r.Request.Operation == "delete" &&
		(strings.HasPrefix(r.Request.Path, "sys/mounts/") || strings.HasPrefix(r.Request.Path, "sys/auth/"))
}

// revoke handles a successful revocation. The server answers when it has taken
// the order, and for leases usually before it has carried it out: all of this is
// claimed, until the server log says more. It returns whether it has reported
// that nothing could be said.
func (t *translator) revoke(ctx context.Context, c *call, by string, asked time.Time) (reported bool) {
	path := c.r.Request.Path
	e := end{Cause: events.CauseRevoked, Actor: t.actor(c, by), Asked: asked, At: c.r.Time}
	if asked.IsZero() {
		e.Asked = c.r.Time
	}
	switch {
	case isLeaseCall(path, "revoke-force"):
		e.Cause = events.CauseForce
		t.revokePrefix(c, argument(path, "revoke-force"), e)
	case isLeaseCall(path, "revoke-prefix"):
		e.Cause = events.CausePrefix
		t.revokePrefix(c, argument(path, "revoke-prefix"), e)
	case unmounts(c.r):
		e.Cause = events.CausePrefix
		prefix := strings.TrimPrefix(path, "sys/mounts/")
		if mount, ok := strings.CutPrefix(path, "sys/auth/"); ok {
			prefix = "auth/" + mount
		}
		t.revokePrefix(c, strings.TrimSuffix(prefix, "/")+"/", e)
	case isLeaseCall(path, "revoke"):
		return t.revokeLease(ctx, c, e)
	default:
		return t.revokeToken(ctx, c, by, e)
	}
	return false
}

func (t *translator) revokeLease(ctx context.Context, c *call, e end) (reported bool) {
	id := argument(c.r.Request.Path, "revoke")
	if id != "" {
		e.Cause = events.CausePath
	} else {
		id = t.leaseByHash(ctx, c)
	}
	switch {
	case id == "":
		t.unmatched(c, e, false)
		return true
	case t.st.Leases[id] == nil:
		// Issued before our first line. Its id is enough for whoever knows it.
		t.st.addLease(id, &lease{life: life{Path: leasePath(id), NS: namespaceOf(id), Asked: e.Asked}})
	}
	t.claim(c, id, e)
	return false
}

// unmatched keeps a revocation of something unknown for the server log's line
// about it, which has the id in clear.
func (t *translator) unmatched(c *call, e end, token bool) {
	t.st.Unmatched = append(t.st.Unmatched, claim{
		Token: token, NS: c.r.namespace(), Cause: e.Cause, Actor: e.Actor, Asked: e.Asked, At: e.At,
	})
	t.skip(skipUnmatched, c.views[0].place, errUnknownTarget)
}

// revokePrefix ends every lease whose id begins with prefix, and every token whose
// own lease does.
func (t *translator) revokePrefix(c *call, prefix string, e end) {
	if prefix == "" {
		return
	}
	if t.st.Leases[prefix] != nil { // the server takes a whole id as well
		t.claim(c, prefix, e)
		return
	}
	prefix = strings.TrimSuffix(prefix, "/") + "/" // only whole parts of a path
	ns := c.r.namespace()
	t.st.Unmatched = append(t.st.Unmatched, claim{Prefix: prefix, NS: ns, Cause: e.Cause, Actor: e.Actor, Asked: e.Asked, At: e.At})
	for _, id := range t.st.idsUnder(prefix, ns) {
		t.claim(c, id, e)
		if t.st.Tokens[id] != nil {
			t.cascade(c, id, e)
		}
	}
	for _, w := range t.st.Wraps {
		if w.Inner == "" && w.End == nil && w.NS == ns && strings.HasPrefix(w.Path+"/", prefix) {
			w.End = new(e)
		}
	}
	// What was issued before our first line is named by its beginning only.
	t.emit(c, events.AccessEndedBefore, "prefix", c.r.Time, "", &events.EndedBefore{
		Meta: events.Meta{Actor: e.Actor}, Before: e.At, Kind: events.KindLease, IDPrefix: prefix,
	})
}

func (t *translator) revokeToken(ctx context.Context, c *call, by string, e end) (reported bool) {
	id := ""
	path := c.r.Request.Path
	switch {
	case strings.HasSuffix(path, "/revoke-self"):
		id = by
	case strings.HasSuffix(path, "/revoke-accessor"):
		accessor := func(r *record) string { return data(r, "accessor") }
		if id = t.known(c, accessor); id == "" {
			id = t.tokenByHash(ctx, c, accessor)
		}
	default:
		// The same token gives the same hash, where the server hashes the same
		// form of it at both places (OpenBao does, Vault does not always).
		id = t.known(c, func(r *record) string { return onlyHash(data(r, "token")) })
	}
	if t.st.Tokens[id] == nil {
		t.unmatched(c, e, true)
		return true
	}
	t.claim(c, id, e)
	if strings.HasSuffix(path, "/revoke-orphan") {
		t.releaseChildren(id)
	}
	t.cascade(c, id, e)
	return false
}

// releaseChildren makes orphans of a token's child tokens. Its leases still die.
func (t *translator) releaseChildren(id string) {
	var leases []string
	for _, child := range t.st.children[id] {
		if tok := t.st.Tokens[child]; tok != nil {
			tok.Parent = ""
		} else {
			leases = append(leases, child)
		}
	}
	t.st.children[id] = leases
}

// cascade claims the end of all that dies with a token: one call, many ends.
func (t *translator) cascade(c *call, id string, e end) {
	e.Cause = events.CauseCascade
	dead := map[string]bool{id: true}
	for _, child := range t.st.descendants(id) {
		dead[child] = true
		t.claim(c, child, e)
	}
	for _, w := range t.st.Wraps {
		if dead[w.Parent] && w.Inner == "" && w.End == nil {
			w.End = new(e)
		}
	}
}

// claim states a claimed end, once, of what had not run out before.
func (t *translator) claim(c *call, id string, e end) {
	l := t.st.lifeOf(id)
	if l == nil || l.End != nil || !l.Expires.IsZero() && !l.Expires.After(e.Asked) {
		return
	}
	l.End = &e
	meta := events.Meta{Actor: e.Actor}
	t.emit(c, events.LeaseRevoked, "revoked/"+short(id), c.r.Time, l.Subject, &events.Lease{
		Meta: meta, LeaseID: id, End: &events.End{Basis: events.EndClaimed, Cause: e.Cause},
	})
}

// refused handles a call with an error. It changed nothing; that somebody tried to
// revoke and was refused is worth saying, because he may think that he did.
func (t *translator) refused(ctx context.Context, c *call) (reported bool) {
	r := c.r
	if !revokes(r) {
		return false
	}
	id := ""
	switch {
	case isLeaseCall(r.Request.Path, "revoke"):
		if id = argument(r.Request.Path, "revoke"); id == "" {
			id = t.leaseByHash(ctx, c)
		}
	case strings.HasSuffix(r.Request.Path, "/revoke-accessor"):
		id = t.known(c, func(r *record) string { return data(r, "accessor") })
	}
	l := t.st.lifeOf(id)
	if l == nil || l.End != nil {
		return false
	}
	t.emit(c, events.LeaseRevoked, "refused/"+short(id), r.Time, l.Subject, &events.Lease{
		Meta:    events.Meta{Actor: t.subjectOf(&r.Auth), Effect: events.Failed},
		LeaseID: id,
		End:     &events.End{Basis: events.EndClaimed, Cause: events.CauseRevoked},
	})
	return false
}
