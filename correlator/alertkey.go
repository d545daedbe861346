package correlator

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/overstay/overstay/events"
)

// keySep joins the parts of a ledger key.
const keySep = "\x02"

// alertParts is what an alert is about; its id is derived from nothing else.
type alertParts struct {
	Rule     RuleID
	Approval approvalKey
	Source   string
	Access   accessKey
	Account  events.ID
	// History: what was still open when a source with a past was first read is
	// one alert per source and rule.
	History bool
}

func (p alertParts) key() string {
	history := ""
	if p.History {
		history = "history"
	}
	return strings.Join([]string{string(p.Rule), string(p.Approval), p.Source, string(p.Access), string(p.Account), history}, keySep)
}

func partsOf(key string) alertParts {
	f := strings.SplitN(key, keySep, 6)
	for len(f) < 6 {
		f = append(f, "")
	}
	return alertParts{RuleID(f[0]), approvalKey(f[1]), f[2], accessKey(f[3]), events.ID(f[4]), f[5] != ""}
}

// alertID is 32 hex digits made from what the alert is about: the same incident
// has the same id in every replay.
func alertID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// partsFor says which alert a finding belongs to.
func (s *step) partsFor(f *Finding, j judged) alertParts {
	p := alertParts{Rule: f.Rule, Approval: f.Approval, Source: j.source, Account: f.Account}
	if f.PerAccess {
		p.Access = j.access
	}
	if r := s.source(p.Source); j.owner[:1] != ownSource && r != nil && r.History != 0 && f.Due <= r.History {
		return alertParts{Rule: f.Rule, Source: p.Source, History: true}
	}
	return p
}
