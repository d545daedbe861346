package vault

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// issueLease handles a secret that was handed out with a lease.
func (t *translator) issueLease(c *call, by string, asked time.Time) {
	r := c.r
	id := r.Response.Secret.LeaseID
	if len(id) > maxText || t.st.Leases[id] != nil {
		return
	}
	l := &lease{life: life{
		Subject: t.subjectOf(&r.Auth), Parent: by, Path: leasePath(id), NS: r.namespace(), Asked: asked, Issued: r.Time,
	}}
	t.addIssued(c, id, l, "issued", events.Lease{
		Scope:     t.secretScope(r.mount(), r.fullPath()),
		Expiry:    t.secretExpiry(r, &l.life),
		Parents:   parents(by, events.EdgeCascade),
		Approvals: t.tickets(r.Auth.Metadata),
	})
}

// addIssued remembers a lease and says so.
func (t *translator) addIssued(c *call, id string, l *lease, purpose string, data events.Lease) {
	if l.Subject == "" {
		// A login without an entity gives no lease; a batch token does.
		l.Subject = events.NewID(t.cfg.realm("accessor"), "batch:"+c.r.Request.ID)
	}
	t.st.addLease(id, l)
	data.LeaseID, data.Credential = id, events.CredentialDynamic
	t.emit(c, events.LeaseIssued, purpose, l.Issued, l.Subject, &data)
}

// leasePath is a lease id without its random last part.
func leasePath(id string) string {
	path, _ := splitLast(id)
	return path
}

func splitLast(id string) (path, last string) {
	i := strings.LastIndexByte(id, '/')
	return id[:max(i, 0)], id[i+1:]
}

// secretScope names a secret by its mount and by its whole path, so that an
// entitlement can match on either.
func (t *translator) secretScope(mount, path string) events.Scope {
	return events.Scope{System: t.cfg.system(), Resource: mount, Role: path}
}

// secretExpiry is what can be said about a lease's end: audit records leave out
// its duration. The PKI engine's answer has the certificate's own end in clear,
// and its lease lasts exactly as long.
func (t *translator) secretExpiry(r *record, l *life) *events.Expiry {
	if unix, ok := field[int64](r.Response.Data, "expiration"); ok && r.Request.MountType == "pki" && unix > r.Time.Unix()-86400 && unix < r.Time.Unix()+maxTTL {
		l.Due = time.Unix(unix, 0).UTC()
		l.Expires = l.Due
		return &events.Expiry{Kind: events.ExpiryExact, At: l.Expires}
	}
	return t.upperBound(r.mount(), r.Time)
}

// upperBound is the mount's maximum as configured.
func (t *translator) upperBound(mount string, from time.Time) *events.Expiry {
	if ttl := t.cfg.MountTTL[mount]; ttl > 0 {
		return &events.Expiry{Kind: events.ExpiryUpperBound, At: from.Add(ttl)}
	}
	return &events.Expiry{Kind: events.ExpiryUnknown}
}

// isLeaseCall knows a call on leases by its new and its old path, with the lease
// id in the body or behind the path.
func isLeaseCall(path, verb string) bool {
	for _, root := range []string{"sys/leases/", "sys/"} {
		if rest, ok := strings.CutPrefix(path, root+verb); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// argument is what follows the verb in the path, "" where it is in the body.
func argument(path, verb string) string {
	_, rest, _ := strings.Cut(path, "/"+verb)
	return strings.TrimPrefix(rest, "/")
}

// renewLease knows that a lease lives on, and not until when: the increment that
// was asked for is advice, and the answer's duration is not in the record.
func (t *translator) renewLease(ctx context.Context, c *call, by string) {
	id := argument(c.r.Request.Path, "renew")
	if s := c.r.Response.Secret; s != nil && s.LeaseID != "" {
		id = s.LeaseID
		t.learn(c, leaseArgument, id)
	}
	if id == "" {
		id = t.leaseByHash(ctx, c)
	}
	l := t.st.Leases[id]
	if l == nil {
		return
	}
	l.Due, l.Expires = time.Time{}, time.Time{}
	mount, _, _ := strings.Cut(id, "/")
	t.emit(c, events.LeaseRenewed, "renewed", c.r.Time, l.Subject, &events.Lease{
		Meta:    events.Meta{Actor: t.actorUnless(c, by, l.Subject)},
		LeaseID: id,
		Expiry:  t.upperBound(mount, l.Issued),
	})
}

func leaseArgument(r *record) string { return data(r, "lease_id") }

// lookupLease learns an expiry. The answer also states the instant of issue, by
// which the lease is found though its id is hashed.
func (t *translator) lookupLease(ctx context.Context, c *call) {
	id := t.known(c, leaseArgument)
	if issued, ok := field[time.Time](c.r.Response.Data, "issue_time"); ok && id == "" {
		if id = t.issuedAt(issued); id != "" {
			t.learn(c, leaseArgument, id)
		}
	}
	if id == "" {
		id = t.leaseByHash(ctx, c)
	}
	at, ok := field[time.Time](c.r.Response.Data, "expire_time")
	l := t.st.Leases[id]
	if l == nil || !ok {
		return
	}
	l.Due, l.Expires = at, at
	t.emit(c, events.LeaseRenewed, "looked-up", c.r.Time, l.Subject, &events.Lease{
		LeaseID: id,
		Expiry:  &events.Expiry{Kind: events.ExpiryExact, At: at},
	})
}

// issuedAt finds the one lease whose issuing call enclosed an instant.
func (t *translator) issuedAt(at time.Time) string {
	var found []string
	for id, l := range t.st.Leases {
		if !l.Asked.IsZero() && !at.Before(l.Asked) && !at.After(l.Issued) {
			found = append(found, id)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// leaseByHash finds the lease of a hashed request.data.lease_id, by asking Vault
// for the hashes of the leases that are live, the newest first.
func (t *translator) leaseByHash(ctx context.Context, c *call) string {
	for i := range c.views {
		if s := leaseArgument(&c.views[i].rec); s != "" && !hashed(s) {
			return s // the device or the mount does not hash it
		}
	}
	if id := t.known(c, leaseArgument); id != "" || t.hash == nil {
		return id
	}
	var live []string
	for id, l := range t.st.Leases {
		if l.End == nil || !l.End.Observed {
			live = append(live, id)
		}
	}
	t.newestFirst(live)
	return t.findHash(ctx, c, leaseArgument, live)
}

func (t *translator) newestFirst(ids []string) {
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(t.st.lifeOf(b).Issued.Compare(t.st.lifeOf(a).Issued), strings.Compare(a, b))
	})
}
