package openldap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DisableRule is one way in which this directory disables an account. LDAP has
// no standard for it.
type DisableRule struct {
	// Attribute is read with the account. Left out for UnderUnit.
	Attribute string
	Condition Condition
	// Value is compared with: a string, or a DN for UnderUnit.
	Value string
}

// Condition is how an attribute disables.
type Condition string

// The conditions.
const (
	// Present: the attribute has any value.
	Present Condition = "present"
	// Equals: one value is Value, without regard to case.
	Equals Condition = "equals"
	// EndsWith: one value ends in Value ("/nologin").
	EndsWith Condition = "ends-with"
	// DaysPast: a value counts days since 1970-01-01 UTC (shadowExpire), and
	// that day has begun. 0 and negative numbers mean never, as in shadow(5).
	DaysPast Condition = "days-past"
	// UnderUnit: the account's DN is below Value ("ou=leavers,dc=example,dc=com").
	UnderUnit Condition = "under"
)

// lockedForever is what ppolicy writes for an account that an administrator
// locked (draft-behera-ldap-password-policy section 5.3.3). Any other time is a
// lockout after wrong passwords, which passes.
const lockedForever = "000001010000Z"

// DefaultDisabled holds without configuration.
func DefaultDisabled() []DisableRule {
	return []DisableRule{
		{Attribute: "pwdAccountLockedTime", Condition: Equals, Value: lockedForever},
		{Attribute: "shadowExpire", Condition: DaysPast},
		{Attribute: "nsAccountLock", Condition: Equals, Value: "TRUE"},
	}
}

func (r DisableRule) validate() error {
	if (r.Attribute == "") != (r.Condition == UnderUnit) {
		return fmt.Errorf("attribute %q does not fit condition %q", r.Attribute, r.Condition)
	}
	if needsValue := r.Condition != Present && r.Condition != DaysPast; needsValue != (r.Value != "") {
		return fmt.Errorf("value %q does not fit condition %q", r.Value, r.Condition)
	}
	switch r.Condition {
	case Present, Equals, EndsWith, DaysPast:
		return nil
	case UnderUnit:
		_, err := normalDN(r.Value)
		return err
	}
	return fmt.Errorf("condition %q is not one of %s, %s, %s, %s, %s", r.Condition, Present, Equals, EndsWith, DaysPast, UnderUnit)
}

// disabling is what the rules say of one account: disabled whatever the time, or from
// an instant on (zero: not).
type disabling struct {
	Now   bool      `json:"now,omitempty"`
	After time.Time `json:"after,omitzero"`
}

// at reports whether the account is disabled at t.
func (d disabling) at(t time.Time) bool {
	return d.Now || !d.After.IsZero() && !d.After.After(t)
}

// judge applies the rules to an account.
func judge(rules []DisableRule, dn string, values func(attribute string) []string) disabling {
	var d disabling
	for _, r := range rules {
		vals := values(r.Attribute)
		switch r.Condition {
		case Present:
			d.Now = d.Now || len(vals) > 0
		case Equals:
			d.Now = d.Now || slices.ContainsFunc(vals, func(v string) bool { return strings.EqualFold(v, r.Value) })
		case EndsWith:
			d.Now = d.Now || slices.ContainsFunc(vals, func(v string) bool { return strings.HasSuffix(v, r.Value) })
		case UnderUnit:
			d.Now = d.Now || under(dn, foldDN(r.Value))
		case DaysPast:
			for _, v := range vals {
				d.expire(v)
			}
		}
	}
	return d
}

// maxDays keeps a day count within the years that time.Time can say.
const maxDays = 100_000

func (d *disabling) expire(days string) {
	n, err := strconv.Atoi(days)
	if err != nil || n <= 0 || n > maxDays {
		return
	}
	day := time.Unix(int64(n)*24*3600, 0).UTC()
	if d.After.IsZero() || day.Before(d.After) {
		d.After = day
	}
}
