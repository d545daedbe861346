package correlator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/overstay/overstay/correlator/schema"
	"github.com/overstay/overstay/events"
)

// ownSchemas are the compiled schemas of alerts and seals, with formats asserted.
var ownSchemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	out := map[string]*jsonschema.Schema{}
	for name, text := range map[string][]byte{"alert": schema.Alert(), "seal": schema.Seal()} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		if err := c.AddResource(name, doc); err != nil {
			return nil, err
		}
		if out[name], err = c.Compile(name); err != nil {
			return nil, err
		}
	}
	return out, nil
})

// encoded is a publication as bytes, and which schema it is of.
func encoded(t *testing.T, pub Publication) (body []byte, of string) {
	t.Helper()
	var err error
	if pub.Seal != nil {
		body, err = pub.Seal.Encode()
		of = "seal"
	} else {
		body, err = pub.Alert.Encode()
		of = "alert"
	}
	if err != nil {
		t.Fatal(err)
	}
	return body, of
}

func againstOwn(t *testing.T, of string, body []byte) error {
	t.Helper()
	all, err := ownSchemas()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return all[of].Validate(doc)
}

// validateOwn checks a publication against our own schema, which lists every
// member that may be there.
func validateOwn(t *testing.T, pub Publication) {
	t.Helper()
	body, of := encoded(t, pub)
	if err := againstOwn(t, of, body); err != nil {
		t.Errorf("not what correlator/schema/%s.json says: %v\n%s", of, err, body)
	}
}

// fullAlert has everything that an alert can carry.
func fullAlert() *Alert {
	at := func(minute int) Time { return At(time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC)) }
	seen := []Evidence{{What: "lease start", ID: "vault://prod|e2", Seq: 4, At: at(5)}}
	return &Alert{
		ID: alertID("full"), Revision: 3, Rule: ruleOutlived, State: Resolved, Severity: Critical, Closing: ClosedEnded,
		Raised: at(31), Told: at(40), Due: at(31), Total: 2, Origin: Origin{"log", 1, 9}, Cause: seen[0], Policy: "default",
		Source: "vault://prod", Account: "ldap/corp/uid:alice",
		Approval: &ApprovalView{
			ID: "REQ-1", Source: "pam://x", Requester: "pam/user:alice", DecidedBy: "pam/user:bob", Ticket: "CHG-1",
			Scopes: []events.Scope{{System: "db", Role: "reader"}}, Begin: at(0), End: at(30), Evidence: seen,
		},
		Facets: []FacetView{{
			Kind: events.KindLease, Source: "vault://prod", ID: "L1", Subject: "vault/entity:1", Person: []events.ID{"pam/user:alice", "vault/entity:1"},
			Scope: events.Scope{System: "db", Resource: "orders", Role: "reader", Level: "read"}, Credential: events.CredentialDynamic,
			From: at(30), To: at(40), Due: at(31), Fired: at(31), Start: at(5), Expiry: at(59), ExpiryKind: events.ExpiryExact, LastAlive: at(35),
			LastUse: at(35), End: at(40), EndLo: at(35), Basis: Observed, Cause: events.CauseRevoked, Claimed: at(36), Closed: ClosedEnded,
			Behind: []string{"pam://x"}, Unattested: true, Note: "a note", UntilID: "REQ-2", UntilBy: "pam/user:carol", Evidence: seen,
		}},
	}
}

func fullSeal() *Seal {
	a := fullAlert()
	f := a.Facets[0]
	return &Seal{
		Approval: *a.Approval, Revision: 1, Proven: true, Assurance: Observed, Told: a.Told, Origin: a.Origin, Policy: a.Policy,
		Facets: []SealFacet{{Facet: "credential", Count: 1, End: f.End, EndLo: f.EndLo, Basis: Observed, Overrun: 90 * time.Second, Seen: f.Evidence}},
		Looked: []SealSource{{"vault://prod", f.End}}, Unseen: []string{"ldap/corp"},
	}
}

func fullPublications() []Publication {
	resolved, retracted, blind := fullAlert(), fullAlert(), fullAlert()
	retracted.State, retracted.Closing = Retracted, closedWithdrawn
	blind.State, blind.Closing, blind.Rule, blind.Approval, blind.Account = Raised, "", ruleSourceBlind, nil, ""
	blind.Facets = []FacetView{{Of: "source", Source: "vault://prod", From: blind.Raised, To: Forever, Due: blind.Raised, Fired: blind.Raised, End: Forever, Note: "no word from it"}}
	blind.Recomputed = true
	blind.Marks = []MarkView{{markSuppressed, "erin", "migration", blind.Raised, blind.Told, 7}}
	unproven := fullSeal()
	unproven.Proven, unproven.Assurance, unproven.Facets[0].Basis = false, Claimed, Claimed
	bare := fullSeal()
	bare.Approval, bare.Looked, bare.Unseen = ApprovalView{ID: "REQ-2", Source: "pam://x"}, nil, nil
	long := fullAlert()
	long.Facets[0].Note = strings.Repeat("a long note ", 2000)
	wide := fullSeal()
	for i := range 2000 {
		wide.Unseen = append(wide.Unseen, fmt.Sprintf("system/%04d", i))
	}
	return []Publication{{Alert: resolved}, {Alert: retracted}, {Alert: blind}, {Alert: long}, {Seal: fullSeal()}, {Seal: unproven}, {Seal: bare}, {Seal: wide}}
}

