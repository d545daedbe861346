package correlator

import (
	"strings"

	"github.com/overstay/overstay/events"
)

// Matches reports whether s is one of the scopes that p describes: the same
// system, a resource and a role that match their globs. The level plays no part;
// entitlements give it.
func (p ScopePattern) Matches(s events.Scope) bool {
	return p.System == s.System && matchGlob(p.Resource, s.Resource) && matchGlob(p.Role, s.Role)
}

// Overlaps reports whether some scope matches both patterns.
func (p ScopePattern) Overlaps(q ScopePattern) bool {
	return p.System == q.System && overlapGlobs(p.Resource, q.Resource) && overlapGlobs(p.Role, q.Role)
}

// matchGlob reports whether s matches a pattern in which each * stands for any
// run of bytes, none included; every other byte stands for itself, and the empty
// pattern for everything. Taking each literal part at its leftmost place is
// enough, because a later place leaves less for the parts behind it; so there is
// no backtracking and the time is linear.
func matchGlob(pattern, s string) bool {
	if pattern == "" {
		return true
	}
	prefix, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(part):], after
	}
}

// overlapGlobs reports whether some string matches both. Two patterns with a *
// can disagree only before their first and behind their last one: in between,
// the literal parts of one may follow those of the other.
func overlapGlobs(a, b string) bool {
	switch aStar, bStar := isGlob(a), isGlob(b); {
	case !aStar && !bStar:
		return a == b
	case !aStar:
		return matchGlob(b, a)
	case !bStar:
		return matchGlob(a, b)
	}
	aHead, aTail := ends(a)
	bHead, bTail := ends(b)
	return (strings.HasPrefix(aHead, bHead) || strings.HasPrefix(bHead, aHead)) &&
		(strings.HasSuffix(aTail, bTail) || strings.HasSuffix(bTail, aTail))
}

func isGlob(pattern string) bool { return pattern == "" || strings.Contains(pattern, "*") }

// ends are the literal parts before the first and behind the last *.
func ends(pattern string) (head, tail string) {
	if pattern == "" {
		return "", ""
	}
	return pattern[:strings.IndexByte(pattern, '*')], pattern[strings.LastIndexByte(pattern, '*')+1:]
}
