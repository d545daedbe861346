package vault_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// story checks what is told of the files that were written. Hashes are left out
// of a story: accessors are in clear there unless it is about them.
func story(t *testing.T, v *fake, want string) {
	t.Helper()
	l := read(t, v.config(), nil)
	compareStory(t, tell(l.evs), want)
	if len(l.skips) > 0 {
		t.Errorf("skipped %q", l.skips)
	}
	noDoubles(t, l.evs)
}

func compareStory(t *testing.T, got, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if want = strings.Join(lines, "\n"); strings.TrimSpace(got) != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func clearFake(t *testing.T) *fake {
	v := newFake(t)
	v.devices[0].clear = true
	return v
}

// A renewal counts from its own line and may shorten; a refused one changes
// nothing, and later lines go on to state the TTL of the creation.
func TestRenewArithmetic(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	v.at("12:10:00")
	v.call(api{by: alice, path: "auth/token/renew-self", mountType: "token", auth: alice, more: m{"token_ttl": 60}})
	v.call(api{by: alice, path: "auth/token/renew-self", mountType: "token", err: "1 error occurred:\n\t* invalid request\n\n"})
	v.at("12:10:30")
	v.call(api{by: alice, op: "read", path: "secret/data/app", mountType: "kv"})
	story(t, v, `
		12:00:00.003 lease.issued token:acc-alice [vault/prod auth/userpass as app] expires exact 13:00:00.003 of vault/prod/entity:e-alice alias vault/prod/userpass:alice
		12:10:00.003 lease.renewed token:acc-alice expires exact 12:11:00.003 of vault/prod/entity:e-alice
		12:10:00.003 access.used token:acc-alice of vault/prod/entity:e-alice`)
}

// The wrapped lease belongs to alice, who asked, although a token without an
// identity opened it.
func TestWrappedForAliceOpenedByNobodyKnown(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	wrapping := &tok{"acc-wrap", "hvs.SECRET-wrap", "", ""}
	v.call(api{by: alice, op: "read", path: "database/creds/ro", mountType: "database", wrap: wrapping, wrapTTL: 60})
	v.at("12:00:20")
	v.call(api{by: wrapping, path: "sys/wrapping/unwrap", mountType: "system", lease: "database/creds/ro/L1"})
	story(t, v, `
		12:00:00.003 lease.issued token:acc-alice [vault/prod auth/userpass as app] expires exact 13:00:00.003 of vault/prod/entity:e-alice alias vault/prod/userpass:alice
		12:00:00.013 lease.issued token:acc-wrap [vault/prod database as database/creds/ro] expires exact 12:01:00.013 derived token:acc-alice of vault/prod/entity:e-alice
		12:00:00.013 access.used token:acc-alice of vault/prod/entity:e-alice
		12:00:20.003 lease.revoked token:acc-wrap end observed closed of vault/prod/entity:e-alice
		12:00:00.013 lease.issued database/creds/ro/L1 [vault/prod database as database/creds/ro] expires unknown cascade token:acc-alice reissue token:acc-wrap of vault/prod/entity:e-alice`)
}

// Bob opens what alice asked for, with his own token and hers in the body: it
// stays hers, and he is the actor.
func TestWrappedForAliceOpenedByBob(t *testing.T) {
	v := clearFake(t)
	alice, bob := v.login("alice", 3600), v.login("bob", 3600)
	wrapping := &tok{"acc-wrap", "hvs.SECRET-wrap", "", ""}
	v.call(api{by: alice, op: "read", path: "database/creds/ro", mountType: "database", wrap: wrapping, wrapTTL: 60})
	v.call(api{by: bob, path: "sys/wrapping/unwrap", mountType: "system", data: m{"token": wrapping.secret}, lease: "database/creds/ro/L1"})
	l := read(t, v.config(), nil)
	want := "lease.issued database/creds/ro/L1 [vault/prod database as database/creds/ro] expires unknown cascade token:acc-alice reissue token:acc-wrap of vault/prod/entity:e-alice by vault/prod/entity:e-bob"
	if got := tell(l.evs); !strings.Contains(got, want) {
		t.Errorf("told\n%s\nwithout\n%s", got, want)
	}
}

// A parent's death takes its child and their leases, and neither the orphan nor
// the batch token of a login.
func TestCascadeSparesOrphans(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	child := v.child(alice, "child", "auth/token/create", nil, 600)
	v.child(alice, "orphan", "auth/token/create", m{"no_parent": true}, 600)
	lease := v.issue(child, "database/creds/ro", "L1")
	v.at("12:01:00")
	v.call(api{by: alice, path: "auth/token/revoke-self", mountType: "token", during: func() {
		v.revoked("auth/userpass/login/alice/h" + strings.Repeat("ab", 32))
		v.revoked(lease)
	}})
	l := read(t, v.config(), nil)
	_, after, _ := strings.Cut(tell(l.evs), "12:01:00")
	compareStory(t, "12:01:00"+after, `
		12:01:00.003 lease.revoked token:acc-alice end claimed revoked of vault/prod/entity:e-alice by vault/prod/entity:e-alice
		12:01:00.003 lease.revoked token:acc-child end claimed cascade of vault/prod/entity:e-alice by vault/prod/entity:e-alice
		12:01:00.003 lease.revoked database/creds/ro/L1 end claimed cascade of vault/prod/entity:e-alice by vault/prod/entity:e-alice
		12:01:00.001 lease.revoked token:acc-alice end observed revoked of vault/prod/entity:e-alice by vault/prod/entity:e-alice
		12:01:00.001 lease.revoked token:acc-child end observed cascade of vault/prod/entity:e-alice by vault/prod/entity:e-alice
		12:01:00.001 lease.revoked database/creds/ro/L1 end observed cascade of vault/prod/entity:e-alice by vault/prod/entity:e-alice`)
}

// revoke-force forgets the lease whatever the backend says. The server's line
// about it is no evidence.
func TestForcedRevokeStaysClaimed(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	lease := v.issue(alice, "database/creds/ro", "L1")
	v.at("12:05:00")
	v.call(api{by: alice, path: "sys/leases/revoke-force/database/creds", mountType: "system", during: func() {
		v.log(`[WARN]  expiration: revocation from the backend failed, but in force mode so ignoring: error="connection refused"`)
		v.revoked(lease)
	}})
	h := historyOf(read(t, v.config(), nil).evs, lease)
	if h.claimed != "force" || h.observed != "" {
		t.Errorf("%+v, want a claimed end by force and nothing observed", h)
	}
}

// Two bobs are logged in over one path. One token runs out, the other was renewed:
// the server's line can only mean the first. When both have a reason to be gone
// and one line came, nobody is said to be gone.
func TestTokenOfTheServerLogByElimination(t *testing.T) {
	hidden := "auth/userpass/login/bob/h" + strings.Repeat("cd", 32)
	one := func(v *fake, accessor string, ttl int) *tok {
		b := &tok{accessor, "hvs.SECRET-" + accessor, "e-bob", "userpass-bob"}
		v.call(api{path: "auth/userpass/login/bob", mountType: "userpass", auth: b, more: m{"token_ttl": ttl}})
		return b
	}
	v := clearFake(t)
	one(v, "b1", 60)
	one(v, "b2", 3600)
	v.at("12:01:05")
	v.revoked(hidden)
	evs := read(t, v.config(), nil).evs
	if h := historyOf(evs, "token:b1"); h.observed != "expired" {
		t.Errorf("b1: %+v, want it seen to have expired", h)
	}
	if h := historyOf(evs, "token:b2"); h.observed+h.claimed != "" {
		t.Errorf("b2: %+v, want it alive", h)
	}

	v = clearFake(t)
	one(v, "b1", 60)
	one(v, "b2", 60)
	v.at("12:01:05")
	v.revoked(hidden)
	evs = read(t, v.config(), nil).evs
	if h := historyOf(evs, "token:b1"); h.observed+h.claimed != "" {
		t.Errorf("b1: %+v, want nothing said: it may have been b2", h)
	}
	v.revoked(hidden)
	evs = read(t, v.config(), nil).evs
	for _, id := range []string{"token:b1", "token:b2"} {
		if h := historyOf(evs, id); h.observed != "expired" {
			t.Errorf("%s: %+v, want both seen to have expired after the second line", id, h)
		}
	}
}

// Revoked by a hashed id that nothing resolves: the server log's line that falls
// into the call has the id in clear.
func TestHashedRevokeMatchedByTheServerLog(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	one, two := v.issue(alice, "database/creds/ro", "L1"), v.issue(alice, "database/creds/ro", "L2")
	v.at("12:05:00")
	v.call(api{by: alice, path: "sys/leases/revoke", mountType: "system", data: m{"lease_id": one, "sync": true}, during: func() { v.revoked(one) }})
	l := read(t, v.config(), nil)
	if h := historyOf(l.evs, one); h.observed != "revoked" {
		t.Errorf("the revoked lease: %+v", h)
	}
	if h := historyOf(l.evs, two); h.observed+h.claimed != "" {
		t.Errorf("the other lease: %+v, want it alive", h)
	}
	if len(l.skips) != 1 || !strings.HasPrefix(l.skips[0], "unmatched") {
		t.Errorf("skips %q, want the revocation reported as unmatched", l.skips)
	}
}

// The same without a server log, and with the right to ask for hashes.
func TestHashedIDsThroughAuditHash(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	one, two := v.issue(alice, "database/creds/ro", "L1"), v.issue(alice, "database/creds/ro", "L2")
	v.call(api{by: alice, path: "sys/leases/revoke", mountType: "system", data: m{"lease_id": one}})
	v.call(api{by: alice, path: "auth/token/revoke-accessor", mountType: "token", data: m{"accessor": alice.accessor}})

	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		var body struct{ Input string }
		if r.URL.Path != "/v1/sys/audit-hash/file" || r.Header.Get("X-Vault-Token") != "hvs.of-the-connector" || json.NewDecoder(r.Body).Decode(&body) != nil {
			http.Error(w, "denied", http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(m{"hash": v.devices[0].hash(body.Input)})
	}))
	defer srv.Close()
	cfg := v.config()
	cfg.ServerLogs, cfg.Address, cfg.TokenFile = nil, srv.URL, filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(cfg.TokenFile, []byte("hvs.of-the-connector\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := read(t, cfg, nil)
	for id, cause := range map[string]string{one: "revoked", two: "cascade", "token:acc-alice": "revoked"} {
		if h := historyOf(l.evs, id); h.claimed != cause {
			t.Errorf("%s: %+v, want it claimed %s", id, h, cause)
		}
	}
	if len(l.skips) > 0 || calls > 3 {
		t.Errorf("%d calls, skips %q; want one call for each candidate at most", calls, l.skips)
	}

	cfg.TokenFile = filepath.Join(t.TempDir(), "missing")
	if l := read(t, cfg, nil); !strings.Contains(fmt.Sprint(l.skips), "audit-hash file.log") {
		t.Errorf("skips %q, want the failure reported", l.skips)
	}
}

// The device is re-enabled and has a new salt: the old token is found again under
// its new hash, and its revocation with it.
func TestSaltChanges(t *testing.T) {
	v := newFake(t)
	admin, alice := v.login("admin", 36000), v.login("alice", 3600)
	lease := v.issue(alice, "database/creds/ro", "L1")
	v.at("12:05:00")
	v.devices[0].salt = "another"
	v.call(api{by: admin, path: "sys/audit/file", mountType: "system"})
	v.call(api{by: alice, op: "read", path: "secret/data/app", mountType: "kv"})
	v.call(api{by: admin, path: "auth/token/revoke-accessor", mountType: "token", data: m{"accessor": alice.accessor}})
	l := read(t, v.config(), nil)
	noDoubles(t, l.evs)
	if h := historyOf(l.evs, lease); h.claimed != "cascade" {
		t.Errorf("the lease: %+v, want it ended with its token; told\n%s", h, tell(l.evs))
	}
}

// Revocation fails at the backend again and again until the server gives up.
func TestIrrevocable(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	lease := v.issue(alice, "database/creds/ro", "L1")
	v.at("12:30:00")
	v.log(`[ERROR] expiration: failed to revoke lease: lease_id=%s error="failed to connect to postgres://vault:hunter2@db:5432: refused" attempts=1`, lease)
	v.log(`[TRACE] expiration: failed to revoke lease, marking lease as irrevocable: lease_id=%s error="out of retries"`, lease)
	got := tell(read(t, v.config(), nil).evs)
	for _, want := range []string{
		`lease.revocation-failed database/creds/ro/L1 error "failed to connect to postgres://db:5432: refused" final false of vault/prod/entity:e-alice`,
		`lease.revocation-failed database/creds/ro/L1 error "out of retries" final true of vault/prod/entity:e-alice`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("told\n%s\nwithout\n%s", got, want)
		}
	}
}

// A claimed end and then a sign of life: the call is said at once, however short
// after the last one.
func TestAliveAfterAClaimedEnd(t *testing.T) {
	v := clearFake(t)
	alice := v.login("alice", 3600)
	v.call(api{by: alice, op: "read", path: "secret/data/app", mountType: "kv"})
	v.call(api{by: alice, op: "read", path: "secret/data/app", mountType: "kv"})
	v.call(api{by: alice, path: "auth/token/revoke-self", mountType: "token"})
	v.call(api{by: alice, op: "read", path: "secret/data/app", mountType: "kv"})
	l := read(t, v.config(), nil)
	if n := strings.Count(tell(l.evs), "access.used"); n != 2 {
		t.Errorf("used was said %d times, want once before and once after the claim:\n%s", n, tell(l.evs))
	}
}

// Identity: what is in clear is said, what is hashed is counted.
func TestIdentity(t *testing.T) {
	v := clearFake(t)
	admin := v.login("admin", 36000)
	v.at("12:05:00")
	v.call(api{by: admin, path: "identity/entity/id/e-alice", mountType: "identity", data: m{"disabled": true}})
	v.call(api{by: admin, op: "delete", path: "identity/entity/name/alice", mountType: "identity"})
	v.call(api{by: admin, op: "delete", path: "auth/userpass/users/alice", mountType: "userpass"})
	v.call(api{by: admin, path: "identity/group", mountType: "identity", data: m{"name": "ops", "member_entity_ids": []any{"e-alice"}}})
	l := read(t, v.config(), nil)
	_, after, _ := strings.Cut(tell(l.evs), "12:05")
	compareStory(t, "12:05"+after, `
		12:05:00.003 directory.account-disabled of vault/prod/entity:e-alice by vault/prod/entity:e-admin
		12:05:00.003 access.used token:acc-admin of vault/prod/entity:e-admin
		12:05:00.013 directory.account-deleted of vault/prod/entity-name:alice by vault/prod/entity:e-admin
		12:05:00.023 directory.account-deleted of vault/prod/userpass:alice by vault/prod/entity:e-admin`)
	if len(l.skips) != 1 || !strings.HasPrefix(l.skips[0], "hashed file.log:10") {
		t.Errorf("skips %q, want the group change", l.skips)
	}
}

// A child namespace: scopes carry its path, lease ids its id.
func TestNamespace(t *testing.T) {
	v := clearFake(t)
	team := m{"id": "Xy12", "path": "team/"}
	alice := &tok{"acc-alice.Xy12", "hvs.SECRET", "e-alice", "userpass-alice"}
	v.call(api{path: "auth/userpass/login/alice", mountType: "userpass", auth: alice, more: m{"token_ttl": 3600}, namespace: team})
	v.call(api{by: alice, op: "read", path: "database/creds/ro", mountType: "database", lease: "database/creds/ro/L1.Xy12", namespace: team})
	v.at("12:20:00")
	v.call(api{by: alice, path: "sys/leases/revoke-prefix/database/creds", mountType: "system", namespace: m{"id": "root"}})
	v.revoked("database/creds/ro/L1.Xy12")
	got := tell(read(t, v.config(), nil).evs)
	for _, want := range []string{
		"[vault/prod team/auth/userpass as app]", "alias vault/prod/team/userpass:alice",
		"lease.issued database/creds/ro/L1.Xy12 [vault/prod team/database as team/database/creds/ro]",
		"lease.expired database/creds/ro/L1.Xy12 end observed expired", // not by the root's prefix
	} {
		if !strings.Contains(got, want) {
			t.Errorf("told\n%s\nwithout %s", got, want)
		}
	}
}
