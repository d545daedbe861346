package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// view is one device's copy of an audit line.
type view struct {
	device string
	rec    record
	raw    string // hex SHA-256 of the line
	place  string
}

// call is one half of an API call, request or response, in the copies of all
// devices, the first configured device's first.
type call struct {
	views []view
	r     *record // of the first view
}

func newCall(views []view) *call { return &call{views: views, r: &views[0].rec} }

// translator turns lines into events. It keeps the state and nothing else.
type translator struct {
	cfg  Config
	st   *state
	hash hasher // nil: no audit-hash
	out  []events.Event
	// asked lists the texts whose hash was asked for, so that it is asked once.
	asked map[string]bool
	skip  func(reason, place string, err error)
}

// Reasons of a skip, besides [connectors.SkipNotAccess].
const (
	skipInvalid   = "invalid"   // not a record, or one that gives no valid event
	skipLost      = "lost"      // lines are missing
	skipUnmatched = "unmatched" // a revocation of what is not known
	skipHashed    = "hashed"    // what it is about is hashed
	skipAuditHash = "audit-hash"
	skipFull      = "state-full"
)

// audit handles a call, each half of it once.
func (t *translator) audit(ctx context.Context, c *call) {
	t.st.Now = later(t.st.Now, c.r.Time)
	before := len(t.out)
	if c.r.Type == typeRequest {
		t.request(c)
		return
	}
	asked := t.st.Open[c.r.Request.ID].At
	delete(t.st.Open, c.r.Request.ID)
	unmatched := t.response(ctx, c, asked)
	t.explain()
	if len(t.out) == before && !unmatched {
		t.skip(connectors.SkipNotAccess, c.views[0].place, nil)
	}
}

// request remembers when a call began: what it does happens after that and, as
// devices are written to before the call is let through, not earlier.
func (t *translator) request(c *call) {
	if !c.r.failed() {
		t.st.Open[c.r.Request.ID] = openCall{At: c.r.Time, Revoke: revokes(c.r)}
	}
}

// response says whether the call was one that ended something unknown, which it
// has then reported itself.
func (t *translator) response(ctx context.Context, c *call, asked time.Time) (reported bool) {
	r := c.r
	if r.failed() {
		return t.refused(ctx, c)
	}
	t.auditDevice(c)
	by := t.caller(c)
	if a := r.Auth; r.Request.MountAccessor != "" && strings.HasPrefix(r.Request.Path, "auth/") && a.Accessor != "" {
		t.st.Mounts[r.Request.MountAccessor] = r.mount()
	}
	path := r.Request.Path
	switch {
	case path == "sys/wrapping/unwrap":
		t.unwrap(c)
	case path == "sys/wrapping/rewrap":
		t.rewrap(c, asked)
	case r.Response.WrapInfo != nil:
		t.wrapped(c, by, asked)
	case revokes(r):
		reported = t.revoke(ctx, c, by, asked)
	case isLeaseCall(path, "renew"):
		t.renewLease(ctx, c, by)
	case isLeaseCall(path, "lookup"):
		t.lookupLease(ctx, c)
	case strings.HasPrefix(path, "auth/token/renew"):
		t.renewToken(c, by)
	case strings.HasPrefix(path, "auth/token/lookup"):
		t.lookupToken(c, by)
	case r.Response.Auth != nil:
		t.issueToken(c, by, asked)
	case r.Response.Secret != nil && r.Response.Secret.LeaseID != "":
		t.issueLease(c, by, asked)
	case strings.HasPrefix(path, "identity/"), strings.HasPrefix(path, "auth/"):
		reported = t.identity(c, by)
	}
	t.used(c, by)
	return reported
}

// emit adds an event about a call. purpose tells several events of one line
// apart; it makes the id, which a second reading makes again.
func (t *translator) emit(c *call, typ events.Type, purpose string, at time.Time, subject events.ID, data events.Data) {
	m := data.Common()
	m.RawSHA256, m.OperationID = c.views[0].raw, c.r.Request.ID
	if m.TimeQuality == nil {
		m.TimeQuality = &events.TimeQuality{Precision: 1, Zone: "stated"}
	}
	t.add(typ, c.r.Request.ID+"/"+c.r.Type+"/"+purpose, at, subject, data, c.views[0].place)
}

func (t *translator) add(typ events.Type, id string, at time.Time, subject events.ID, data events.Data, place string) {
	ev, err := events.New(typ, t.cfg.uri(), id, at, subject, data)
	if err != nil {
		t.skip(skipInvalid, place, err)
		return
	}
	t.out = append(t.out, ev)
}

// caller is the token that made the call, "" where the line names none: a login,
// a batch token, a refused call. One that is older than our reading is taken up
// from what its line says of it.
func (t *translator) caller(c *call) string {
	accessor := func(r *record) string { return r.Auth.Accessor }
	if id := t.known(c, accessor); id != "" {
		return id
	}
	a := &c.r.Auth
	// A login's response repeats the new token under auth.
	if a.Accessor == "" || a.TokenIssueTime.IsZero() || onlyWrapping(a.Policies) {
		return ""
	}
	return t.takeUp(c, accessor)
}

func onlyWrapping(policies []string) bool {
	return len(policies) == 1 && policies[0] == "response-wrapping"
}

// known finds what a line calls by one of its texts, in any device's copy, and
// remembers the other devices' names for it.
func (t *translator) known(c *call, text func(*record) string) string {
	for i := range c.views {
		v := &c.views[i]
		if s := text(&v.rec); s != "" {
			if id := t.st.Names[t.st.name(v.device, s)]; id != "" {
				t.learn(c, text, id)
				return id
			}
		}
	}
	return ""
}

func (t *translator) learn(c *call, text func(*record) string, id string) {
	for i := range c.views {
		v := &c.views[i]
		if s := text(&v.rec); s != "" {
			t.st.Names[t.st.name(v.device, s)] = id
		}
	}
}

// subjectOf is who holds a token: its entity, which never changes, and where it
// has none the token itself.
func (t *translator) subjectOf(a *authPart) events.ID {
	switch {
	case a.EntityID != "":
		return events.NewID(t.cfg.realm("entity"), a.EntityID)
	case a.Accessor != "":
		return events.NewID(t.cfg.realm("accessor"), a.Accessor)
	}
	return ""
}

// actor is who made the call.
func (t *translator) actor(c *call, by string) events.ID {
	if tok := t.st.Tokens[by]; tok != nil && tok.Subject != "" {
		return tok.Subject
	}
	return t.subjectOf(&c.r.Auth)
}

// auditDevice follows the salts: enabling a device makes a new one, with which
// the line about it is written already.
func (t *translator) auditDevice(c *call) {
	device, ok := strings.CutPrefix(strings.TrimSuffix(c.r.Request.Path, "/"), "sys/audit/")
	if op := c.r.Request.Operation; ok && (op == "update" || op == "create") {
		t.st.Epochs[device]++
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// short is a text's hash, where an id must stay short.
func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

var errHidden = errors.New("the line hides what was changed: its values are hashed")

var errUnknownTarget = errors.New("what was revoked is not known: its id is hashed and matches nothing")
