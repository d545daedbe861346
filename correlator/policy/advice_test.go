package policy

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// memory is a state that forgets with the test.
type memory map[string][]byte

func (m memory) Get(k []byte) []byte { return m[string(k)] }
func (m memory) Put(k, v []byte)     { m[string(k)] = slices.Clone(v) }
func (m memory) Delete(k []byte)     { delete(m, string(k)) }
func (m memory) Scan(prefix, from []byte, fn func(k, v []byte) bool) {
	var keys []string
	for k := range m {
		if strings.HasPrefix(k, string(prefix)) && bytes.Compare([]byte(k), from) >= 0 {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		if !fn([]byte(k), m[k]) {
			return
		}
	}
}

// world steps events into a state.
type world struct {
	t   *testing.T
	st  memory
	seq uint64
}

var adviceDay = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func (w *world) say(source string, typ events.Type, subject events.ID, data events.Data) {
	w.t.Helper()
	w.seq++
	ev, err := events.New(typ, source, fmt.Sprint("e", w.seq), adviceDay, subject, data)
	if err != nil {
		w.t.Fatal(err)
	}
	correlator.Step(w.st, correlator.DefaultPolicy(), correlator.Message{Origin: correlator.Origin{LogID: "t", Epoch: 1, Seq: w.seq}, Event: ev})
}

func (w *world) approve(id string, who events.ID, scope events.Scope) {
	w.say("pam://x", events.ApprovalGranted, who, &events.Approval{ApprovalID: id, Scopes: []events.Scope{scope},
		Window: &events.Window{Start: adviceDay, End: adviceDay.Add(time.Hour), EndKind: events.EndAt}})
}

func (w *world) issue(id string, who events.ID, scope events.Scope) {
	w.say("vault://v", events.LeaseIssued, who, &events.Lease{LeaseID: id, Scope: scope})
}

// TestAdviceCanBePasted: what the coverage report proposes is a policy, piece by
// piece and all together, and says what is meant.
func TestAdviceCanBePasted(t *testing.T) {
	w := &world{t: t, st: memory{}}
	dba := events.Scope{System: "desk", Role: "orders \"dba\": yes"}
	native := events.Scope{System: "vault/v", Resource: "database", Role: "creds/orders #1"}
	for i, who := range []string{"alice", "bob"} {
		w.approve(fmt.Sprint("R", i), events.NewID("desk", who), dba)
		w.issue(fmt.Sprint("L", i), events.NewID("desk", who), native)
	}
	w.approve("R2", "desk:carol", events.Scope{System: "desk", Role: "viewer"})
	w.issue("L2", "ldap/corp:Carol", events.Scope{System: "vault/v", Role: "other"})
	w.issue("L3", "desk:dave", dba) // approved for others, not for him: no right of another name

	r := correlator.NewView(w.st, correlator.DefaultPolicy()).Coverage()
	for _, piece := range append(r.Advice, strings.Join(r.Advice, "")) {
		if _, err := Load("advice.yaml", []byte(piece)); err != nil {
			t.Errorf("%v\n%s", err, piece)
		}
	}
	p, err := Load("advice.yaml", []byte(strings.Join(r.Advice, "")))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Joins) != 1 || !slices.Equal(p.Joins[0].Realms, []string{"desk", "ldap/corp"}) || !p.Joins[0].FoldCase {
		t.Errorf("joins %+v", p.Joins)
	}
	if len(p.Entitlements) != 1 || len(p.Entitlements[0].Members) != 2 {
		t.Fatalf("entitlements %+v", p.Entitlements)
	}
	for i, want := range []events.Scope{dba, native} {
		if got := p.Entitlements[0].Members[i].Scope; got != (correlator.ScopePattern{System: want.System, Resource: want.Resource, Role: want.Role}) {
			t.Errorf("member %+v, want %+v", got, want)
		}
	}
}

// TestNoAdviceThatMeansMore: a member for a whole system, or with a * in it, would
// join rights that nobody asked about.
func TestNoAdviceThatMeansMore(t *testing.T) {
	w := &world{t: t, st: memory{}}
	w.approve("R1", "alice", events.Scope{System: "desk", Role: "dba"})
	for i, scope := range []events.Scope{{System: "vault/v"}, {System: "vault/v", Role: "creds/*"}, {System: "vault/v", Role: "^x"}} {
		w.issue(fmt.Sprint("L", i), "alice", scope)
	}
	if r := correlator.NewView(w.st, correlator.DefaultPolicy()).Coverage(); len(r.Advice) != 0 || len(r.Unmapped) != 3 {
		t.Errorf("%d scopes, advice %q", len(r.Unmapped), r.Advice)
	}
}
