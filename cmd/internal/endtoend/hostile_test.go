package endtoend

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// overstaying gives the two events of an incident that must be told: a grant
// whose window is over, and a lease that is not.
func overstaying(t *testing.T, n int) (grant, lease events.Event) {
	t.Helper()
	story := incident(t, time.Now().UTC().Truncate(time.Second).Add(-4*time.Hour), 7*n+1)
	return story[0][0], story[1][0]
}

// awaitLeases waits until the leases of the first n such incidents are told.
func (in *inside) awaitLeases(n int) {
	in.t.Helper()
	told := map[string]bool{}
	for len(told) < n {
		a := in.await(fmt.Sprintf("%d leases, after %d", n, len(told)), outlived("raised"))
		told[a.Facets[0].ID] = true
	}
	for i := range n {
		if id := fmt.Sprintf("L-%d", 7*i+1); !told[id] {
			in.t.Errorf("the lease %s is not told", id)
		}
	}
}

const (
	structured = "application/cloudevents+json"
	batched    = "application/cloudevents-batch+json"
)

// leaseText is a good event as text, to be spoiled.
func leaseText(t *testing.T) string {
	t.Helper()
	_, lease := overstaying(t, 1000)
	body, err := events.Encode(lease)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func gzipped(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHostileRequests: each bad request is refused with a reason, nothing of it
// is stored, and the events before and after it are judged.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	good := leaseText(t)
	with := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the event has no %s: %s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	forged := func(typ, data string) string {
		return `{"specversion":"1.0","type":"dev.overstay.` + typ + `","source":"vault://prod","id":"forged","time":"2026-03-02T09:00:00Z",` +
			`"datacontenttype":"application/json","data":` + data + `}`
	}
	in := open(t, func(*config.Config) {})
	cases := []struct {
		name, media, body, coding string
		status                    int
		says                      string
	}{
		{"not JSON", structured, "lease issued", "", 400, "bad-json"},
		{"nothing", structured, "", "", 400, "bad-json"},
		{"cut short", structured, good[:len(good)/2], "", 400, "bad-json"},
		{"something after it", structured, good + "{}", "", 400, "trailing"},
		{"a key twice", structured, with(`"type":`, `"id":"other","type":`), "", 400, "duplicate-key"},
		{"not UTF-8", structured, with("lease.issued", "lease.\xff"), "", 400, "utf"},
		{"nested 10,000 deep", structured, strings.Repeat("[", 10000), "", 400, "deep"},
		{"a type of nobody", structured, with("overstay.lease.issued", "overstay.lease.conjured"), "", 422, "type"},
		{"no source", structured, with(`"source":"vault://prod",`, ""), "", 422, "source"},
		{"a year far ahead", structured, with(`"time":"2`, `"time":"9`), "", 422, "time"},
		{"a time a hundred years from now", structured, with(`"time":"20`, `"time":"21`), "", 422, "what is told has happened"},
		{"a time before computers", structured, with(`"time":"20`, `"time":"19`), "", 422, "time"},
		{"a batch that only opens", batched, strings.Repeat("[", 1000), "", 400, "deep"},
		{"a deep event in a batch", batched, "[" + good + `,{"data":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}]", "", 422, "deep"},
		{"a batch that nests 20,000 deep", batched, strings.Repeat("[", 20000) + strings.Repeat("]", 20000), "", 400, "deep"},
		{"a key twice in a batch", batched, "[" + good + "," + with(`"type":`, `"id":"other","type":`) + "]", "", 422, "duplicate-key"},
		{"not UTF-8 in a batch", batched, "[" + with("lease.issued", "lease.\xff") + "]", "", 422, "utf"},
		{"an event of 1 MB in a batch", batched, "[" + good + "," + with(`"leaseId":"`, `"leaseId":"`+strings.Repeat("x", 1<<20)) + "]", "", 422, "too-large"},
		{"UTF-16", structured, "\xfe\xff\x00{\x00}", "", 400, "utf"},
		{"a time that is none", structured, with(`"time":"2`, `"time":"yesterday 2`), "", 422, "time"},
		{"data of another type", structured, with(`"leaseId":"L-7001"`, `"leaseId":7001`), "", 422, "leaseId"},
		{"data with an unknown member", structured, with(`"leaseId":`, `"leaseID":"x","leaseId":`), "", 422, "leaseID"},
		{"a tick", structured, forged("clock.tick", `{"wall":"2036-03-02T09:00:00Z","monotonic":"1h","boot":"x"}`), "", 422, "comes from Overstay itself"},
		{"a policy", structured, forged("policy.applied", `{"yaml":"","hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`), "", 422, "comes from Overstay itself"},
		{"an operator's mark", structured, forged("operator.suppressed", `{"selector":{"rule":"OV-001"},"until":"2026-03-30T09:00:00Z","by":"mallory"}`), "", 422, "comes from Overstay itself"},
		{"an observation", structured, forged("system.observed", `{"what":"gap"}`), "", 422, "comes from Overstay itself"},
		{"one bad of three", batched, "[" + good + "," + with("overstay.lease.issued", "overstay.lease.conjured") + "," + good + "]", "", 422, `"index":1`},
		{"a batch that is none", batched, good, "", 400, "batch"},
		{"an event of 1 MB", structured, with(`"leaseId":"`, `"leaseId":"`+strings.Repeat("x", 1<<20)), "", 413, "262144"},
		{"a batch of 9 MB", batched, "[" + strings.Repeat(" ", 9<<20) + "]", "", 413, "8388608"},
		{"a gzip bomb", structured, string(gzipped(t, 64<<20)), "gzip", 415, "uncompressed"},
		{"a form", "application/x-www-form-urlencoded", "type=lease.issued", "", 415, "not taken"},
		{"an event in Latin-1", structured + "; charset=iso-8859-1", good, "", 415, "not taken"},
	}
	for i, c := range cases {
		grant, lease := overstaying(t, i)
		in.say(grant)
		header := map[string]string{"Content-Type": c.media}
		if c.coding != "" {
			header["Content-Encoding"] = c.coding
		}
		status, answer := in.post(header, []byte(c.body))
		var problem struct {
			Title, Detail, Type string
			Status              int
		}
		if err := json.Unmarshal([]byte(answer), &problem); err != nil || problem.Status != status || problem.Title == "" || problem.Detail == "" {
			t.Errorf("%s: no problem details: %.300s", c.name, answer)
		}
		if status != c.status || !strings.Contains(answer, c.says) {
			t.Errorf("%s: %d, not %d with %q: %.400s", c.name, status, c.status, c.says, answer)
		}
		in.say(lease)
	}
	in.awaitLeases(len(cases))
	s := in.Status(t.Context())
	if s.Approvals != len(cases) || s.Open != len(cases) {
		t.Errorf("%d approvals and %d accesses from %d good pairs", s.Approvals, s.Open, len(cases))
	}
}

// garbage is what stands in files that should hold JSON, one record a line.
func garbage(genuine string) []string {
	return []string{
		"not a record at all", "{", "[]", "null", "42", `"text"`, `{"a":1,"a":2}`, genuine[:len(genuine)/2],
		"\x00\x01\x02\xff\xfe", strings.Repeat("[", 5000), strings.Repeat("x", 3<<20), `{"time":"yesterday"}`, genuine + genuine,
	}
}

// among puts a line of garbage before each line, all kinds in turn, and returns
// how many.
func among(lines []string) (text string, n int) {
	kinds := garbage(lines[0])
	var b strings.Builder
	for i := range max(len(lines), len(kinds)) {
		if i < len(lines) {
			fmt.Fprintln(&b, lines[i])
		}
		if i < len(kinds) {
			fmt.Fprintln(&b, kinds[i])
			n++
		}
	}
	return b.String(), n
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func skipped(c app.ConnectorStatus) int {
	n := uint64(0)
	for _, k := range c.Skipped {
		n += k
	}
	return int(n)
}

// ended waits until the only connector has read all it has, and a tick has come
// after that: what it said is judged as of now.
func (in *inside) ended() app.Status {
	in.t.Helper()
	in.until("at the end of the file", func(s app.Status) bool { return s.Connector[0].State == "ended" })
	end := time.Now()
	return in.until("judged", func(s app.Status) bool {
		at, err := time.Parse(time.RFC3339Nano, s.LogTime)
		return err == nil && at.After(end)
	})
}

// TestHostileEventFile: bad lines among good ones are counted with their place,
// and the good ones are judged.
func TestHostileEventFile(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 8 {
		grant, lease := overstaying(t, i)
		for _, ev := range []events.Event{grant, lease} {
			body, err := events.Encode(ev)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(body))
		}
	}
	text, bad := among(lines)
	in := open(t, func(cfg *config.Config) {
		cfg.Connectors = []config.Connector{{Type: config.TypeCloudEventsFile, Name: "import",
			CloudEventsFile: &config.CloudEventsFile{Paths: []string{write(t, text)}}}}
	})
	in.awaitLeases(8)
	if c := in.ended().Connector[0]; skipped(c) != bad || c.LastSkip == "" {
		t.Errorf("%d bad lines are counted, not %d: %+v", skipped(c), bad, c)
	}
}

// TestHostileAuditLogs: a Vault's and a Teleport's log with garbage between all
// lines give what they give without it.
func TestHostileAuditLogs(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name, fixture string
		connector     func(file string) config.Connector
	}{
		{"vault", "vault-audit.log", func(file string) config.Connector {
			return config.Connector{Type: config.TypeVault, Name: "prod", Vault: &config.Vault{Audit: []config.VaultAudit{{Device: "file", Paths: []string{file}}}}}
		}},
		{"teleport", "teleport.log", func(file string) config.Connector {
			return config.Connector{Type: config.TypeTeleport, Name: "prod", Teleport: &config.Teleport{Paths: []string{file}}}
		}},
	} {
		t.Run(kind.name, func(t *testing.T) {
			genuine, err := os.ReadFile(filepath.Join("..", "demo", "fixtures", kind.fixture))
			if err != nil {
				t.Fatal(err)
			}
			read := func(text string) (*inside, app.Status) {
				in := open(t, func(cfg *config.Config) {
					cfg.Connectors = []config.Connector{kind.connector(write(t, text))}
				})
				return in, in.ended()
			}
			whole, clean := read(string(genuine))
			text, bad := among(strings.Split(strings.TrimSpace(string(genuine)), "\n"))
			garbled, spoiled := read(text)
			c, s := clean.Connector[0], spoiled.Connector[0]
			if got := skipped(s) - skipped(c); got != bad || s.LastSkip == "" || s.LastError != "" {
				t.Errorf("%d bad lines are counted, not %d: %+v", got, bad, s)
			}
			delete(c.Events, "source") // progress
			delete(s.Events, "source")
			if len(c.Events) == 0 || !maps.Equal(c.Events, s.Events) {
				t.Errorf("the spoiled log gives %v, and the clean one %v", s.Events, c.Events)
			}
			// How many approvals the state holds says nothing: what is over since long leaves
			// it at once or an hour later, as ticks fall between the events. That each was
			// read is what the counts above say.
			garbled.until("what the clean log comes to", func(s app.Status) bool {
				clean := whole.Status(t.Context())
				return clean.Open == s.Open && maps.Equal(clean.Judgement, s.Judgement)
			})
			t.Logf("%d lines of garbage: %v", bad, s.Skipped)
		})
	}
}

// TestHostileOperator: whoever may write to the log itself writes garbage. Each
// message is in quarantine with its reason, the source that it names counts as
// blind, and the events around it are judged.
func TestHostileOperator(t *testing.T) {
	t.Parallel()
	token := write(t, "operator-token-of-the-test")
	in := open(t, func(cfg *config.Config) {
		cfg.NATS.Operator = &config.Credentials{Token: secret.Reference{File: token}}
	})
	conn, err := jetstream.Connect(t.Context(), in.Status(t.Context()).NATS, jetstream.ConnectOptions{Credentials: &jetstream.Credentials{Token: "operator-token-of-the-test"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	_, lease := overstaying(t, 0)
	subject, header := events.SubjectOf(lease), nats.Header{"Content-Type": {events.ContentTypeEvent}}
	good := leaseText(t)
	bad := []struct {
		reason  string
		message *nats.Msg
	}{
		{"bad-json", &nats.Msg{Subject: subject, Header: header, Data: []byte("garbage")}},
		{"content-type", &nats.Msg{Subject: subject, Data: []byte(good)}},
		{"duplicate-key", &nats.Msg{Subject: subject, Header: header, Data: []byte(`{"id":"1","id":"2"}`)}},
		{"too-deep", &nats.Msg{Subject: subject, Header: header, Data: []byte(strings.Repeat("[", 1000))}},
		{"too-large", &nats.Msg{Subject: subject, Header: header, Data: bytes.Repeat([]byte("x"), 900<<10)}},
		{"misplaced", &nats.Msg{Subject: "overstay.operator.noted", Header: header, Data: []byte(good)}},
		{"bad-json", &nats.Msg{Subject: events.SubjectTick, Header: header, Data: []byte("tick")}},
		{"bad-json", &nats.Msg{Subject: "overstay.events.%zz", Header: header}},
	}
	for i, b := range bad {
		grant, lease := overstaying(t, i)
		in.say(grant)
		if _, err := js.PublishMsg(t.Context(), b.message); err != nil {
			t.Fatalf("publish garbage %d: %v", i, err)
		}
		in.say(lease)
	}
	seen := map[string]bool{}
	blind := false
	for len(seen) < len(bad) || !blind {
		a := in.await("leases and a blind source", func(a alert) bool { return a.State == "raised" })
		blind = blind || a.Rule == "OV-022" && a.Source == "vault://prod"
		if a.Rule == "OV-001" {
			seen[a.Facets[0].ID] = true
		}
	}
	stream, err := js.Stream(t.Context(), jetstream.QuarantineStream)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range bad {
		m, err := stream.GetMsg(t.Context(), uint64(i)+1)
		if err != nil {
			t.Fatalf("record %d of the quarantine: %v", i+1, err)
		}
		if got := m.Header.Get("Overstay-Reason"); got != b.reason || m.Header.Get("Overstay-Error") == "" || m.Header.Get("Overstay-Subject") != b.message.Subject {
			t.Errorf("record %d says %q, not %q: %v", i+1, got, b.reason, m.Header)
		}
	}
	if res, err := http.Get("http://" + in.HTTPAddr() + "/readyz"); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("it is not ready: %v %v", res, err)
	}
}

// TestOtherTimes: what is told of a hundred years from now, by a file that nobody
// refuses, and of thirty years ago moves no clock, arms nothing that stands in the
// way, and changes nothing for others.
func TestOtherTimes(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	var lines []string
	for i, years := range []int{-30, 100, 150} {
		at := now.AddDate(years, 0, 0)
		id := func(s string) string { return fmt.Sprint(s, i) }
		who, scope := events.ID("corp/uid:"+id("far")), events.Scope{System: "db", Role: id("far")}
		for _, ev := range []events.Event{
			made(t, events.ApprovalGranted, "pam://far", id("a"), at, who, &events.Approval{ApprovalID: id("FAR"), Requester: who,
				Scopes: []events.Scope{scope}, Window: &events.Window{Start: at, End: at.Add(time.Hour), EndKind: events.EndAt}}),
			made(t, events.LeaseIssued, "vault://far", id("l"), at.Add(time.Minute), who, &events.Lease{LeaseID: id("far"), Scope: scope,
				Expiry: &events.Expiry{Kind: events.ExpiryExact, At: at.Add(2 * time.Hour)}}),
			made(t, events.SourceProgress, "vault://far", id("p"), at, "", &events.Progress{Through: at, Basis: events.ByPosition}),
			made(t, events.SessionEnded, "teleport://far", id("s"), at, who, &events.Session{SessionID: id("none")}),
		} {
			body, err := events.Encode(ev)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(body))
		}
	}
	in := open(t, func(cfg *config.Config) {
		cfg.Connectors = []config.Connector{{Type: config.TypeCloudEventsFile, Name: "import",
			CloudEventsFile: &config.CloudEventsFile{Paths: []string{write(t, strings.Join(lines, "\n")+"\n")}}}}
	})
	in.ended()
	for i := range 4 {
		grant, lease := overstaying(t, i)
		in.say(grant, lease)
	}
	waiting := map[string]bool{"L-1": true, "L-8": true, "L-15": true, "L-22": true}
	for len(waiting) > 0 {
		a := in.await("the leases", outlived("raised"))
		delete(waiting, a.Facets[0].ID)
	}
	s := in.Status(t.Context())
	if at, err := time.Parse(time.RFC3339Nano, s.LogTime); err != nil || at.After(time.Now().Add(time.Second)) || at.Before(now) {
		t.Errorf("log time is %s", s.LogTime)
	}
	if !s.Ready || s.HeldClock != "" || s.Jobs != 0 {
		t.Errorf("it is held up: %+v", s)
	}
	for _, a := range in.told {
		if a.Rule == "OV-001" && len(a.Facets) > 0 && strings.HasPrefix(a.Facets[0].ID, "far") && a.Facets[0].ID != "far0" {
			t.Errorf("an alert is about what has not happened: %+v", a)
		}
	}
}
