package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// The systems of the company, as their connectors name them.
const (
	teleport = "teleport://prod"
	vault    = "vault://prod"
	ldap     = "ldap://corp"
)

var sources = []string{teleport, vault, ldap}

// rights is how many rights people ask for; each has a name in all three systems.
const rights = 20

// serviceAccount is the account with very many leases.
const serviceAccount events.ID = "vault/prod/approle:deployer"

// company is who may do what. Few people ask for most, and few rights are asked for
// most, as everywhere.
type company struct {
	rng       *rand.Rand
	people    *rand.Zipf
	workloads *rand.Zipf
	asked     *rand.Zipf
}

func newCompany(seed uint64, people int) *company {
	rng := rand.New(rand.NewPCG(seed, 1))
	return &company{
		rng:       rng,
		people:    rand.NewZipf(rng, 1.1, float64(max(people/50, 10)), uint64(max(people, 2)-1)),
		workloads: rand.NewZipf(rng, 1.1, float64(max(people/500, 5)), uint64(max(people/10, 2)-1)),
		asked:     rand.NewZipf(rng, 1.2, 2, rights-1),
	}
}

// person is an id of somebody, in the realm of a system.
func person(source string, n uint64) events.ID {
	realm := map[string]string{teleport: "teleport/prod/user", vault: "vault/prod/userpass", ldap: "ldap/corp/uid"}[source]
	return events.NewID(realm, fmt.Sprintf("person%06d", n))
}

func workload(n uint64) events.ID {
	return events.NewID("vault/prod/approle", fmt.Sprintf("job%05d", n))
}

// scopeOf is a right as a system names it.
func scopeOf(source string, right uint64) events.Scope {
	switch source {
	case teleport:
		return events.Scope{System: "teleport/prod", Resource: fmt.Sprintf("db-%02d", right), Role: fmt.Sprintf("right%02d-dba", right)}
	case vault:
		return events.Scope{System: "vault/prod", Resource: "database", Role: fmt.Sprintf("database/creds/right%02d-rw", right)}
	}
	return events.Scope{System: "ldap/corp", Role: fmt.Sprintf("cn=right%02d-dba,ou=groups,dc=corp", right)}
}

// policyText says which names are one person and which are one right.
func policyText() string {
	var b strings.Builder
	b.WriteString("identity:\n  joins:\n    - realms: [teleport/prod/user, vault/prod/userpass, ldap/corp/uid]\nentitlements:\n")
	for i := range rights {
		fmt.Fprintf(&b, "  right%02d:\n    members:\n", i)
		fmt.Fprintf(&b, "      - {system: teleport/prod, role: right%02d-dba}\n", i)
		fmt.Fprintf(&b, "      - {system: vault/prod, role: \"database/creds/right%02d-*\"}\n", i)
		fmt.Fprintf(&b, "      - {system: ldap/corp, role: \"cn=right%02d-dba,*\"}\n", i)
	}
	return b.String()
}

func policyApplied(at time.Time) (events.Event, error) {
	text := policyText()
	sum := sha256.Sum256([]byte(text))
	return events.New(events.PolicyApplied, "overstay://engine", "policy", at, "", &events.Policy{YAML: text, Hash: hex.EncodeToString(sum[:]), By: "configuration"})
}

// resumed is how a connector begins.
func resumed(source string, at time.Time) (events.Event, error) {
	return events.New(events.SourceResumed, source, "resumed", at, "", &events.Resumed{
		Coverage: at, Connector: "bench", Capabilities: events.Capabilities{Progress: true, Every: events.Duration(time.Minute)},
	})
}

// tick moves log time. Its boot is that of the load: when an engine ticks on, that is
// a restart.
func tick(at, begin time.Time) (events.Event, error) {
	return events.New(events.ClockTick, "overstay://clock", "load-"+at.Format(time.RFC3339Nano), at, "",
		&events.Tick{Wall: at, Boot: "load", Monotonic: events.Duration(at.Sub(begin))})
}
