package vault

import (
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// tokenID makes a token's lease id from its accessor as the device writes it.
func tokenID(accessor string) string { return "token:" + accessor }

// issueToken handles a login and auth/token/create.
func (t *translator) issueToken(c *call, by string, asked time.Time) {
	r, a := c.r, c.r.Response.Auth
	tok := &token{life: life{
		Subject: t.subjectOf(a), Path: r.Request.Path, NS: r.namespace(), Asked: asked, Issued: r.Time,
	}}
	id := tokenID(a.Accessor)
	if a.Accessor == "" { // a batch token
		id = "batch:" + r.Request.ID
	}
	if tok.Subject == "" {
		tok.Subject = events.NewID(t.cfg.realm("accessor"), id)
	}
	if isTokenCreate(r) && !orphan(r) {
		tok.Parent = by
	}
	data := &events.Lease{
		Meta:       events.Meta{Actor: t.actorUnless(c, by, tok.Subject), Aliases: t.aliases(r, a)},
		LeaseID:    id,
		Credential: events.CredentialToken,
		Scope:      t.tokenScope(r.mount(), a.Policies),
		Expiry:     tok.expire(r.Time, asked, a.TokenTTL),
		Approvals:  t.tickets(a.Metadata),
		Parents:    parents(tok.Parent, events.EdgeCascade),
		Revocable:  new(a.Accessor != ""),
	}
	if isTokenCreate(r) && orphan(r) {
		// It outlives its maker, but it was made with the maker's right.
		data.Parents = parents(by, events.EdgeDerived)
	}
	if a.Accessor != "" {
		t.learn(c, func(r *record) string { return responseAuth(r).Accessor }, id)
		t.learn(c, func(r *record) string { return onlyHash(responseAuth(r).ClientToken) }, id)
		t.st.addToken(id, tok)
	}
	t.emit(c, events.LeaseIssued, "issued", r.Time, tok.Subject, data)
}

func responseAuth(r *record) *authPart {
	if r.Response.Auth == nil {
		return &authPart{}
	}
	return r.Response.Auth
}

// expire sets when it runs out, and returns it as an event says it. A token
// without a TTL is a root token.
func (l *life) expire(at, asked time.Time, ttl int64) *events.Expiry {
	if ttl <= 0 {
		return &events.Expiry{Kind: events.ExpiryNever}
	}
	d := time.Duration(min(ttl, maxTTL)) * time.Second
	l.Due, l.Expires = asked.Add(d), at.Add(d)
	if asked.IsZero() {
		l.Due = l.Expires
	}
	return &events.Expiry{Kind: events.ExpiryExact, At: l.Expires}
}

// maxTTL keeps a forged TTL inside of the time that an event may state.
const maxTTL = 100 * 365 * 24 * 3600

func isTokenCreate(r *record) bool { return strings.HasPrefix(r.Request.Path, "auth/token/create") }

// orphan reports whether auth/token/create made a token without a parent. A role
// may make orphans as well, which the line does not show; the server log then
// shows them to live on.
func orphan(r *record) bool {
	if strings.HasPrefix(r.Request.Path, "auth/token/create-orphan") {
		return true
	}
	no, _ := field[bool](r.Request.Data, "no_parent")
	return no
}

func parents(id string, edge events.ParentEdge) []events.Parent {
	if id == "" {
		return nil
	}
	return []events.Parent{{AccessRef: events.AccessRef{Kind: events.KindLease, ID: id}, Edge: edge}}
}

// actorUnless is the caller, left out where it is the subject itself.
func (t *translator) actorUnless(c *call, by string, subject events.ID) events.ID {
	if by == "" || t.actor(c, by) == subject {
		return ""
	}
	return t.actor(c, by)
}

// tokenScope says what a token can do: where it was got, and its policies. The
// default policy says nothing about anybody and is left out.
func (t *translator) tokenScope(mount string, policies []string) events.Scope {
	var names []string
	length := 0
	for _, p := range policies {
		if length += len(p) + 1; p != "default" && length < maxText {
			names = append(names, p)
		}
	}
	slices.Sort(names)
	return events.Scope{System: t.cfg.system(), Resource: mount, Role: strings.Join(slices.Compact(names), ",")}
}

// aliases are the names of who logged in. A display name counts when it is
// "<mount>-<user>"; "token", "root" and "approle" name nobody.
func (t *translator) aliases(r *record, a *authPart) []events.ID {
	mount := r.mount()
	name, ok := a.Metadata["username"].(string)
	if r.Request.MountType == "token" || isTokenCreate(r) || mount == "" {
		return nil
	}
	short := strings.TrimPrefix(strings.TrimPrefix(mount, r.Request.Namespace.Path), "auth/")
	if !ok || name == "" {
		name, ok = strings.CutPrefix(a.DisplayName, strings.ReplaceAll(short, "/", "-")+"-")
	}
	if !ok || name == "" || len(name) > maxText/2 {
		return nil
	}
	return []events.ID{events.NewID(t.cfg.authRealm(r.Request.Namespace.Path+short), name)}
}

// tickets are approval references in a token's metadata. Whoever asked for the
// token wrote them.
func (t *translator) tickets(metadata map[string]any) []events.ApprovalRef {
	var refs []events.ApprovalRef
	for _, key := range t.cfg.TicketKeys {
		if v, ok := metadata[key].(string); ok && v != "" && len(v) < maxText {
			refs = append(refs, events.ApprovalRef{ID: v, AssertedBy: events.ByCaller})
		}
	}
	return refs
}

// takeUp makes an entry for a token that was issued before our first line. Its
// TTL is that of its creation; whether it was renewed since then is not known.
func (t *translator) takeUp(c *call, accessor func(*record) string) string {
	a := &c.r.Auth
	if id := t.resalted(a); id != "" {
		t.learn(c, accessor, id)
		return id
	}
	id := tokenID(a.Accessor)
	tok := &token{life: life{Subject: t.subjectOf(a), Asked: a.TokenIssueTime, Issued: a.TokenIssueTime}}
	expiry := &events.Expiry{Kind: events.ExpiryUnknown}
	if a.TokenTTL == 0 {
		expiry.Kind, tok.Issued = events.ExpiryNever, time.Time{}
	}
	t.learn(c, accessor, id)
	t.st.addToken(id, tok)
	t.emit(c, events.LeaseIssued, "seen", a.TokenIssueTime, tok.Subject, &events.Lease{
		Meta:       events.Meta{TimeQuality: &events.TimeQuality{Precision: events.Duration(time.Second), Zone: "stated"}},
		LeaseID:    id,
		Credential: events.CredentialToken,
		Scope:      t.tokenScope("", a.Policies),
		Expiry:     expiry,
		Approvals:  t.tickets(a.Metadata),
	})
	return id
}

// resalted finds a token again whose hash has changed with the device's salt: the
// one of the same subject that was issued in the second that the line states.
func (t *translator) resalted(a *authPart) string {
	if !hashed(a.Accessor) || a.EntityID == "" {
		return ""
	}
	found := ""
	for id, tok := range t.st.Tokens {
		from := tok.Asked
		if from.IsZero() {
			from = tok.Issued
		}
		if tok.Subject != t.subjectOf(a) || tok.End != nil ||
			a.TokenIssueTime.Before(from.Truncate(time.Second)) || a.TokenIssueTime.After(later(tok.Issued, from)) {
			continue
		}
		if found != "" {
			return ""
		}
		found = id
	}
	return found
}

// renewToken takes the new TTL from the renewal's own answer: later lines go on
// to state that of the creation.
func (t *translator) renewToken(c *call, by string) {
	a := c.r.Response.Auth
	if a == nil {
		return
	}
	id := t.known(c, func(r *record) string { return responseAuth(r).Accessor })
	tok := t.st.Tokens[id]
	if tok == nil {
		return
	}
	t.emit(c, events.LeaseRenewed, "renewed", c.r.Time, tok.Subject, &events.Lease{
		Meta:    events.Meta{Actor: t.actorUnless(c, by, tok.Subject)},
		LeaseID: id,
		Expiry:  tok.expire(c.r.Time, c.r.Time, a.TokenTTL),
	})
}

// lookupToken learns an expiry that no other line states.
func (t *translator) lookupToken(c *call, by string) {
	id := by
	if !strings.HasSuffix(c.r.Request.Path, "lookup-self") {
		id = t.known(c, func(r *record) string { return data(r, "accessor") })
	}
	at, ok := field[time.Time](c.r.Response.Data, "expire_time")
	tok := t.st.Tokens[id]
	if tok == nil || !ok || tok.Expires.Equal(at) {
		return
	}
	tok.Due, tok.Expires = at, at
	t.emit(c, events.LeaseRenewed, "looked-up", c.r.Time, tok.Subject, &events.Lease{
		Meta:    events.Meta{Actor: t.actorUnless(c, by, tok.Subject)},
		LeaseID: id,
		Expiry:  &events.Expiry{Kind: events.ExpiryExact, At: at},
	})
}

// data is a text of request.data, in clear or as a hash.
func data(r *record, name string) string {
	s, _ := field[string](r.Request.Data, name)
	return s
}
