package vault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/connectors/tail"
	"github.com/overstay/overstay/events"
)

// Config says what is read.
type Config struct {
	// Name tells this Vault from others: "prod" makes the URI "vault://prod" and
	// the system "vault/prod". Lower-case letters, digits and ". _ -".
	Name string
	// AuditFiles are the file audit devices of all nodes. The first device's
	// accessors name the tokens.
	AuditFiles []AuditFile
	// ServerLogs are the servers' own logs, of all nodes, in text or JSON. Without
	// them expiry and cascades are not seen.
	ServerLogs []string
	// Follow: wait for more lines. False: end at the end of the files.
	Follow bool
	// Shipped: the files are copies that arrive later than they are written
	// (rsync, a log shipper). Progress then goes by the newest line alone, and
	// stands still while Vault is quiet.
	Shipped bool
	// Address and TokenFile, both or neither, allow calls of sys/audit-hash, by
	// which hashed ids are resolved.
	Address   string
	TokenFile string
	Client    *http.Client // default: one that follows no redirects
	// MountTTL is the maximum lease TTL by mount ("database"), as an upper bound
	// for leases whose end no line states.
	MountTTL map[string]time.Duration
	// TicketKeys are the keys of token metadata that hold an approval's id;
	// default ticket, approval, approval_id, change.
	TicketKeys []string
	// StateDir takes the state once it is too large for a cursor. Without it the
	// connector stops there and says so.
	StateDir string
	Poll     time.Duration // default 200 ms
	// Lag is how long another device's copy of a line is waited for; default 2 s.
	Lag time.Duration
	// Clock and Wait are for tests; default the real ones.
	Clock func() time.Time
	Wait  func(context.Context, time.Duration) error
}

// AuditFile is the file of one audit device on one node.
type AuditFile struct {
	Path string
	// Device is the device's path, as `vault audit list` shows it; default
	// "file". Files of one device share their hashes.
	Device string
}

func (c *Config) setDefaults() {
	c.AuditFiles = slices.Clone(c.AuditFiles)
	for i := range c.AuditFiles {
		d := strings.TrimSuffix(c.AuditFiles[i].Device, "/")
		if d == "" {
			d = "file"
		}
		c.AuditFiles[i].Device = d
	}
	if c.TicketKeys == nil {
		c.TicketKeys = []string{"ticket", "approval", "approval_id", "change"}
	}
	if c.Poll <= 0 {
		c.Poll = 200 * time.Millisecond
	}
	if c.Lag <= 0 {
		c.Lag = 2 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Wait == nil {
		c.Wait = tail.Sleep
	}
	if c.Client == nil {
		c.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
}

// validate reports everything that is wrong at once.
func (c *Config) validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Name == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
		fail("name %q must be lower-case letters, digits and . _ -", c.Name)
	}
	if len(c.AuditFiles) == 0 {
		fail("no audit file is configured")
	}
	seen := map[string]bool{}
	for _, path := range c.paths() {
		switch {
		case path == "":
			fail("a file has no path")
		case seen[path]:
			fail("file %s is configured twice", path)
		}
		seen[path] = true
	}
	if (c.Address == "") != (c.TokenFile == "") {
		fail("address and token file go together: both or neither")
	}
	if c.Address != "" {
		if err := checkAddress(c.Address); err != nil {
			errs = append(errs, err)
		}
	}
	for mount, ttl := range c.MountTTL {
		if ttl <= 0 || ttl > maxTTL*time.Second/2 {
			fail("the maximum TTL of mount %q is %s", mount, ttl)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("configuring the Vault connector: %w", err)
	}
	return nil
}

// checkAddress refuses to send a token in clear over a network.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("address is not a URL such as https://vault.example.com:8200")
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return fmt.Errorf("address %s://%s: the token goes over https only, except on loopback", u.Scheme, u.Host)
	}
	return nil
}

func (c *Config) paths() []string {
	var paths []string
	for _, f := range c.AuditFiles {
		paths = append(paths, f.Path)
	}
	return append(paths, c.ServerLogs...)
}

// devices lists the audit devices in order of configuration.
func (c *Config) devices() []string {
	var names []string
	for _, f := range c.AuditFiles {
		if !slices.Contains(names, f.Device) {
			names = append(names, f.Device)
		}
	}
	return names
}

func (c *Config) uri() string               { return "vault://" + c.Name }
func (c *Config) system() string            { return "vault/" + c.Name }
func (c *Config) realm(name string) string  { return c.system() + "/" + name }
func (c *Config) authRealm(m string) string { return c.realm(realmWord(strings.Trim(m, "/"))) }

// realmWord makes a mount's path fit for a realm's name.
func realmWord(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-/", r) {
			return r
		}
		return '-'
	}, strings.ToLower(s))
}

// capabilities is what the connector promises about itself.
func (c *Config) capabilities() events.Capabilities {
	ends := events.EndsSometimes
	if len(c.ServerLogs) > 0 {
		ends = events.EndsAlways
	}
	return events.Capabilities{
		EndReporting: map[events.AccessKind]events.EndReporting{events.KindLease: ends},
		Progress:     c.Follow,
		Every:        events.Duration(progressEvery),
		Realms: []events.Realm{
			{Name: c.realm("entity"), Immutable: true},
			{Name: c.realm("entity-name"), Rank: 2},
			{Name: c.realm("accessor"), Rank: 1},
		},
	}
}
