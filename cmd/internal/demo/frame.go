package demo

import (
	"fmt"
	"strings"
)

// opening says what is going to be seen.
func (p *printer) opening() error {
	policy, err := fixtures.ReadFile("fixtures/" + policyFile)
	if err != nil {
		return fmt.Errorf("read the demo's policy: %w", err)
	}
	p.print(p.paint(bold, "Did access really end when its approval ended?") + `

Three systems say who may use the orders database: Teleport approves and opens
sessions, Vault leases passwords, LDAP keeps a group. A policy says which of
their names are one person, and which are one right:

`)
	for line := range strings.Lines(string(policy)) {
		if strings.HasPrefix(line, "sources:") || strings.HasPrefix(line, "# How long") {
			break
		}
		if !strings.HasPrefix(line, "#") {
			p.print("    " + p.paint(cyan, strings.TrimSuffix(line, "\n")) + "\n")
		}
	}
	p.print(`
The real program runs on it now: NATS, the correlator, and the connectors that
read the logs as they grow. (The directory's events come from a file, as there
is no OpenLDAP server here.) Only the clock is not real.

`)
	return nil
}

// summary says what was seen, and where it would be found.
func (p *printer) summary() {
	c := p.counts
	p.print("\n" + p.paint(bold, "What a SIEM has received") + fmt.Sprintf(`, as OCSF Detection Findings in CloudEvents:
  %d alerts confirmed, %d of them resolved; %d only suspected, and %d retracted.
  %d chains of access sealed, %d closed unproven. Nothing about bob, who has
  always been in the group, and nothing about what ended in time.
  Subjects: overstay.alerts.<severity>.<rule>.<id>.<revision>, overstay.sealed.>
`, c.raised, c.resolved, c.provisional, c.retracted, c.sealed, c.unproven))
	p.print("\n" + p.paint(bold, "See it live") + `: the same morning, moved to the last hour, on a server of your own.
`)
	for _, line := range []struct{ command, gives string }{
		{"overstay demo --keep demo", "leaves logs, policy and events"},
		{"overstay serve --config demo/overstay.yaml", "judges what it is sent"},
		{"overstay alerts --follow", "or: nats sub 'overstay.alerts.>'"},
		{"overstay emit demo/events.jsonl", "three alerts after five seconds"},
		{"overstay emit demo/late.jsonl", "one of them is retracted"},
	} {
		p.print("  " + p.paint(cyan, fmt.Sprintf("%-43s", line.command)) + " " + p.paint(dim, line.gives) + "\n")
	}
}
