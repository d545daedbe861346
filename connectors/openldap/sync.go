package openldap

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
)

// message is one thing that syncrepl said.
type message struct {
	entry    *ldap.Entry
	controls []ldap.Control
}

// stream is a persistent search.
type stream struct {
	messages chan message
	err      error // why it ended; read after messages is closed
}

// errRefreshRequired: the directory cannot continue from the cookie.
var errRefreshRequired = errors.New("the directory cannot continue from our position")

// streamBuffer lets the reader run ahead of the log by so many messages.
const streamBuffer = 256

// follow starts syncrepl in refreshAndPersist mode. It asks for every entry, not
// only people and groups: of a change that does not match, go-ldap delivers an
// empty cookie, and our position would be unknown until the next one that does.
// No reload hint is sent, so that a cookie that is of no use gives an error
// instead of a refresh that looks like a continuation.
func (c Config) follow(ctx context.Context, conn *ldap.Conn, cookie []byte) *stream {
	req := ldap.NewSearchRequest(c.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases,
		0, 0, false, "(objectClass=*)", c.attributes(), nil)
	resp := conn.Syncrepl(ctx, req, 1, ldap.SyncRequestModeRefreshAndPersist, cookie, false)
	s := &stream{messages: make(chan message, streamBuffer)}
	go func() {
		defer close(s.messages)
		for resp.Next() {
			if resp.Referral() != "" {
				continue // a subtree held elsewhere; docs/connectors/openldap.md says so
			}
			select {
			case s.messages <- message{resp.Entry(), resp.Controls()}:
			case <-ctx.Done():
				return
			}
		}
		s.err = streamError(resp.Err(), len(cookie) > 0)
	}()
	return s
}

// streamError names the reason. OpenLDAP answers e-syncRefreshRequired to a cookie
// that is too old, and unwillingToPerform to one that is newer than itself (it was
// restored from a backup).
func streamError(err error, resumed bool) error {
	switch {
	case err == nil:
		return errors.New("syncrepl: the directory ended the search")
	case resumed && ldap.IsErrorAnyOf(err, ldap.LDAPResultSyncRefreshRequired, ldap.LDAPResultUnwillingToPerform):
		return fmt.Errorf("syncrepl: %w: %w", errRefreshRequired, err)
	case ldap.IsErrorWithCode(err, ldap.LDAPResultUnavailableCriticalExtension):
		return fmt.Errorf("syncrepl: the directory has no syncprov overlay on this database: %w", err)
	}
	return limited("syncrepl", err)
}

// limited adds what to do to the error of a search that was cut short.
func limited(what string, err error) error {
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultAdminLimitExceeded) {
		return fmt.Errorf("%s: the account that reads is limited; give it limits size=unlimited time=unlimited: %w", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// control finds one by its type.
func control[C ldap.Control](m message) (C, bool) {
	for _, c := range m.controls {
		if c, ok := c.(C); ok {
			return c, true
		}
	}
	var none C
	return none, false
}
