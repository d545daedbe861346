package vault

import (
	"strings"

	"github.com/overstay/overstay/events"
)

// identity handles entities, their aliases and the users of userpass. None of it
// ends a token or a lease: an account is off, what it holds goes on.
func (t *translator) identity(c *call, by string) (reported bool) {
	path := c.r.Request.Path
	switch {
	case strings.HasPrefix(path, "identity/entity/id/"):
		t.entity(c, by, events.NewID(t.cfg.realm("entity"), strings.TrimPrefix(path, "identity/entity/id/")))
	case strings.HasPrefix(path, "identity/entity/name/"):
		t.entity(c, by, events.NewID(t.cfg.realm("entity-name"), strings.TrimPrefix(path, "identity/entity/name/")))
	case path == "identity/entity":
		if id := data(c.r, "id"); id != "" && !hashed(id) {
			t.entity(c, by, events.NewID(t.cfg.realm("entity"), id))
			return false
		}
		return t.isHashed(c)
	case strings.HasPrefix(path, "identity/entity-alias"):
		return t.alias(c, by)
	case strings.HasPrefix(path, "identity/group"):
		return t.isHashed(c)
	case c.r.Request.MountType == "userpass" && strings.Contains(path, "/users/"):
		t.user(c, by)
	}
	return false
}

// isHashed reports a change of which the line hides what it changed.
func (t *translator) isHashed(c *call) bool {
	switch c.r.Request.Operation {
	case "read", "list":
		return false
	}
	t.skip(skipHashed, c.views[0].place, errHidden)
	return true
}

func (t *translator) entity(c *call, by string, subject events.ID) {
	switch c.r.Request.Operation {
	case "delete":
		t.account(c, by, events.AccountDeleted, subject)
	case "update", "create", "patch":
		disabled, ok := field[bool](c.r.Request.Data, "disabled")
		switch {
		case ok && disabled:
			t.account(c, by, events.AccountDisabled, subject)
		case ok:
			t.account(c, by, events.AccountEnabled, subject)
		}
	}
}

func (t *translator) account(c *call, by string, typ events.Type, subject events.ID) {
	t.emit(c, typ, typ.What(), c.r.Time, subject, &events.Account{Meta: events.Meta{Actor: t.actor(c, by)}})
}

// user handles auth/<mount>/users/<name>.
func (t *translator) user(c *call, by string) {
	mount, name, _ := strings.Cut(c.r.fullPath(), "/users/")
	if name == "" || strings.Contains(name, "/") { // /password and /policies
		return
	}
	subject := events.NewID(t.cfg.authRealm(strings.Replace(mount, "auth/", "", 1)), name)
	switch c.r.Request.Operation {
	case "create":
		t.account(c, by, events.AccountCreated, subject)
	case "delete":
		t.account(c, by, events.AccountDeleted, subject)
	}
}

// alias handles identity/entity-alias, of which all values are hashed unless the
// identity mount is tuned to show name, canonical_id and mount_accessor.
func (t *translator) alias(c *call, by string) (reported bool) {
	if op := c.r.Request.Operation; op != "update" && op != "create" {
		return t.isHashed(c)
	}
	name, entity := data(c.r, "name"), data(c.r, "canonical_id")
	mount := t.st.Mounts[data(c.r, "mount_accessor")]
	if name == "" || entity == "" || mount == "" || hashed(name) || hashed(entity) {
		return t.isHashed(c)
	}
	other := events.NewID(t.cfg.authRealm(strings.Replace(mount, "auth/", "", 1)), name)
	t.emit(c, events.IdentityLinked, "linked", c.r.Time, events.NewID(t.cfg.realm("entity"), entity), &events.IdentityLink{
		Meta: events.Meta{Actor: t.actor(c, by)}, Other: other, From: c.r.Time,
	})
	return false
}
