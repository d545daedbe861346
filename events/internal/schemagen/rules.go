package main

import "github.com/overstay/overstay/events"

const (
	// Text has no control characters, and a time lies in the years that
	// validation allows.
	textPattern     = `^[^\x00-\x1f\x7f-\x9f]*$`
	timePattern     = `^(199[0-9]|2[01][0-9]{2}|2200)-`
	durationPattern = `^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`
	hashPattern     = `^[0-9a-f]{64}$`
	toldIDPattern   = `^[0-9a-f]{32}$`
	realmPattern    = `^[a-z0-9._/-]+$`

	maxExact = 1<<53 - 1 // what a JSON number holds for every reader
)

// rules say about a member, by "Struct.member", what its Go type does not.
var rules = map[string]func(*schema){
	"Meta.rawSha256":       hash,
	"SnapshotEnd.hash":     hash,
	"Policy.hash":          hash,
	"Policy.yaml":          func(s *schema) { s.Pattern, s.MinLength, s.MaxLength = "", 0, events.MaxPolicy },
	"Realm.name":           func(s *schema) { s.Pattern = realmPattern },
	"Realm.rank":           func(s *schema) { *s.Minimum, *s.Maximum = -1000, 1000 },
	"Epoch.epoch":          func(s *schema) { *s.Minimum = 1 },
	"ToldAlert.id":         toldID,
	"ToldAlert.revision":   func(s *schema) { *s.Minimum = 1 },
	"ToldAlert.state":      words("raised", "updated", "resolved", "retracted"),
	"ToldAlert.severity":   words("informational", "low", "medium", "high", "critical"),
	"ToldSeal.id":          toldID,
	"ToldSeal.revision":    func(s *schema) { *s.Minimum = 1 },
	"Told.alerts":          atMost(events.MaxTold),
	"Told.seals":           atMost(events.MaxTold),
	"Vote.decision":        words("approved", "denied"),
	"Probe.result":         words("alive", "refused", "inconclusive"),
	"Membership.state":     words("active", "eligible"),
	"TimeQuality.zone":     words("stated", "assumed"),
	"SnapshotItem.id":      func(s *schema) { s.MinLength = 0 },
	"Meta.aliases":         atMost(events.MaxAliases),
	"SnapshotItem.aliases": atMost(events.MaxAliases),
	"Approval.consumers":   atMost(events.MaxConsumers),
	"Approval.approvers":   atMost(events.MaxVotes),
	"Approval.scopes":      atMost(events.MaxScopes),
	"Session.approvals":    atMost(events.MaxRefs),
	"Session.parents":      atMost(events.MaxParents),
	"Lease.approvals":      atMost(events.MaxRefs),
	"Lease.parents":        atMost(events.MaxParents),
	"Membership.approvals": atMost(events.MaxRefs),
	"SnapshotPart.items":   atMost(events.MaxItems),
	"Capabilities.realms":  atMost(64),
}

func hash(s *schema) { s.Pattern, s.MinLength, s.MaxLength = hashPattern, 0, 0 }

func toldID(s *schema) { s.Pattern, s.MinLength, s.MaxLength = toldIDPattern, 0, 0 }

func words(list ...string) func(*schema) {
	return func(s *schema) { s.Enum, s.Pattern, s.MinLength, s.MaxLength = list, "", 0, 0 }
}

func atMost(n int) func(*schema) {
	return func(s *schema) { s.MaxItems = n }
}

// wordLists name the constants of members that are plain strings in Go.
var wordLists = map[string]string{"Observation.what": "Observed"}

// mayBeMissing are members that Go writes always and that nobody else must.
var mayBeMissing = map[string]bool{"SnapshotItem.id": true}

// required are members that only some types of a struct need.
var required = map[events.Type]string{
	events.SessionStarted:     "scope",
	events.LeaseIssued:        "scope",
	events.ApprovalExtended:   "window",
	events.OperatorSuppressed: "until",
}

// across are rules between the members of one struct.
var across = map[string]func(*schema){
	"Expiry": func(s *schema) {
		s.If = &schema{Properties: members{{"kind", schema{Enum: []string{string(events.ExpiryExact), string(events.ExpiryUpperBound)}}}}}
		s.Then = &schema{Required: []string{"at"}}
		s.Else = &schema{Not: &schema{Required: []string{"at"}}}
	},
	"Window": func(s *schema) {
		s.If = &schema{Properties: members{{"endKind", schema{Enum: []string{string(events.EndAt)}}}}}
		s.Then = &schema{AnyOf: []schema{{Required: []string{"end"}}, {Required: []string{"duration"}}}}
		s.Else = &schema{Not: &schema{Required: []string{"end"}}}
	},
	"Block": func(s *schema) {
		s.AnyOf = []schema{{Required: []string{"access"}}, {Required: []string{"system"}}}
	},
	"Selector": func(s *schema) { s.MinProperties = 1 },
}
