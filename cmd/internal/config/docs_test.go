package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
)

// fromRoot reads a file of the repository, found by its go.mod.
func fromRoot(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir) {
			t.Fatalf("look for go.mod above the test: %v", err)
		}
		dir = filepath.Dir(dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheReferenceHasEveryKey(t *testing.T) {
	text := fromRoot(t, "docs/configuration.md")
	for _, key := range Keys() {
		if !strings.Contains(text, "\n| `"+key+"` |") {
			t.Errorf("docs/configuration.md does not have a line for %s", key)
		}
	}
	for _, line := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(text, -1) {
		if !slices.Contains(Keys(), line[1]) {
			t.Errorf("docs/configuration.md has a line for %s, which is no key", line[1])
		}
	}
}

// The problems that the reference shows are the ones that we tell.
func TestTheReferencesProblems(t *testing.T) {
	dir := folder(t)
	write(t, dir, "overstay.yaml", "# one\n\nhttp: {  lisen: 127.0.0.1:80}\n\n\n\n\n\nlog: {level: warning}\n", 0o644)
	_, err := Load(filepath.Join(dir, "overstay.yaml"))
	var problems *policy.ProblemsError
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	text := fromRoot(t, "docs/configuration.md")
	for _, p := range problems.Problems {
		p.File = "overstay.yaml"
		if !strings.Contains(text, p.String()+"\n") {
			t.Errorf("docs/configuration.md does not show %q", p)
		}
	}
}

// example loads deploy/overstay.yaml with its files in a folder of the test's own.
func example(t *testing.T) (*Config, string) {
	t.Helper()
	dir := folder(t)
	cert, key := selfSigned(t)
	for _, sub := range []string{"tls", "secrets"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"tls/overstay.crt", "tls/ca.crt"} {
		write(t, dir, name, cert, 0o644)
	}
	write(t, dir, "tls/overstay.key", key, 0o600)
	for _, name := range []string{"bastion", "console", "operator", "vault"} {
		write(t, dir, "secrets/"+name+"-token", token, 0o600)
	}
	for _, name := range []string{"siem", "ldap", "nats"} {
		write(t, dir, "secrets/"+name+"-password", "swordfish", 0o600)
	}
	write(t, dir, "overstay.yaml", fromRoot(t, "deploy/overstay.yaml"), 0o644)
	c, err := Load(filepath.Join(dir, "overstay.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

func TestTheExampleIsReadAsItSays(t *testing.T) {
	got, dir := example(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	file := func(name string) secret.Reference { return secret.Reference{File: in(name)} }
	for i := range got.Connectors {
		if got.Connectors[i].Line == 0 {
			t.Errorf("connector %d has no line", i)
		}
		got.Connectors[i].Line = 0
	}
	pair := TLS{Cert: in("tls/overstay.crt"), Key: in("tls/overstay.key")}
	const gibi = 1 << 30
	want := &Config{
		File:    in("overstay.yaml"),
		DataDir: "/var/lib/overstay", Memory: 512 << 20, Checkpoints: Checkpoints{Every: day, Keep: 3},
		HTTP: HTTP{
			Listen: "0.0.0.0:8080", TLS: pair, MaxConnections: 256, EventRate: 5000,
			Clients: []Client{{Name: "bastion", Token: file("secrets/bastion-token"), Sources: []string{"bastion://prod"}}, {Name: "console", Token: file("secrets/console-token"), Reads: true}},
		},
		NATS: NATS{
			Listen: "0.0.0.0:4222", TLS: pair, MaxStore: 50 * gibi, Durables: []string{"siem"}, Replicas: 1,
			Operator:   &Credentials{Token: file("secrets/operator-token")},
			Subscriber: &Credentials{User: "siem", Password: file("secrets/siem-password")},
			Events:     Limits{90 * day, 30 * gibi}, Alerts: Limits{400 * day, 12 * gibi}, Quarantine: Limits{90 * day, 5 * gibi},
		},
		Connectors: []Connector{
			{Type: TypeVault, Name: "prod", Vault: &Vault{
				Audit:      []VaultAudit{{Device: "file", Paths: []string{"/var/log/vault/audit.log"}}},
				ServerLogs: []string{"/var/log/vault/server.log"}, Follow: true,
				Hash:     &VaultHash{URL: "https://vault.example.com:8200", Token: file("secrets/vault-token"), CA: in("tls/ca.crt")},
				MountTTL: map[string]time.Duration{"database": day}, TicketKeys: []string{"ticket", "change"}, Lag: 2 * time.Second,
			}},
			{Type: TypeTeleport, Name: "prod", Teleport: &Teleport{
				Paths: []string{"/var/lib/teleport/log/events.log"}, Follow: true, Clusters: map[string]string{"leaf.example.com": "leaf"},
			}},
			{Type: TypeOpenLDAP, Name: "corp", OpenLDAP: &OpenLDAP{
				URL: "ldaps://ldap.example.com", CA: in("tls/ca.crt"), BindDN: "cn=overstay,ou=services,dc=example,dc=com",
				Password: file("secrets/ldap-password"), BaseDN: "dc=example,dc=com",
				GroupClasses: []string{"groupOfNames", "groupOfUniqueNames", "posixGroup"}, PeopleClasses: []string{"inetOrgPerson"},
				MemberAttributes: []string{"member", "uniqueMember"}, MemberUIDAttributes: []string{"memberUid"},
				Disabled: []DisableRule{
					{Attribute: "pwdAccountLockedTime", Condition: "equals", Value: "000001010000Z"},
					{Condition: "under", Value: "ou=leavers,dc=example,dc=com"},
				},
				SnapshotEvery: 15 * time.Minute, ReplicaID: 42, MaxEntries: 200_000, MaxMembers: 50_000,
			}},
			{Type: TypeCloudEventsFile, Name: "imported", CloudEventsFile: &CloudEventsFile{Paths: []string{in("import/events.jsonl")}}},
		},
		Policy:    got.Policy,
		Log:       Log{Level: "info", Format: "json"},
		Telemetry: Telemetry{OTLP: "http://127.0.0.1:4318", Sample: 0.1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// The example is full: it shows every key of both references, in use or, where
// keys exclude each other, in a comment.
func TestTheExampleHasEveryKey(t *testing.T) {
	text := fromRoot(t, "deploy/overstay.yaml")
	for _, key := range append(Keys(), policy.Keys()...) {
		last := key[strings.LastIndex(key, ".")+1:]
		if !regexp.MustCompile(`(?m)[\s{#(]` + last + `:`).MatchString(text) {
			t.Errorf("deploy/overstay.yaml does not show %s", key)
		}
	}
}

// What goes into the log is the policy alone, and it compiles to the same there.
func TestTheExamplesPolicyStandsAlone(t *testing.T) {
	c, _ := example(t)
	if first, _, _ := strings.Cut(string(c.Policy.Text), "\n"); first != "grace: {session: 60s, lease: 60s, membership: 2m}" {
		t.Errorf("the policy begins with %q", first)
	}
	again, err := policy.Load("log", c.Policy.Text)
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash != c.Policy.Compiled.Hash || again.Hash != policy.Hash(c.Policy.Text) {
		t.Errorf("hash %s in the log, %s in the configuration", again.Hash, c.Policy.Compiled.Hash)
	}
	if n := len(again.Entitlements[0].Members); n != 4 || again.Rules["OV-005"].Severity != correlator.High {
		t.Errorf("%d members, rules %v", n, again.Rules)
	}
}

func TestPolicyFile(t *testing.T) {
	dir := folder(t)
	write(t, dir, "policy.yaml", "# ours\ngrace: {session: 5s}\n", 0o644)
	write(t, dir, "overstay.yaml", "policyFile: policy.yaml\n", 0o644)
	c, err := Load(filepath.Join(dir, "overstay.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Policy.Compiled.Grace.Session != 5*time.Second || c.Policy.File != filepath.Join(dir, "policy.yaml") || string(c.Policy.Text) != "# ours\ngrace: {session: 5s}\n" {
		t.Errorf("policy %+v", c.Policy)
	}
}

// With a server of one's own there is no address to listen on.
func TestAnExistingServer(t *testing.T) {
	dir := folder(t)
	write(t, dir, "overstay.yaml", "nats: {url: \"tls://n1,tls://n2\", login: {user: overstay, password: {file: good-token}}, replicas: 3, tls: {ca: cert.pem}}\n", 0o644)
	c, err := Load(filepath.Join(dir, "overstay.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default().NATS
	want.URL, want.Listen, want.Replicas, want.TLS.CA = "tls://n1,tls://n2", "", 3, filepath.Join(dir, "cert.pem")
	want.Login = &Credentials{User: "overstay", Password: secret.Reference{File: filepath.Join(dir, "good-token")}}
	if !reflect.DeepEqual(c.NATS, want) {
		t.Errorf("got  %+v\nwant %+v", c.NATS, want)
	}
}

func TestAnEmptyFileIsTheDefault(t *testing.T) {
	dir := folder(t)
	write(t, dir, "overstay.yaml", "# nothing\n", 0o644)
	got, err := Load(filepath.Join(dir, "overstay.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.File = filepath.Join(dir, "overstay.yaml")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if _, err := Load(filepath.Join(dir, "none.yaml")); err == nil || !strings.HasSuffix(err.Error(), "none.yaml: cannot be read: no such file or directory") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestMemory: a budget from the file, from the flag, and what is none.
func TestMemory(t *testing.T) {
	dir := folder(t)
	write(t, dir, "overstay.yaml", "memory: 2GiB\n", 0o644)
	c, err := Load(filepath.Join(dir, "overstay.yaml"))
	if err != nil || c.Memory != 2<<30 {
		t.Fatalf("%v, %v", c, err)
	}
	if err := c.Apply(Override{Memory: "1GiB"}); err != nil || c.Memory != 1<<30 {
		t.Errorf("the flag gives %s, %v", c.Memory, err)
	}
	var wrong *FlagError
	if err := c.Apply(Override{Memory: "1GB"}); !errors.As(err, &wrong) || wrong.Error() != `--memory: "1GB" is not a size` {
		t.Errorf("%v", err)
	}
	write(t, dir, "small.yaml", "# ours\nmemory: 1MiB\n", 0o644)
	if _, err := Load(filepath.Join(dir, "small.yaml")); err == nil || !strings.Contains(err.Error(), "small.yaml:2:9: memory: is 1MiB, not between 384MiB and 1TiB") {
		t.Errorf("%v", err)
	}
}
