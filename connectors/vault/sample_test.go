package vault_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/connectors/vault"
	"github.com/overstay/overstay/events"
)

// The real server's run 1, as lease-map.txt tells it.
const alice = "vault/prod/entity:952c932a-19d1-41ea-12e9-2ad3ce0d3ce0"

var run1 = []struct{ lease, who, subject, claimed, observed string }{
	{"pki/issue/short/K588w0T4b5GoKYfgooEGGVAX", "A, left to expire", alice, "", "expired"},
	{"pki/issue/long/yUsnfoAbGcOQPv48L0udLPnM", "B, revoked by body", alice, "revoked", "revoked"},
	{"pki/issue/long/KuBNH0tFMNHpWJ9wdT1H7s6n", "C, revoked by path", alice, "path", "path"},
	{"pki/issue/long/j0PtCZeUt2cPEW29LzQ2WXhR", "D, dies with its parent token", alice, "cascade", "cascade"},
	{"ssh/creds/otp/RnUFcPZ40Bv7PA0nYX3nUrag", "SSH OTP, dies with its parent token", alice, "cascade", "cascade"},
	{"pki/issue/long/7vJ9NI50pGtyIByr1KIxXMmX", "wrapped for alice, never opened", alice, "", "cascade"},
	{"pki/issue/long/8sU0J6b3ijmW02aLKlNzJjEX", "P, revoke-prefix", "", "prefix", "prefix"},
}

func run1Devices(t *testing.T) map[string][]vault.AuditFile {
	hashed := vault.AuditFile{Path: sample(t, "audit.log"), Device: "file"}
	clear := vault.AuditFile{Path: sample(t, "audit-hmac_accessor-false.log"), Device: "file-plainacc"}
	return map[string][]vault.AuditFile{
		"accessors hashed":   {hashed},
		"accessors in clear": {clear},
		"both devices":       {hashed, clear},
		"both, clear first":  {clear, hashed},
	}
}

func TestRun1EveryLeaseWithItsEnd(t *testing.T) {
	for name, files := range run1Devices(t) {
		t.Run(name, func(t *testing.T) {
			l := read(t, vault.Config{Name: "prod", AuditFiles: files, ServerLogs: []string{sample(t, "server.log")}}, nil)
			for _, want := range run1 {
				h := historyOf(l.evs, want.lease)
				t.Logf("%-24s claimed %-9q observed %-9q of %s", want.who, h.claimed, h.observed, h.subject)
				if h.issued != 1 {
					t.Errorf("%s: issued %d times", want.who, h.issued)
				}
				if want.subject != "" && h.subject != want.subject {
					t.Errorf("%s: belongs to %s, want %s", want.who, h.subject, want.subject)
				}
				if h.claimed != want.claimed || h.observed != want.observed {
					t.Errorf("%s: claimed %q and observed %q, want %q and %q", want.who, h.claimed, h.observed, want.claimed, want.observed)
				}
			}
			noDoubles(t, l.evs)
		})
	}
}

// Without a server log nothing is observed, expiry is silent, and the connector
// says so.
func TestRun1WithoutServerLog(t *testing.T) {
	l := read(t, vault.Config{Name: "prod", AuditFiles: run1Devices(t)["accessors hashed"]}, nil)
	for _, want := range run1 {
		if want.claimed == "" && strings.HasPrefix(want.who, "wrapped") {
			continue // nobody can know its id
		}
		h := historyOf(l.evs, want.lease)
		if h.issued != 1 || h.claimed != want.claimed || h.observed != "" {
			t.Errorf("%s: %+v, want it issued, claimed %q and never observed", want.who, h, want.claimed)
		}
	}
	for _, ev := range l.evs {
		if r, ok := ev.Data.(*events.Resumed); ok && r.Capabilities.EndReporting[events.KindLease] != events.EndsSometimes {
			t.Errorf("it promises %q ends of leases", r.Capabilities.EndReporting[events.KindLease])
		}
	}
}

// Disabling alice's entity is said, and ends nothing; the call that is refused to
// her afterwards is no event.
func TestRun1DisabledEntityKeepsItsLeases(t *testing.T) {
	l := read(t, vault.Config{Name: "prod", AuditFiles: run1Devices(t)["both devices"], ServerLogs: []string{sample(t, "server.log")}}, nil)
	var between []string
	for _, ev := range l.evs {
		if ev.Type == events.AccountDisabled || len(between) > 0 {
			between = append(between, ev.Type.Short())
		}
		if ev.Type == events.AccountEnabled {
			break
		}
	}
	want := []string{"directory.account-disabled", "lease.renewed", "directory.account-enabled"} // the lookup of D
	if !slices.Equal(between, want) {
		t.Errorf("between disabling and enabling: %q, want %q", between, want)
	}
}

type history struct {
	issued            int
	subject           string
	claimed, observed string
}

func historyOf(evs []events.Event, id string) (h history) {
	for _, ev := range evs {
		d, ok := ev.Data.(*events.Lease)
		if !ok || d.LeaseID != id {
			continue
		}
		switch {
		case ev.Type == events.LeaseIssued:
			h.issued++
			h.subject = string(ev.Subject)
		case d.End != nil && d.End.Basis == events.EndClaimed:
			h.claimed += string(d.End.Cause)
		case d.End != nil:
			h.observed += string(d.End.Cause)
		}
	}
	return h
}

func noDoubles(t *testing.T, evs []events.Event) {
	t.Helper()
	ids, issued := map[string]bool{}, map[string]bool{}
	for _, ev := range evs {
		if ids[ev.ID] {
			t.Errorf("event id %q twice", ev.ID)
		}
		ids[ev.ID] = true
		if d, ok := ev.Data.(*events.Lease); ok && ev.Type == events.LeaseIssued {
			if issued[d.LeaseID] {
				t.Errorf("%s is issued twice", d.LeaseID)
			}
			issued[d.LeaseID] = true
		}
	}
}
