package openldap

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"
)

// sampled is a line of the decoded captures: what a Go client received.
type sampled struct {
	Attrs     map[string][]string `json:"attrs"`
	Cookie    string              `json:"cookie"`
	DN        string              `json:"dn"`
	EntryUUID string              `json:"entryUUID"`
	State     int64               `json:"state"`
	Info      string              `json:"syncinfo"`
	Done      bool                `json:"done"`
}

// samples reads a capture of the shared folder beside the repository.
func samples(t *testing.T, name string) []message {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(root, "go.mod")) && root != filepath.Dir(root) {
		root = filepath.Dir(root)
	}
	file := filepath.Join(root, "..", "shared", "samples", "openldap", name)
	f, err := os.Open(file)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must not skip: %v", err)
		}
		t.Skipf("the captures are not here: %v", err)
	}
	defer f.Close()
	var all []message
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s sampled
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		all = append(all, s.message(t))
	}
	if err := lines.Err(); err != nil || len(all) == 0 {
		t.Fatalf("read %s: %d lines, %v", name, len(all), err)
	}
	return all
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

var uuidForm = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func (s sampled) message(t *testing.T) message {
	t.Helper()
	switch {
	case s.Done: // the capture is of refreshOnly; in our mode the end is an info message
		return message{controls: []ldap.Control{&ldap.ControlSyncInfo{RefreshPresent: &ldap.ControlSyncInfoRefreshPresent{
			Cookie: []byte(s.Cookie), RefreshDone: true}}}}
	case strings.Contains(s.Info, "RefreshDelete["):
		_, cookie, _ := strings.Cut(s.Info, "Cookie: ")
		cookie, _, _ = strings.Cut(cookie, " ")
		return message{controls: []ldap.Control{&ldap.ControlSyncInfo{RefreshDelete: &ldap.ControlSyncInfoRefreshDelete{
			Cookie: []byte(cookie), RefreshDone: true}}}}
	case s.Info != "":
		set := &ldap.ControlSyncInfoSyncIdSet{}
		for _, u := range uuidForm.FindAllString(s.Info, -1) {
			set.SyncUUIDs = append(set.SyncUUIDs, uuid.MustParse(u))
		}
		return message{controls: []ldap.Control{&ldap.ControlSyncInfo{SyncIdSet: set}}}
	}
	id, err := uuid.Parse(s.EntryUUID)
	if err != nil {
		t.Fatalf("entryUUID: %v", err)
	}
	return message{ldap.NewEntry(s.DN, s.Attrs), []ldap.Control{&ldap.ControlSyncState{
		State: ldap.ControlSyncStateState(s.State), EntryUUID: id, Cookie: []byte(s.Cookie)}}}
}

// deaf is a reader without a connection: a test hands it the messages.
func deaf(t *testing.T, p *place) *reader {
	t.Helper()
	c := Config{Name: "corp", BaseDN: "dc=example,dc=com"}.withDefaults()
	c.Disabled = append(c.Disabled, DisableRule{Condition: UnderUnit, Value: "ou=leavers,dc=example,dc=com"})
	if p == nil {
		p = c.begin()
	}
	out := &run{t: t}
	h := newHands()
	return &reader{
		config: c, clock: h, out: out, place: p, refresh: newRefresh(p, !p.known(), h.Now()),
		translator: &translator{memory: p.memory, source: c.uri(), skip: out.Skip},
	}
}

func (r *reader) feed(t *testing.T, messages []message) []message {
	t.Helper()
	for i, m := range messages {
		if err := r.take(m); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if r.refresh != nil && r.refresh.done {
			return messages[i+1:]
		}
	}
	return nil
}

const capturedLive = `
	membership-added alice in cn=admins
	identity-linked ldap/corp/dn:uid=alice.smith,ou=people,dc=example,dc=com
	identity-linked ldap/corp/uid:alice.smith
	identity-unlinked ldap/corp/dn:uid=alice,ou=people,dc=example,dc=com
	identity-unlinked ldap/corp/uid:alice
	identity-linked mail:alice.smith@example.com
	identity-unlinked mail:alice@example.com
	membership-removed alice.smith in cn=admins removed
	membership-added alice.smith in cn=admins
	membership-added carol in cn=admins
	account-disabled alice.smith
	identity-linked ldap/corp/dn:uid=alice.smith,ou=leavers,dc=example,dc=com
	identity-unlinked ldap/corp/dn:uid=alice.smith,ou=people,dc=example,dc=com
	account-deleted bob
`

func TestTheCapturedStream(t *testing.T) {
	r := deaf(t, nil)
	rest := r.feed(t, samples(t, "syncrepl-refreshAndPersist.decoded.jsonl"))
	r.refresh.baseline(r.memory())
	r.refresh = nil
	r.feed(t, rest)
	compare(t, r.translator.out, capturedLive)
	if got := r.translator.out[0].Time.Format("15:04:05.000000"); got != "19:24:47.216107" {
		t.Errorf("the first change is dated %s", got)
	}

	// The capture of a later search resumes from before alice's rename to
	// ou=leavers; cn=admins comes with members that refint rewrote and an old CSN.
	p := r.place
	p.Coverage = r.clock.Now()
	again := deaf(t, p)
	again.feed(t, samples(t, "syncrepl-resume-with-cookie.decoded.jsonl"))
	for _, c := range again.refresh.changes(again.memory(), again.clock.Now()) {
		again.apply(c)
	}
	compare(t, again.translator.out, "")
	if got := len(again.Groups["f3f97ece-7a2c-1041-9958-41365536fde1"].Members); got != 2 {
		t.Errorf("cn=admins is known to have %d members; refint left 2", got)
	}
}

func TestTheCaptureResumedFromTheStart(t *testing.T) {
	r := deaf(t, nil)
	r.feed(t, samples(t, "syncrepl-refreshAndPersist.decoded.jsonl"))
	r.refresh.baseline(r.memory())
	r.Coverage = r.clock.Now()
	later := deaf(t, r.place)
	later.feed(t, samples(t, "syncrepl-resume-with-cookie.decoded.jsonl"))
	for _, c := range later.refresh.changes(later.memory(), later.clock.Now()) {
		later.apply(c)
	}
	compare(t, later.translator.out, `
		account-deleted bob
		account-disabled alice.smith
		identity-linked ldap/corp/dn:uid=alice.smith,ou=leavers,dc=example,dc=com
		identity-linked ldap/corp/uid:alice.smith
		identity-linked mail:alice.smith@example.com
		identity-unlinked ldap/corp/dn:uid=alice,ou=people,dc=example,dc=com
		identity-unlinked ldap/corp/uid:alice
		identity-unlinked mail:alice@example.com
		membership-added alice.smith in cn=admins
		membership-added carol in cn=admins
		membership-removed somebody gone in cn=admins removed
	`)
}
