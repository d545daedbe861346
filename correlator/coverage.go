package correlator

import (
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
	// Unmapped are the scopes of open accesses that no approval of their holder
	// names, the commonest first.
	Unmapped []ScopeCount
	// Unjoined are realms whose ids share local parts and are not joined.
	Unjoined []RealmPair
	// Advice is what would help most, each a piece of policy in YAML with a top
	// level key of its own: one or all can be pasted.
	Advice []string
}

// ScopeCount is a scope with how many open accesses are on it.
type ScopeCount struct {
	Scope events.Scope
	Count int
	// Near is the scope that approvals of the same holders name most often, the
	// zero scope where there is none.
	Near events.Scope
}

// RealmPair is two realms that share names.
type RealmPair struct {
	A, B   string
	Shared int
	// FoldCase: some of the names are equal only without case.
	FoldCase bool
}

// maxAdvice bounds the lines of advice, so that they get read.
const maxAdvice = 10

// Coverage searches the state for what is not judged. It reads every open access
// and is for a report now and then, not for a step.
func (v *View) Coverage() Report {
	s := v.s
	c := coverage{step: s, names: map[string]map[string]bool{}, open: map[events.Scope]int{}, near: map[events.Scope]map[events.Scope]int{}, asked: map[holding]bool{}}
	s.st.Scan([]byte(keyAccess), nil, func(_, v []byte) bool {
		var x access
		if decodeRecord(v, &x) {
			c.access(&x)
		}
		return true
	})
	s.st.Scan([]byte(keyApproval), nil, func(_, v []byte) bool {
		var a approval
		if decodeRecord(v, &a) {
			st := a.fold()
			for _, id := range st.consumerIDs() {
				c.name(id)
			}
		}
		return true
	})
	r := Report{At: s.meta.Now, Judgement: s.meta.Counts.Judgement, Unmapped: c.unmapped(), Unjoined: s.unjoined(c.names)}
	r.Advice = advice(r)
	return r
}

// coverage is what a report collects.
type coverage struct {
	*step
	names map[string]map[string]bool // realm -> local parts
	open  map[events.Scope]int       // unjudged for their scope
	near  map[events.Scope]map[events.Scope]int
	asked map[holding]bool
}

// holding is somebody's hold of a scope, however many leases it has.
type holding struct {
	who   events.ID
	scope events.Scope
}

// name notes an id that could join with those of other realms.
func (c *coverage) name(id events.ID) {
	realm := id.Realm()
	if r := c.realm(id); realm == "" || r.Shared || r.Immutable || r.Recyclable {
		return
	}
	if c.names[realm] == nil {
		c.names[realm] = map[string]bool{}
	}
	c.names[realm][id.Local()] = true
}

func (c *coverage) access(x *access) {
	c.name(x.Subject)
	for _, a := range x.Aliases {
		c.name(a)
	}
	if !x.OpenNow || x.Judged != unjudgedScope {
		return
	}
	c.open[x.Scope]++
	if h := (holding{x.Subject, x.Scope}); !c.asked[h] {
		c.asked[h] = true
		c.approvedNear(x)
	}
}

// approvedNear counts the scopes that approvals of the holder name.
func (c *coverage) approvedNear(x *access) {
	person := c.person(x.Subject, c.now())
	var keys []approvalKey
	for _, id := range person {
		keys = append(keys, c.usableBy(indexed(id))...)
	}
	keys, _ = c.withRefs(keys, nil, x)
	for _, k := range keys {
		a := c.approval(k)
		if a == nil {
			continue
		}
		scopes := map[events.Scope]bool{}
		for _, w := range a.fold().Windows {
			if !c.consumes(&w, person) {
				continue
			}
			for _, scope := range w.Scopes {
				if c.pol.matchScopes(scope, x.Scope) == noMatch {
					scopes[scope] = true
				}
			}
		}
		if c.near[x.Scope] == nil {
			c.near[x.Scope] = map[events.Scope]int{}
		}
		for scope := range scopes {
			c.near[x.Scope][scope]++
		}
	}
}

func (c *coverage) unmapped() []ScopeCount {
	var out []ScopeCount
	for scope, n := range c.open {
		u := ScopeCount{Scope: scope, Count: n}
		most := 0
		for near, times := range c.near[scope] {
			if times > most || times == most && near.String() < u.Near.String() {
				u.Near, most = near, times
			}
		}
		out = append(out, u)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Count != out[j].Count {
			return out[i].Count > out[j].Count
		}
		return out[i].Scope.String() < out[j].Scope.String()
	})
	return out[:min(len(out), maxAdvice)]
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
			if p := pairOf(a, b, locals[a], locals[b]); p.Shared > 0 {
				out = append(out, p)
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Shared > out[j].Shared })
	if len(out) > maxAdvice {
		out = out[:maxAdvice]
	}
	return out
}

// pairOf counts the names that two realms share, whatever their case.
func pairOf(a, b string, as, bs map[string]bool) RealmPair {
	p := RealmPair{A: a, B: b}
	lowered := map[string]bool{}
	for name := range bs {
		lowered[strings.ToLower(name)] = true
	}
	for name := range as {
		if lowered[strings.ToLower(name)] {
			p.Shared++
			p.FoldCase = p.FoldCase || !bs[name]
		}
	}
	return p
}
