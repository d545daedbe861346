package correlator

import (
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// read is the source's record as the last step left it.
func (p *storyPlayer) read(uri string) *source { return look(p.st, p.pol).source(uri) }

// TestAHoleIsForgivenAfterADay: what has not come by then will not; the source
// confirms again, and its blindness is over.
func TestAHoleIsForgivenAfterADay(t *testing.T) {
	r := &source{}
	noon := At(clockTime(t, "12:00"))
	for _, n := range []uint64{1, 2, 5} {
		r.number(events.Sequence{Epoch: 1, Counter: n}, noon)
	}
	r.sent(events.Sequence{Epoch: 1, Counter: 5}, 9, noon)
	for _, c := range []struct {
		after   time.Duration
		doubted bool
	}{{0, true}, {lossHold - time.Second, true}, {lossHold, false}} {
		now := noon.Add(c.after)
		if got := r.doubted(now); got != c.doubted {
			t.Errorf("after %s doubted is %v", c.after, got)
		}
		if got := r.forgive(now); got == c.doubted {
			t.Errorf("after %s forgiven is %v", c.after, got)
		}
	}
	if want := []seqRun{{1, 9}}; !slices.Equal(r.Ranges, want) {
		t.Errorf("what is left is %v, not %v", r.Ranges, want)
	}
	r.number(events.Sequence{Epoch: 1, Counter: 10}, noon.Add(lossHold))
	if r.HoleAt != 0 {
		t.Error("the next event shows the hole again")
	}
}

// TestANewEpochIsNoHole: what a connector numbered before it lost its place says
// nothing of what it numbers since.
func TestANewEpochIsNoHole(t *testing.T) {
	r := &source{}
	now := At(clockTime(t, "12:00"))
	r.number(events.Sequence{Epoch: 1, Counter: 1}, now)
	r.number(events.Sequence{Epoch: 1, Counter: 4}, now)
	if !r.doubted(now) {
		t.Error("a hole is not seen")
	}
	r.number(events.Sequence{Epoch: 2, Counter: 1}, now)
	r.sent(events.Sequence{Epoch: 1, Counter: 5}, 50, now)
	if r.doubted(now) {
		t.Error("the hole outlives its epoch")
	}
}

// TestCoverageNeverMovesForward, whatever a source says of it and when: what was
// judged exposed would become baseline.
func TestCoverageNeverMovesForward(t *testing.T) {
	p := newStoryPlayer()
	p.jump(t, clockTime(t, "12:00"))
	last := Forever
	for _, line := range []string{
		`11:00 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "r"}}`,
		`12:00 ldap://c source.resumed - {}`,
		`12:01 ldap://c source.resumed - {"coverage": "@11:30"}`,
		`10:00 ldap://c source.resumed - {"coverage": "@10:00"}`,
		`12:02 ldap://c source.resumed - {"coverage": "@12:02"}`,
	} {
		p.say(t, 1, line)
		now := p.read("ldap://c").coverage()
		if now > last {
			t.Errorf("after %s coverage begins at %s, not at %s", line, now, last)
		}
		last = now
	}
	if last != At(clockTime(t, "10:00")) {
		t.Errorf("coverage begins at %s", last)
	}
}

// TestAPastReadBeforeTheFirstTickIsForReview: on a new log a connector may speak
// before the clock does; what it then brings was there before anybody watched.
func TestAPastReadBeforeTheFirstTickIsForReview(t *testing.T) {
	p := newStoryPlayer()
	p.say(t, 1, `12:00 vault://p source.resumed - {"coverage": "@08:00", "capabilities": {"progress": true}}`)
	p.say(t, 2, `09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "r"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}`)
	p.say(t, 3, `09:05 vault://p lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "r"}}`)
	p.say(t, 4, `10:30 vault://p lease.expired - {"leaseId": "L1"}`)
	p.tick(t, clockTime(t, "12:00"))
	p.say(t, 5, `12:00 vault://p source.progress - {"through": "@12:00", "basis": "position"}`)
	p.tick(t, clockTime(t, "12:01"))
	if r := p.read("vault://p"); r.History != At(clockTime(t, "12:00")) {
		t.Errorf("the past ends at %s", r.History)
	}
	for _, pub := range p.told {
		if pub.Alert != nil {
			t.Errorf("told %s", describe(t, pub))
		}
	}
}

// TestARealmIsItsSourcesToDeclare: the first that declares it or whose accesses
// lie in it; it may change its mind, others are noted.
func TestARealmIsItsSourcesToDeclare(t *testing.T) {
	p := newStoryPlayer()
	p.jump(t, clockTime(t, "09:00"))
	p.say(t, 1, `09:00 vault://p lease.issued vault:1 {"leaseId": "L1", "scope": {"system": "db", "role": "r"}}`)
	p.say(t, 2, `09:01 ldap://c source.resumed - {"capabilities": {"realms": [{"name": "vault", "shared": true}, {"name": "mail", "foldCase": true}, {"name": "ldap", "immutable": true}]}}`)
	p.say(t, 3, `09:02 teleport://t source.resumed - {"capabilities": {"realms": [{"name": "mail", "foldCase": true}, {"name": "ldap"}]}}`)
	p.say(t, 4, `09:03 vault://p source.resumed - {"capabilities": {"realms": [{"name": "vault", "immutable": true}]}}`)
	p.say(t, 5, `09:04 ldap://c source.resumed - {"capabilities": {"realms": [{"name": "mail"}, {"name": "ldap", "immutable": true}]}}`)
	s := look(p.st, p.pol)
	for id, want := range map[events.ID]events.Realm{
		"vault:1":  {Name: "vault", Immutable: true},
		"mail:a@b": {Name: "mail"},
		"ldap:x":   {Name: "ldap", Immutable: true},
	} {
		if got := s.realm(id); got != want {
			t.Errorf("of %s it holds %+v, not %+v", id, got, want)
		}
	}
	if got := p.read("teleport://t").Refused; !slices.Equal(got, []string{"ldap"}) {
		t.Errorf("of teleport's declarations %q were refused", got)
	}
}

// TestARealmThatFoldsCaseLaterIsFoundUnderItsNewIds: what was indexed before the
// declaration is joined after it.
func TestARealmThatFoldsCaseLaterIsFoundUnderItsNewIds(t *testing.T) {
	p := newStoryPlayer()
	p.tick(t, clockTime(t, "09:00"))
	p.say(t, 1, `09:00 pam://x approval.granted corp:ALICE {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "r"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}`)
	p.say(t, 2, `09:01 ldap://c directory.membership-added corp:Alice {"scope": {"system": "db", "role": "r"}}`)
	p.tick(t, clockTime(t, "09:02"))
	p.say(t, 3, `09:03 ldap://c source.resumed - {"capabilities": {"realms": [{"name": "corp", "foldCase": true}]}}`)
	p.tick(t, clockTime(t, "10:03"))
	for _, pub := range p.told {
		if pub.Alert != nil && pub.Alert.Rule.ID == "OV-001" {
			return
		}
	}
	t.Error("the approval and the membership of one person were not joined")
}

// TestAGlanceIsByThePolicyInForce: whether a source owes progress is the policy's to
// say, whatever the default would have.
func TestAGlanceIsByThePolicyInForce(t *testing.T) {
	p := newStoryPlayer()
	p.jump(t, clockTime(t, "09:00"))
	p.say(t, 1, `09:00 vault://p lease.issued vault:1 {"leaseId": "L1", "scope": {"system": "db", "role": "r"}}`)
	owes := true
	strict := *p.pol
	strict.Sources = map[string]SourceSetting{"vault://p": {Progress: &owes}}
	for _, c := range []struct {
		pol  *Policy
		owes bool
	}{{p.pol, false}, {&strict, true}} {
		for _, s := range Peek(p.st, c.pol).Sources {
			if s.URI == "vault://p" && s.Owes != c.owes {
				t.Errorf("it owes progress: %t", s.Owes)
			}
		}
	}
	if len(Peek(p.st, &strict).Sources) != 1 {
		t.Errorf("its sources are %+v", Peek(p.st, &strict).Sources)
	}
}
