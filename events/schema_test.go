package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// compiled are all schemas, with formats asserted.
var compiled = sync.OnceValues(func() (map[events.Type]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	out := map[events.Type]*jsonschema.Schema{}
	for _, typ := range events.Types() {
		text, ok := events.Schema(typ)
		if !ok {
			return nil, fmt.Errorf("%s has no schema", typ)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		id := "https://overstay.dev/schemas/" + typ.Short() + ".json"
		if doc.(map[string]any)["$id"] != id {
			return nil, fmt.Errorf("the schema of %s does not call itself %s", typ, id)
		}
		if err := c.AddResource(id, doc); err != nil {
			return nil, err
		}
		if out[typ], err = c.Compile(id); err != nil {
			return nil, err
		}
	}
	return out, nil
})

// againstSchema validates the data of an event in JSON.
func againstSchema(t fataler, typ events.Type, body []byte) error {
	t.Helper()
	all, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	var envelope struct{ Data json.RawMessage }
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	data, err := jsonschema.UnmarshalJSON(bytes.NewReader(envelope.Data))
	if err != nil {
		t.Fatal(err)
	}
	return all[typ].Validate(data)
}

func TestEveryTypeHasASchema(t *testing.T) {
	if _, err := compiled(); err != nil {
		t.Fatal(err)
	}
	if _, ok := events.Schema("dev.overstay.lease.lost"); ok {
		t.Error("a type outside of the vocabulary has a schema")
	}
}

func TestPublishedSchemasAreTheEmbedded(t *testing.T) {
	for _, typ := range events.Types() {
		embedded, _ := events.Schema(typ)
		published, err := os.ReadFile(filepath.Join("..", "docs", "schemas", typ.Short()+".json"))
		if err != nil || !bytes.Equal(embedded, published) {
			t.Errorf("docs/schemas has another schema of %s: %v", typ.Short(), err)
		}
	}
}

func TestValidEventsFitTheirSchema(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := genEvent.Draw(t, "event")
		body := mustEncode(t, ev)
		if err := againstSchema(t, ev.Type, body); err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
	})
}

