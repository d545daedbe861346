package correlator

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/overstay/overstay/events"
)

// Report says what is seen, what is joined, what could not be judged and why,
// and which policy lines would help most. It never says that all is well.
type Report struct {
	At        Time
	Judgement map[string]int // open accesses by judgement
	// Unmapped are the scopes of open accesses that no approval names, the
	// commonest first.
	Unmapped []ScopeCount
	// Unjoined are realms whose ids share local parts and are not joined.
	Unjoined []RealmPair
	// Advice are policy lines, ready to paste, the most useful first.
	Advice []string
}

// ScopeCount is a scope with how many open accesses are on it.
type ScopeCount struct {
	Scope events.Scope
	Count int
}

// RealmPair is two realms that share names.
type RealmPair struct {
	A, B   string
	Shared int
}

// maxAdvice bounds the lines of advice, so that they get read.
const maxAdvice = 10

// Coverage searches the state for what is not judged. It reads every open access
// and is for a report now and then, not for a step.
func Coverage(st State, pol *Policy) Report {
	s := newStep(st, pol, Message{})
	r := Report{At: s.meta.Now, Judgement: s.meta.Counts.Judgement}
	scopes := map[events.Scope]int{}
	approved := map[events.Scope]bool{}
	locals := map[string]map[string]bool{} // realm -> local parts
	note := func(id events.ID) {
		realm := id.Realm()
		if realm == "" || s.realm(id).Shared || s.realm(id).Immutable {
			return
		}
		if locals[realm] == nil {
			locals[realm] = map[string]bool{}
		}
		locals[realm][strings.ToLower(id.Local())] = true
	}
	s.st.Scan([]byte(keyAccess), nil, func(_, v []byte) bool {
		var x access
		if !decodeRecord(v, &x) {
			return true
		}
		note(x.Subject)
		for _, a := range x.Aliases {
			note(a)
		}
		if x.OpenNow && x.Judged == unjudgedScope {
			scopes[x.Scope]++
		}
		return true
	})
	s.st.Scan([]byte(keyApproval), nil, func(_, v []byte) bool {
		var a approval
		if !decodeRecord(v, &a) {
			return true
		}
		st := a.fold()
		for _, id := range st.consumerIDs() {
			note(id)
		}
		for _, sc := range st.Scopes {
			approved[sc] = true
		}
		return true
	})
	for sc, n := range scopes {
		r.Unmapped = append(r.Unmapped, ScopeCount{sc, n})
	}
	sort.Slice(r.Unmapped, func(i, j int) bool {
		a, b := r.Unmapped[i], r.Unmapped[j]
		if a.Count != b.Count {
			return a.Count > b.Count
		}
		return a.Scope.String() < b.Scope.String()
	})
	if len(r.Unmapped) > maxAdvice {
		r.Unmapped = r.Unmapped[:maxAdvice]
	}
	r.Unjoined = s.unjoined(locals)
	r.Advice = advice(r, approved)
	return r
}

// unjoined lists realms that share local parts and that no join mentions
// together, those that share most first.
func (s *step) unjoined(locals map[string]map[string]bool) []RealmPair {
	var realms []string
	for r := range locals {
		realms = append(realms, r)
	}
	slices.Sort(realms)
	var out []RealmPair
	for i, a := range realms {
		for _, b := range realms[i+1:] {
			if slices.ContainsFunc(s.pol.Joins, func(j Join) bool { return slices.Contains(j.Realms, a) && slices.Contains(j.Realms, b) }) {
				continue
			}
			shared := 0
			for l := range locals[a] {
				if locals[b][l] {
					shared++
				}
			}
			if shared > 0 {
				out = append(out, RealmPair{a, b, shared})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Shared > out[j].Shared })
	if len(out) > maxAdvice {
		out = out[:maxAdvice]
	}
	return out
}

// advice turns gaps in knowledge into policy lines.
func advice(r Report, approved map[events.Scope]bool) []string {
	var out []string
	for _, p := range r.Unjoined {
		out = append(out, fmt.Sprintf("identity.joins: - realms: [%s, %s]   # %d names occur in both", p.A, p.B, p.Shared))
	}
	var names []events.Scope
	for sc := range approved {
		names = append(names, sc)
	}
	sort.Slice(names, func(i, j int) bool { return names[i].String() < names[j].String() })
	for _, u := range r.Unmapped {
		line := fmt.Sprintf("entitlements.<name>.members: - %s   # %d open", member(u.Scope), u.Count)
		if len(names) > 0 {
			line = fmt.Sprintf("entitlements.<name>.members: - %s, together with - %s   # %d open", member(u.Scope), member(names[0]), u.Count)
		}
		out = append(out, line)
	}
	if len(out) > maxAdvice {
		out = out[:maxAdvice]
	}
	return out
}

// member writes a scope as a member of an entitlement.
func member(s events.Scope) string {
	parts := []string{"system: " + s.System}
	if s.Resource != "" {
		parts = append(parts, fmt.Sprintf("resource: %q", s.Resource))
	}
	if s.Role != "" {
		parts = append(parts, fmt.Sprintf("role: %q", s.Role))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
