package config

import (
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// Vault is a HashiCorp Vault or OpenBao, read from its files.
type Vault struct {
	Audit      []VaultAudit
	ServerLogs []string // of all nodes
	Follow     bool
	Shipped    bool // the files are copies that arrive late
	Hash       *VaultHash
	MountTTL   map[string]time.Duration
	TicketKeys []string      // nil takes the connector's own
	Lag        time.Duration // how long another device's copy of a line is waited for; 0: the connector's own
}

// VaultAudit is one audit device, with the file that each node writes.
type VaultAudit struct {
	Device string // its path below sys/audit
	Paths  []string
}

// VaultHash is the one call that the connector may make: sys/audit-hash, which
// tells how an audit device writes an id that is known in clear.
type VaultHash struct {
	URL   string
	Token secret.Reference // to a file: the connector reads it at each call
	CA    string
}

func (l *loader) vault(c *Vault) strictyaml.Fields {
	c.Follow = true
	return strictyaml.Fields{
		"audit": strictyaml.List(&c.Audit, func(a *VaultAudit) strictyaml.Reader {
			a.Device = "file"
			return strictyaml.Object(strictyaml.Fields{
				"device": strictyaml.String(&a.Device, deviceName),
				"paths":  l.paths(&a.Paths),
			}).Then(func(v strictyaml.Value) { need(v, "paths") })
		}),
		"serverLogs": l.paths(&c.ServerLogs),
		"follow":     strictyaml.Bool(&c.Follow),
		"shipped":    strictyaml.Bool(&c.Shipped),
		"hash":       l.vaultHash(&c.Hash),
		"mountTTL": strictyaml.Map(func(mount string, _ strictyaml.Value) strictyaml.Reader {
			var ttl time.Duration
			return strictyaml.Duration(&ttl, time.Second, 3660*day).IfSound(func(strictyaml.Value) {
				if c.MountTTL == nil {
					c.MountTTL = map[string]time.Duration{}
				}
				c.MountTTL[mount] = ttl
			})
		}),
		"ticketKeys": strictyaml.Strings(&c.TicketKeys),
		"lag":        strictyaml.Duration(&c.Lag, time.Millisecond, time.Minute),
	}
}

// check: a file read twice would give every line a second copy of itself.
func (c *Vault) check(v strictyaml.Value) {
	lines := map[string]int{}
	once := func(list strictyaml.Value, paths []string) {
		for i, at := range list.Elements() {
			if line, twice := lines[paths[i]]; twice && paths[i] != "" {
				at.Report("", "is the same file as on line %d", line)
			}
			lines[paths[i]] = at.Line()
		}
	}
	if audit, ok := v.Key("audit"); ok {
		for i, device := range audit.Elements() {
			if paths, ok := device.Key("paths"); ok {
				once(paths, c.Audit[i].Paths)
			}
		}
	}
	if logs, ok := v.Key("serverLogs"); ok {
		once(logs, c.ServerLogs)
	}
}

var deviceForm = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$`)

func deviceName(s string) (message, hint string) {
	if !deviceForm.MatchString(s) {
		return fmt.Sprintf("is %q, which is not the path of an audit device", s), `as "vault audit list" shows it, without the slash at its end`
	}
	return "", ""
}

func (l *loader) vaultHash(into **VaultHash) strictyaml.Reader {
	var c VaultHash
	return strictyaml.Object(strictyaml.Fields{
		"url":   strictyaml.String(&c.URL, urlOf("a Vault", "https://vault.example.com:8200", "https", "http"), overTLS),
		"token": l.secret(&c.Token, anySecret),
		"ca":    l.authority(&c.CA),
	}).IfSound(func(v strictyaml.Value) {
		need(v, "url", "token")
		if c.Token.Env != "" {
			v.Report("use {file: …}", "the token is read anew at each call, and a variable cannot be rotated")
		}
		*into = &c
	})
}

// overTLS lets a token out of the machine over https only.
func overTLS(s string) (message, hint string) {
	u, err := url.Parse(s)
	if err == nil && u.Scheme == "http" && !loopback(withPort(u.Host)) {
		return "the token would cross the network in the clear", "use https://"
	}
	return "", ""
}