// Go and the schema refuse the same faults: what a connector's author checks
// with the schema is what the program takes.
func TestBrokenDataIsRefusedByBoth(t *testing.T) {
	const scope, at = `"scope":{"system":"s"}`, `"2026-03-01T09:00:00Z"`
	hash := `"` + strings.Repeat("0", 64) + `"`
	for _, c := range []struct {
		typ  events.Type
		data string
	}{
		{events.ApprovalGranted, `{}`},
		{events.ApprovalGranted, `{"approvalId":""}`},
		{events.ApprovalGranted, `{"approvalId":"a","kind":"casual"}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{}}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{"endKind":"at"}}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{"endKind":"never","end":` + at + `}}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{"endKind":"at","end":"9999-12-31T00:00:00Z"}}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{"endKind":"at","end":"tomorrow"}}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{"endKind":"at","duration":"-1h"}}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{"endKind":"at","duration":3600}}`},
		{events.ApprovalGranted, `{"approvalId":"a","window":{"endKind":"at","duration":"PT1H"}}`},
		{events.ApprovalGranted, `{"approvalId":"a","approvers":[{"by":"bob","decision":"maybe"}]}`},
		{events.ApprovalGranted, `{"approvalId":"a","approvers":[{"decision":"approved"}]}`},
		{events.ApprovalGranted, `{"approvalId":"a","consumers":["ldap:"]}`},
		{events.ApprovalGranted, `{"approvalId":"a","consumers":[` + strings.Repeat(`"a",`, events.MaxConsumers) + `"a"]}`},
		{events.ApprovalGranted, `{"approvalId":"a","scopes":[{}]}`},
		{events.ApprovalGranted, `{"approvalId":"a","ticket":null}`},
		{events.ApprovalGranted, `{"approvalId":"a","reason":"line\nline"}`},
		{events.ApprovalGranted, `{"approvalId":"a","reason":"` + strings.Repeat("x", events.MaxText+1) + `"}`},
		{events.ApprovalExtended, `{"approvalId":"a"}`},
		{events.SessionStarted, `{"sessionId":"s"}`},
		{events.SessionStarted, `{"sessionId":"s",` + scope + `,"interactive":1}`},
		{events.SessionEnded, `{"sessionId":"s","end":{}}`},
		{events.SessionEnded, `{"sessionId":"s","end":{"basis":"presumed"}}`},
		{events.SessionEnded, `{"sessionId":"s","end":{"basis":"claimed","cause":"boredom"}}`},
		{events.LeaseIssued, `{"leaseId":"l"}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"LeaseId":"m"}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"credential":"password"}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"expiry":{"kind":"exact"}}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"expiry":{"kind":"never","at":` + at + `}}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"parents":[{"kind":"lease","id":"p"}]}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"approvals":[{"id":"a"}]}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"rawSha256":"ABC"}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"effect":"maybe"}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"actor":7}`},
		{events.LeaseIssued, `{"leaseId":"l",` + scope + `,"timeQuality":{"zone":"Berlin"}}`},
		{events.LeaseRevocationFailed, `{"leaseId":"l","final":"yes"}`},
		{events.CredentialRotated, `{}`},
		{events.MembershipAdded, `{}`},
		{events.MembershipAdded, `{` + scope + `,"path":"sideways"}`},
		{events.MembershipAdded, `{` + scope + `,"state":"asleep"}`},
		{events.GroupNested, `{}`},
		{events.OwnerChanged, `{"owner":"ldap:"}`},
		{events.IdentityLinked, `{}`},
		{events.AccessUsed, `{"access":{"kind":"lease"}}`},
		{events.AccessProbed, `{"access":{"kind":"lease","id":"l"},"result":"dead"}`},
		{events.AccessBlocked, `{}`},
		{events.AccessEndedBefore, `{}`},
		{events.AccessEndedBefore, `{"before":` + at + `,"kind":"door"}`},
		{events.SourceProgress, `{"through":` + at + `}`},
		{events.SourceProgress, `{"basis":"position"}`},
		{events.SourceProgress, `{"through":` + at + `,"basis":"position","sequence":-1}`},
		{events.SourceProgress, `{"through":` + at + `,"basis":"position","sequence":9007199254740992}`},
		{events.SourceProgress, `{"through":` + at + `,"basis":"position","sequence":1.5}`},
		{events.SourceSnapshotBegin, `{"snapshotId":"s","kind":"lease",` + scope + `}`},
		{events.SourceSnapshotPart, `{"snapshotId":"s","index":-1,"items":[]}`},
		{events.SourceSnapshotPart, `{"snapshotId":"s","index":0,"items":[{"subject":"a"}]}`},
		{events.SourceSnapshotPart, `{"snapshotId":"s","index":0,"items":{}}`},
		{events.SourceSnapshotEnd, `{"snapshotId":"s","parts":1,"count":1,"hash":"0","endedAt":` + at + `}`},
		{events.SourceSnapshotEnd, `{"snapshotId":"s","parts":-1,"count":1,"hash":` + hash + `,"endedAt":` + at + `}`},
		{events.SourceResumed, `{"capabilities":{"realms":[{"name":"LDAP"}]}}`},
		{events.SourceResumed, `{"capabilities":{"realms":[{"name":"ldap","rank":5000}]}}`},
		{events.SourceResumed, `{"capabilities":{"endReporting":{"door":"always"}}}`},
		{events.SourceResumed, `{"capabilities":{"endReporting":{"lease":"often"}}}`},
		{events.ClockTick, `{"wall":` + at + `,"monotonic":"1s"}`},
		{events.ClockTick, `{"wall":` + at + `,"monotonic":"-1s","boot":"b"}`},
		{events.PolicyApplied, `{"yaml":"","hash":"x"}`},
		{events.OperatorNoted, `{"selector":{},"by":"carol"}`},
		{events.OperatorNoted, `{"selector":{"rule":"OV-001"}}`},
		{events.OperatorSuppressed, `{"selector":{"rule":"OV-001"},"by":"carol"}`},
		{events.SystemObserved, `{"what":"ufo"}`},
		{events.SystemEpoch, `{"epoch":0,"logId":"l","reason":"r"}`},
		{events.SystemTold, `{}`},
		{events.SystemTold, `{"run":"r","alerts":[{"id":"x","revision":1,"state":"raised","severity":"high"}]}`},
		{events.SystemTold, `{"run":"r","alerts":[{"id":"00000000000000000000000000000000","revision":0,"state":"raised","severity":"high"}]}`},
		{events.SystemTold, `{"run":"r","alerts":[{"id":"00000000000000000000000000000000","revision":1,"state":"gone","severity":"high"}]}`},
		{events.SystemTold, `{"run":"r","alerts":[{"id":"00000000000000000000000000000000","revision":1,"state":"raised","severity":"loud"}]}`},
		{events.SystemTold, `{"run":"r","alerts":[{"id":"00000000000000000000000000000000","revision":1,"state":"raised","severity":"high","open":-1}]}`},
		{events.SystemTold, `{"run":"r","seals":[{"id":"00000000000000000000000000000000","revision":0}]}`},
	} {
		body := []byte(`{` + head + `,"type":"` + string(c.typ) + `","data":` + c.data + `}`)
		if _, err := events.Decode(body); reasonOf(err) != events.ReasonBadData {
			t.Errorf("%s: Go says %v of %.300s", c.typ.Short(), err, c.data)
		}
		if againstSchema(t, c.typ, body) == nil {
			t.Errorf("%s: the schema takes %.300s", c.typ.Short(), c.data)
		}
	}
}
