package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// Problem is one thing that is wrong with a policy, and where.
type Problem = strictyaml.Problem

// ProblemsError is everything that is wrong with a policy, in order.
type ProblemsError = strictyaml.ProblemsError

// MaxBytes bounds a policy's text: it must fit into one event of the log.
const MaxBytes = events.MaxPolicy

const day = 24 * time.Hour

// Nothing is the smallest policy: whoever writes it means the defaults.
const Nothing = "{}\n"

// Load compiles a policy's text as it stands in the log: one that says nothing is the
// default. name is for messages. The error is a *ProblemsError with everything that
// is wrong.
func Load(name string, data []byte) (*correlator.Policy, error) {
	p, _, err := load(strictyaml.Source{File: name, Text: data})
	return p, err
}

// LoadSource is Load for what somebody has written, in a file or as a part of a larger
// one. There a text that says nothing is a slip, such as a file that was cut off: it
// would put all that was said before out of force.
func LoadSource(src strictyaml.Source) (*correlator.Policy, error) {
	p, says, err := load(src)
	if err == nil && !says {
		return nil, strictyaml.Problems{{
			File: src.File, Line: src.Line + 1, Column: src.Column + 1, Path: src.Path,
			Message: "the policy says nothing: it is empty, or has nothing but comments",
			Hint:    "write {} if the defaults are meant; any of the keys of docs/policy.md says more",
		}}.Err()
	}
	return p, err
}

// load compiles a policy, and reports whether anything is said in it.
func load(src strictyaml.Source) (p *correlator.Policy, says bool, err error) {
	if len(src.Text) > MaxBytes {
		return nil, false, strictyaml.Problems{{
			File: src.File, Path: src.Path,
			Message: fmt.Sprintf("the policy has %d bytes, more than %d", len(src.Text), MaxBytes),
		}}.Err()
	}
	l := newLoader()
	root := l.root().Then(func(strictyaml.Value) { says = true })
	if err := src.Read(root).Err(); err != nil {
		return nil, says, err
	}
	l.imply()
	l.policy.Hash = Hash(src.Text)
	return l.policy, says, nil
}

// Hash is the hex SHA-256 by which a policy's text is known.
func Hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Keys lists every key that a policy may have, for the reference's test.
func Keys() []string { return newLoader().root().Keys() }

// loader fills one policy. Besides it holds what several keys must agree on.
type loader struct {
	policy  *correlator.Policy
	cel     *compiler
	joins   []placedJoin
	links   []strictyaml.Value // where policy.Links were written
	leavers []strictyaml.Value // where policy.Offboarding.Realms were written
	enabled map[correlator.RuleID]strictyaml.Value
	refusal strictyaml.Value // where policy.RefuseUnlisted was written
}

func newLoader() *loader {
	return &loader{policy: correlator.DefaultPolicy(), cel: newCompiler(), enabled: map[correlator.RuleID]strictyaml.Value{}}
}

// root is the whole format, key by key.
func (l *loader) root() strictyaml.Reader {
	p := l.policy
	return strictyaml.Object(strictyaml.Fields{
		"grace": strictyaml.Object(strictyaml.Fields{
			"session":    strictyaml.Duration(&p.Grace.Session, 0, day),
			"lease":      strictyaml.Duration(&p.Grace.Lease, 0, day),
			"membership": strictyaml.Duration(&p.Grace.Membership, 0, day),
		}),
		"identity":     l.identity(),
		"entitlements": l.entitlements(),
		"watch":        l.watch(),
		"sources":      l.sources(),

		"unlistedSources": l.unlisted(),
		"offboarding": strictyaml.Object(strictyaml.Fields{
			"realms": l.offboardingRealms(),
			"after":  strictyaml.Duration(&p.Offboarding.After, 0, 30*day),
		}),
		"breakGlass": strictyaml.Object(strictyaml.Fields{
			"accounts":     strictyaml.Strings(&p.BreakGlass, idIsValid),
			"record":       strictyaml.Duration(&p.BreakGlassRecord, 0, day),
			"selfApproval": strictyaml.Bool(&p.BreakGlassSelfApproval),
			"atMost":       strictyaml.Duration(&p.BreakGlassAtMost, time.Minute, 30*day),
			"rotate":       strictyaml.Bool(&p.BreakGlassRotate),
		}),
		"workloads": strictyaml.Object(strictyaml.Fields{
			"realms":   strictyaml.Strings(&p.Workloads.Realms, realmIsValid),
			"ids":      strictyaml.Strings(&p.Workloads.IDs, globIsSane),
			"takeover": strictyaml.Duration(&p.Workloads.Takeover, 0, 365*day),
		}),
		"closure": strictyaml.Object(strictyaml.Fields{
			"within": strictyaml.Duration(&p.ClosureWithin, 0, 30*day),
		}),
		"afterEnd": strictyaml.Object(strictyaml.Fields{
			"within": strictyaml.Duration(&p.AfterEnd, time.Minute, 30*day),
		}),
		"rotation": strictyaml.Object(strictyaml.Fields{
			"within": strictyaml.Duration(&p.RotateWithin, 0, 365*day),
		}),
		"delegation": strictyaml.Object(strictyaml.Fields{
			"pipelines": strictyaml.Strings(&p.Pipelines, globIsSane),
		}),
		"rules": l.rules(),
		"unproven": strictyaml.Object(strictyaml.Fields{
			"after": strictyaml.Duration(&p.UnprovenAfter, 0, 30*day),
			"hold":  strictyaml.Bool(&p.HoldUnproven),
		}),
		"horizon": strictyaml.Duration(&p.Horizon, time.Hour, 30*day),
	}).Then(l.agree)
}

// agree looks for statements that contradict each other.
func (l *loader) agree(strictyaml.Value) {
	l.checkJoins()
	l.checkLinks()
	l.checkLeavers()
	l.checkEnabled()
	l.checkUnlisted()
}

// imply turns on the rules whose subject was written down: who lists scopes to
// watch wants to hear of them, and must not be met with silence for want of a
// second line.
func (l *loader) imply() {
	if len(l.policy.Watched) > 0 {
		l.turnOn("OV-005")
	}
	if len(l.policy.Offboarding.Realms) > 0 {
		l.turnOn("OV-012")
	}
	if len(l.policy.Workloads.Realms) > 0 {
		l.turnOn("OV-013")
	}
	if len(l.policy.BreakGlass) > 0 {
		l.turnOn("OV-014")
	}
}

func (l *loader) turnOn(id correlator.RuleID) {
	setting := l.policy.Rules[id]
	if setting.Enabled != nil {
		return
	}
	on := true
	setting.Enabled = &on
	if l.policy.Rules == nil {
		l.policy.Rules = map[correlator.RuleID]correlator.RuleSetting{}
	}
	l.policy.Rules[id] = setting
}