func TestOwnSchemaTakesWhatIsSent(t *testing.T) {
	for _, pub := range fullPublications() {
		validateOwn(t, pub)
	}
}

// An extra member in any object is refused, and so is the lack of any member that
// some publication cannot do without.
func TestOwnSchemaRefusesWhatIsPlanted(t *testing.T) {
	for _, pub := range fullPublications() {
		body, of := encoded(t, pub)
		for _, place := range objectsOf(t, body) {
			broken := edited(t, body, place, func(o map[string]any) { o["planted"] = 1 })
			if againstOwn(t, of, broken) == nil {
				t.Errorf("%s: an extra member at /%s is taken", of, strings.Join(place, "/"))
			}
			if len(place) > 0 && againstOwn(t, of, edited(t, body, place, func(o map[string]any) { clear(o) })) == nil {
				t.Errorf("%s: an empty object at /%s is taken", of, strings.Join(place, "/"))
			}
		}
	}
	for of, places := range map[string][]string{
		"alert": {"id", "type", "time", "correlationid", "data", "data/message", "data/severity_id", "data/evidences", "data/unmapped",
			"data/metadata/uid", "data/finding_info/uid", "data/finding_info/analytic/uid", "data/unmapped/overstay/state", "data/unmapped/overstay/closing",
			"data/unmapped/overstay/origin/seq", "data/unmapped/overstay/windowEnd"},
		"seal": {"id", "data/assurance", "data/facets", "data/systemsWithoutConnector", "data/approval/end", "data/origin/logId"},
	} {
		pub := Publication{Alert: fullAlert()}
		if of == "seal" {
			pub = Publication{Seal: fullSeal()}
		}
		body, _ := encoded(t, pub)
		for _, path := range places {
			parts := strings.Split(path, "/")
			place, member := parts[:len(parts)-1], parts[len(parts)-1]
			if againstOwn(t, of, edited(t, body, place, func(o map[string]any) { delete(o, member) })) == nil {
				t.Errorf("%s: the lack of %s is taken", of, path)
			}
		}
	}
}

// What belongs together must agree: a type and its state, a grade and its word.
func TestOwnSchemaRefusesContradictions(t *testing.T) {
	alert, _ := encoded(t, Publication{Alert: fullAlert()})
	seal, _ := encoded(t, Publication{Seal: fullSeal()})
	for _, c := range []struct {
		of, place, member string
		value             any
	}{
		{"alert", "", "type", "dev.overstay.alert.raised"},
		{"alert", "", "id", "1"},
		{"alert", "data", "severity", "Low"},
		{"alert", "data", "is_alert", true},
		{"alert", "data", "verdict_id", 1},
		{"alert", "data/unmapped/overstay", "state", "updated"},
		{"alert", "data/unmapped/overstay", "closing", "over"},
		{"alert", "data/unmapped/overstay", "due", "soon"},
		{"seal", "", "type", TypeClosedUnproven},
		{"seal", "data", "proven", false},
		{"seal", "data", "assurance", "claimed"},
	} {
		body := alert
		if c.of == "seal" {
			body = seal
		}
		var place []string
		if c.place != "" {
			place = strings.Split(c.place, "/")
		}
		if againstOwn(t, c.of, edited(t, body, place, func(o map[string]any) { o[c.member] = c.value })) == nil {
			t.Errorf("%s: %s/%s may be %v", c.of, c.place, c.member, c.value)
		}
	}
}

// Every member that the schemas list is one that is sent.
func TestOwnSchemaHasNothingThatIsNeverSent(t *testing.T) {
	sent := map[string]bool{}
	for _, pub := range fullPublications() {
		body, _ := encoded(t, pub)
		for _, place := range objectsOf(t, body) {
			for member := range objectAt(t, body, place) {
				sent[member] = true
			}
		}
	}
	for _, text := range [][]byte{schema.Alert(), schema.Seal()} {
		for _, place := range objectsOf(t, text) {
			if len(place) == 0 || place[len(place)-1] != "properties" {
				continue
			}
			for member := range objectAt(t, text, place) {
				if !sent[member] {
					t.Errorf("%s at %s is never sent", member, strings.Join(place, "/"))
				}
			}
		}
	}
}

func decoded(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// objectsOf lists the places of all objects in a body, each a path of members and
// indices.
func objectsOf(t *testing.T, body []byte) [][]string {
	t.Helper()
	var out [][]string
	var visit func(path []string, v any)
	visit = func(path []string, v any) {
		switch v := v.(type) {
		case map[string]any:
			out = append(out, path)
			for _, k := range slices.Sorted(maps.Keys(v)) {
				visit(append(slices.Clone(path), k), v[k])
			}
		case []any:
			for i, w := range v {
				visit(append(slices.Clone(path), string(rune('0'+i))), w)
			}
		}
	}
	visit(nil, decoded(t, body))
	return out
}

func descend(v any, place []string) map[string]any {
	for _, p := range place {
		switch in := v.(type) {
		case map[string]any:
			v = in[p]
		case []any:
			v = in[int(p[0]-'0')]
		}
	}
	return v.(map[string]any)
}

func objectAt(t *testing.T, body []byte, place []string) map[string]any {
	t.Helper()
	return descend(decoded(t, body), place)
}

// edited is the body with one of its objects changed.
func edited(t *testing.T, body []byte, place []string, change func(map[string]any)) []byte {
	t.Helper()
	v := decoded(t, body)
	change(descend(v, place))
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
