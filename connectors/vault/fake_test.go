package vault_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors/vault"
)

// fake writes the files of a Vault, line for line in the shape of the real
// server's (../shared/samples/openbao): strings in data hashed with the device's
// salt, a request and a response a call, time in nanoseconds.
type fake struct {
	t       testing.TB
	dir     string
	now     time.Time
	calls   int
	devices []*device
	server  string // path of the server log
}

type device struct {
	name  string
	path  string
	salt  string
	clear bool // hmac_accessor=false
	off   bool
	raw   bool // log_raw=true
}

type tok struct{ accessor, secret, entity, name string }

type m = map[string]any

// api is one call.
type api struct {
	by        *tok
	op        string // default update
	path      string
	mountType string
	data      m
	auth      *tok // response.auth, with the fields of more
	more      m
	lease     string // response.secret.lease_id
	answer    m      // response.data
	wrap      *tok   // response.wrap_info
	wrapTTL   int
	err       string
	noAnswer  bool // the response is not written yet
	namespace m
	during    func() // what happens between request and response
}

func newFake(t testing.TB, devices ...string) *fake {
	dir := t.TempDir()
	v := &fake{t: t, dir: dir, now: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), server: filepath.Join(dir, "server.log")}
	if len(devices) == 0 {
		devices = []string{"file"}
	}
	for _, name := range devices {
		v.devices = append(v.devices, &device{name: name, path: filepath.Join(dir, name+".log"), salt: "salt of " + name})
	}
	return v
}

func (v *fake) config() vault.Config {
	cfg := vault.Config{Name: "prod", ServerLogs: []string{v.server}}
	for _, d := range v.devices {
		cfg.AuditFiles = append(cfg.AuditFiles, vault.AuditFile{Path: d.path, Device: d.name})
	}
	for _, path := range append(v.paths(), v.server) {
		v.write(path, "")
	}
	return cfg
}

func (v *fake) paths() (paths []string) {
	for _, d := range v.devices {
		paths = append(paths, d.path)
	}
	return paths
}

// at sets the clock, "12:00:05".
func (v *fake) at(clock string) {
	at, err := time.Parse("15:04:05", clock)
	if err != nil {
		v.t.Fatal(err)
	}
	v.now = time.Date(2026, 10, 1, at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}

func (v *fake) write(path, text string) {
	v.t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		v.t.Fatal(err)
	}
}

// log writes a line of the server log, a little after the last call began.
func (v *fake) log(format string, args ...any) {
	v.write(v.server, v.now.Add(time.Millisecond).Format("2006-01-02T15:04:05.000Z")+" "+fmt.Sprintf(format, args...)+"\n")
}

func (v *fake) revoked(lease string) { v.log("[INFO]  expiration: revoked lease: lease_id=%s", lease) }

func (v *fake) call(c api) {
	v.calls++
	if c.op == "" {
		c.op = "update"
	}
	id := fmt.Sprintf("call-%d", v.calls)
	v.lines("request", id, c)
	if c.during != nil {
		c.during()
	}
	v.now = v.now.Add(3 * time.Millisecond)
	if !c.noAnswer {
		v.lines("response", id, c)
	}
	v.now = v.now.Add(7 * time.Millisecond)
}

// respond writes the response that a call with noAnswer left out.
func (v *fake) respond(c api) {
	if c.op == "" {
		c.op = "update"
	}
	v.lines("response", fmt.Sprintf("call-%d", v.calls), c)
}

func (v *fake) lines(typ, id string, c api) {
	for i, d := range v.devices {
		if d.off {
			continue
		}
		rec := m{"time": v.now.Add(time.Duration(i) * 70 * time.Microsecond).Format(time.RFC3339Nano), "type": typ}
		rec["auth"] = d.auth(c.by, m{"token_issue_time": "2026-10-01T12:00:00Z", "token_ttl": 3600})
		req := m{"id": id, "operation": c.op, "path": c.path, "mount_type": c.mountType, "namespace": m{"id": "root"}}
		if c.namespace != nil {
			req["namespace"] = c.namespace
		}
		if c.by != nil {
			req["client_token_accessor"] = d.accessor(c.by.accessor)
		}
		if c.data != nil {
			req["data"] = d.hashAll(c.data)
		}
		rec["request"] = req
		if c.err != "" {
			rec["error"] = c.err
			rec["auth"] = m{"token_type": "default"}
		}
		if typ == "response" {
			rec["response"] = d.response(c)
		}
		line, err := json.Marshal(rec)
		if err != nil {
			v.t.Fatal(err)
		}
		v.write(d.path, string(line)+"\n")
	}
}

func (d *device) response(c api) m {
	resp := m{}
	if c.auth != nil {
		resp["auth"] = d.auth(c.auth, c.more)
	}
	if c.lease != "" {
		resp["secret"] = m{"lease_id": c.lease}
	}
	if c.answer != nil {
		resp["data"] = d.hashAll(c.answer)
	}
	if c.wrap != nil {
		resp["wrap_info"] = m{"ttl": c.wrapTTL, "token": d.hash(c.wrap.secret), "accessor": d.accessor(c.wrap.accessor), "creation_path": c.path}
	}
	return resp
}

func (d *device) auth(t *tok, more m) m {
	if t == nil {
		return m{"token_type": "default"}
	}
	a := m{"client_token": d.hash(t.secret), "display_name": t.name, "policies": []string{"app", "default"}}
	if t.accessor != "" {
		a["accessor"] = d.accessor(t.accessor)
	}
	if t.entity != "" {
		a["entity_id"] = t.entity
	}
	for k, x := range more {
		a[k] = x
	}
	return a
}

func (d *device) hash(s string) string {
	if d.raw {
		return s
	}
	h := hmac.New(sha256.New, []byte(d.salt))
	h.Write([]byte(s))
	return "hmac-sha256:" + hex.EncodeToString(h.Sum(nil))
}

func (d *device) accessor(s string) string {
	if d.clear {
		return s
	}
	return d.hash(s)
}

func (d *device) hashAll(x any) any {
	switch x := x.(type) {
	case string:
		return d.hash(x)
	case m:
		out := m{}
		for k, e := range x {
			out[k] = d.hashAll(e)
		}
		return out
	}
	return x
}

// The people of the stories.

func (v *fake) login(name string, ttl int) *tok {
	t := &tok{"acc-" + name, "hvs.SECRET-" + name, "e-" + name, "userpass-" + name}
	v.call(api{path: "auth/userpass/login/" + name, mountType: "userpass", auth: t, more: m{"token_ttl": ttl, "metadata": m{"username": name}}})
	return t
}

func (v *fake) child(of *tok, name, path string, data m, ttl int) *tok {
	t := &tok{"acc-" + name, "hvs.SECRET-" + name, of.entity, "token"}
	v.call(api{by: of, path: path, mountType: "token", data: data, auth: t, more: m{"token_ttl": ttl}})
	return t
}

func (v *fake) issue(by *tok, path, random string) string {
	lease := path + "/" + random
	v.call(api{by: by, op: "read", path: path, mountType: "database", lease: lease})
	return lease
}
