package openldap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/overstay/overstay/events"
)

// mark is where the directory was when it was asked.
type mark struct {
	position position
	at       time.Time
	waited   bool // the next probe is due, and the stream has not come so far
}

// stalledAfter is how long the stream may take to bring what the directory had
// when it was asked. A connection that died without a word is noticed by it.
const stalledAfter = time.Minute

// errStalled ends a session whose stream is behind its directory.
var errStalled = errors.New("syncrepl: the directory has moved on and the stream has not told")

// probe asks for the directory's position, and says which accounts time itself
// has disabled.
func (r *reader) probe(ctx context.Context) error {
	if r.refresh != nil {
		return nil
	}
	r.expire(r.directoryTime())
	if err := r.flush(ctx); err != nil {
		return err
	}
	if r.pending != nil {
		r.pending.waited = true
		return r.report(ctx)
	}
	at := r.directoryTime()
	where, err := r.config.whereIs(r.conn)
	if err != nil {
		return err
	}
	r.pending = &mark{position: where, at: at}
	return r.report(ctx)
}

// report emits progress when the stream has brought all that the last probe saw.
func (r *reader) report(ctx context.Context) error {
	if r.pending == nil {
		return nil
	}
	var basis events.ProgressBasis
	switch {
	case len(r.pending.position) == 0: // contextCSN may not be read
		basis = events.ByTransport
	case r.Seen.reaches(r.pending.position):
		basis = events.ByPosition
		r.foreign = 0
	case r.foreign > 0 && r.pending.waited: // what it saw was outside of our sight
		basis = events.ByTransport
	case r.directoryTime().Sub(r.pending.at) > stalledAfter:
		return fmt.Errorf("%w within %s", errStalled, stalledAfter)
	default:
		return nil
	}
	through := r.pending.at
	if basis == events.ByPosition {
		r.AsOf = through
	}
	r.pending = nil
	return r.emitOne(ctx, events.SourceProgress, "progress@"+stamp(through), through, &events.Progress{Through: through, Basis: basis})
}

// whereIs reads contextCSN, which stands on the database's suffix only: the
// nearest entry above BaseDN that has it. It is empty where it may not be read.
func (c Config) whereIs(conn *ldap.Conn) (position, error) {
	base, err := ldap.ParseDN(c.BaseDN)
	if err != nil {
		return nil, fmt.Errorf("read baseDN: %w", err)
	}
	for ; len(base.RDNs) > 0; base.RDNs = base.RDNs[1:] {
		req := ldap.NewSearchRequest(base.String(), ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false,
			"(objectClass=*)", []string{"contextCSN"}, nil)
		res, err := conn.Search(req)
		if ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("ask %s for its position: %w", c.URL, err)
		}
		for _, e := range res.Entries {
			if values := e.GetEqualFoldAttributeValues("contextCSN"); len(values) > 0 {
				return parsePosition(values)
			}
		}
	}
	return position{}, nil
}
