package events

// Scope says what an access reaches, in its source's own words. It is the unit
// in which an approval and an access are compared.
type Scope struct {
	// System is where the right is exercised, "vault/prod" or "ldap/corp".
	System string `json:"system"`
	// Resource is the thing reached: a mount and path, a database, a host.
	// Empty means the whole system.
	Resource string `json:"resource,omitempty"`
	// Role is the right held there: a role, a group, a database user.
	Role string `json:"role,omitempty"`
	// Level orders rights inside one entitlement ("read", "admin"). Usually
	// empty in events and given by the policy's entitlements.
	Level string `json:"level,omitempty"`
}

// IsZero reports whether nothing is stated.
func (s Scope) IsZero() bool { return s == Scope{} }

// String is the readable form, "system resource as role".
func (s Scope) String() string {
	out := s.System
	if s.Resource != "" {
		out += " " + s.Resource
	}
	if s.Role != "" {
		out += " as " + s.Role
	}
	if s.Level != "" {
		out += " (" + s.Level + ")"
	}
	return out
}

// validate checks a scope that is the member field.
func (s *Scope) validate(c *checker, field string) {
	c.enter(field)
	s.validateFields(c)
	c.leave()
}

func (s *Scope) validateFields(c *checker) {
	if s.System == "" {
		c.fail("system", "is empty: say in which system the right is held")
	}
	c.text("system", s.System)
	c.text("resource", s.Resource)
	c.text("role", s.Role)
	c.text("level", s.Level)
}

func validateScopes(c *checker, field string, scopes []Scope) {
	c.atMost(field, len(scopes), MaxScopes)
	for i := range scopes {
		c.enterItem(field, i)
		scopes[i].validateFields(c)
		c.leave()
	}
}
