package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
	storememory "github.com/overstay/overstay/store/memory"
)

// TestUnreadableMessages: what cannot be read goes to quarantine with its
// reason, its source counts as blind while it is needed, and the events around
// it are applied.
func TestUnreadableMessages(t *testing.T) {
	w := newWorld()
	good := overstayed(t)
	header := map[string][]string{"Content-Type": {events.ContentTypeEvent}}
	lease := "overstay.events.lease.issued." + events.EscapeToken("alice") + "."
	bad := []struct {
		entry  eventlog.Entry
		reason string
	}{
		{eventlog.Entry{Subject: events.SubjectOf(decoded(t, good[3])), Header: header, Body: []byte("not JSON")}, "bad-json"},
		{eventlog.Entry{Subject: "overstay.events.x", Header: header, Body: []byte("{}")}, "bad-attribute"},
		{eventlog.Entry{Subject: "overstay.events.x", Header: header, Body: nil}, "bad-json"},
		{eventlog.Entry{Subject: lease + "x", Body: good[3].Body}, "content-type"},
		{eventlog.Entry{Subject: lease + "x", Header: header, Body: []byte(strings.Repeat("[", 100) + strings.Repeat("]", 100))}, "too-deep"},
		{eventlog.Entry{Subject: lease + "x", Header: header, Body: []byte(`{"a":1,"a":2}`)}, "duplicate-key"},
		{eventlog.Entry{Subject: lease + "x", Header: header, Body: make([]byte, events.MaxBody+1)}, "too-large"},
		{eventlog.Entry{Subject: "overstay.events.clock", Header: good[0].Header, Body: good[0].Body}, "misplaced"},
		{eventlog.Entry{Subject: "overstay.operator.noted", Header: good[3].Header, Body: good[3].Body}, "misplaced"},
		{eventlog.Entry{Subject: "overstay.policy.applied", Header: header, Body: policyBody(t, "grace: {lease: 1s}", "another text")}, "bad-policy"},
		{eventlog.Entry{Subject: "overstay.policy.applied", Header: header, Body: policyBody(t, "no: such key", "no: such key")}, "bad-policy"},
	}
	for i, e := range good[:5] {
		w.append(t, e)
		if i < 4 {
			continue
		}
		for _, b := range bad {
			w.append(t, b.entry)
		}
	}
	w.append(t, good[5:]...)
	cfg := w.config()
	cfg.BatchMessages = 4
	if err := w.play(t, cfg); err != nil {
		t.Fatal(err)
	}
	kept := w.quarantine.Kept()
	if len(kept) != len(bad) {
		t.Fatalf("%d messages are in quarantine, not %d", len(kept), len(bad))
	}
	for i, m := range kept {
		h := m.Header
		if h["Overstay-Position"][0] != fmt.Sprint(6+i) || h["Overstay-Subject"][0] != bad[i].entry.Subject || h["Overstay-Error"][0] == "" {
			t.Errorf("record %d: %v", i, h)
		}
		reason := h["Overstay-Reason"][0]
		if reason != bad[i].reason || !strings.HasSuffix(m.Subject, "."+events.EscapeToken(reason)) {
			t.Errorf("record %d on %s has the reason %q, not %q", i, m.Subject, reason, bad[i].reason)
		}
		if limit := min(len(bad[i].entry.Body), events.MaxBody); string(m.Body) != string(bad[i].entry.Body[:limit]) {
			t.Errorf("record %d does not keep what was said", i)
		}
	}
	if w.position(t).Seq != w.last(t) {
		t.Errorf("the stream stopped at %d of %d", w.position(t).Seq, w.last(t))
	}
	lines := w.lines(t)
	for _, want := range []string{"OV-001 r1 raised", "OV-022 r1 raised"} {
		if !slices.Contains(lines, want) {
			t.Errorf("told %q, and not %q", lines, want)
		}
	}
	if g := w.glance(t); g.Policy != "" {
		t.Errorf("the policy %q is in force", g.Policy)
	}
	// Reading it all again keeps one record of each.
	w.store = storememory.New()
	w.mustPlay(t)
	if again := len(w.quarantine.Kept()); again != len(kept) {
		t.Errorf("%d records after a rebuild, not %d", again, len(kept))
	}
}

// TestOutsideItsAuthority: what a source may not say is set aside with the reason,
// changes nothing, and is told once, before and after a rebuild.
func TestOutsideItsAuthority(t *testing.T) {
	w := newWorld()
	good := overstayed(t)
	text := "sources: {\"" + vault + "\": {authority: {types: [lease]}}}"
	w.append(t, event(t, events.PolicyApplied, "overstay://engine", "p", began, "", &events.Policy{YAML: text, Hash: hash(text)}))
	w.append(t, good[:5]...)
	forged := event(t, events.ApprovalGranted, vault, "forged", began.Add(3*time.Minute), "alice", &events.Approval{
		ApprovalID: "REQ-9", Requester: "alice", Scopes: []events.Scope{{System: "db", Role: "reader"}},
		Window: &events.Window{Start: began, End: began.Add(time.Hour), EndKind: events.EndAt},
	})
	w.append(t, forged, forged)
	w.append(t, good[5:]...)
	w.mustPlay(t)
	want := []string{"OV-025 r1 raised", "OV-001 r1 raised"}
	if got := w.lines(t); !slices.Equal(got, want) {
		t.Errorf("told %q, not %q", got, want)
	}
	kept := w.quarantine.Kept()
	if len(kept) == 0 || kept[0].Header["Overstay-Reason"][0] != "unauthorised" || !strings.Contains(kept[0].Header["Overstay-Error"][0], "approval.granted is not among its types") {
		t.Errorf("in quarantine: %v", kept)
	}
	if n := w.counts.applied["approval unauthorised"]; n != len(kept) {
		t.Errorf("%d refused approvals are counted and %d kept: %v", n, len(kept), w.counts.applied)
	}
	again := newWorld()
	again.log, again.alerts = w.log, w.alerts
	again.mustPlay(t)
	if got := again.lines(t); !slices.Equal(got, want) {
		t.Errorf("after a rebuild told %q, not %q", got, want)
	}
}

func decoded(t *testing.T, e eventlog.Entry) events.Event {
	t.Helper()
	ev, err := events.DecodeNATS(e.Header, e.Body)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// policyBody is a policy event whose hash is that of another text.
func policyBody(t *testing.T, text, hashed string) []byte {
	t.Helper()
	return event(t, events.PolicyApplied, "overstay://engine", "p", began, "", &events.Policy{YAML: text, Hash: hash(hashed)}).Body
}

// cramped is a store whose transactions are small.
type cramped struct {
	store.Store
	ops     int
	refused int
}

func (c *cramped) Commit(b *store.Batch) error {
	if len(b.Ops) > c.ops {
		c.refused++
		return fmt.Errorf("committing %d operations: %w", len(b.Ops), store.ErrTooBig)
	}
	return c.Store.Commit(b)
}

// TestTooBigForOneTransaction: a batch that does not fit is halved until it does,
// and nothing else changes. What was applied over it meanwhile is applied again.
func TestTooBigForOneTransaction(t *testing.T) {
	entries := writeHistory(t, 9, 10, 10*time.Minute)
	base := newWorld()
	base.append(t, entries...)
	base.mustPlay(t)
	for _, batch := range []int{1024, 24} {
		t.Run(fmt.Sprint(batch), func(t *testing.T) {
			w := newWorld()
			small := &cramped{Store: w.store, ops: 60}
			w.store = small
			w.append(t, entries...)
			cfg := w.config()
			cfg.KeptBytes, cfg.BatchMessages = 1, batch
			if err := w.play(t, cfg); err != nil {
				t.Fatal(err)
			}
			if small.refused < 3 {
				t.Errorf("only %d batches were refused: the limit proves too little", small.refused)
			}
			if w.digest() != base.digest() {
				t.Error(firstDifference(base.alerts.Published(), w.alerts.Published()))
			}
			left := 0
			if err := w.store.Scan([]byte("!outbox/"), nil, func(_, _ []byte) bool { left++; return true }); err != nil {
				t.Fatal(err)
			}
			if left > 0 {
				t.Errorf("%d published rows stay in the outbox", left)
			}
			t.Logf("%d batches were refused", small.refused)
		})
	}
}

// TestOneMessageTooBig: what does not fit alone ends the engine, and says so.
func TestOneMessageTooBig(t *testing.T) {
	w := newWorld()
	w.append(t, overstayed(t)...)
	w.store = &cramped{Store: w.store, ops: 1}
	err := w.play(t, w.config())
	if !errors.Is(err, store.ErrTooBig) || !strings.Contains(fmt.Sprint(err), "position 1") {
		t.Errorf("the engine ends with %v", err)
	}
}

// broken is a store that fails.
type broken struct {
	store.Store
	commits, gets error
}

func (b *broken) Commit(batch *store.Batch) error {
	if b.commits != nil {
		return b.commits
	}
	return b.Store.Commit(batch)
}

func (b *broken) Get(key []byte) ([]byte, error) {
	if b.gets != nil {
		return nil, b.gets
	}
	return b.Store.Get(key)
}

// TestStoreFails: an error of the store ends the engine, nothing is published
// that was not committed, and the next engine goes on.
func TestStoreFails(t *testing.T) {
	disk := errors.New("input/output error")
	for name, b := range map[string]*broken{"commit": {commits: disk}, "get": {gets: disk}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.append(t, overstayed(t)...)
			sound := w.store
			b.Store = sound
			w.store = b
			if err := w.play(t, w.config()); !errors.Is(err, disk) {
				t.Errorf("the engine ends with %v", err)
			}
			if n := len(w.alerts.Published()); n != 0 {
				t.Errorf("%d alerts were published", n)
			}
			w.store = sound
			w.mustPlay(t)
			if got, want := w.lines(t), []string{"OV-001 r1 raised"}; !slices.Equal(got, want) {
				t.Errorf("told %q, not %q", got, want)
			}
		})
	}
}

// TestPolicyIsAppendedOnce: a configured policy goes into the log when it is
// another than the one in force, and only then.
func TestPolicyIsAppendedOnce(t *testing.T) {
	w := newWorld()
	w.append(t, tick(t, 0))
	for _, policy := range []struct {
		text string
		want uint64 // messages in the log afterwards
	}{
		{"grace: {lease: 30s}\n", 2}, {"grace: {lease: 30s}\n", 2}, {"", 2}, {"grace: {lease: 40s}\n", 3},
	} {
		cfg := w.config()
		cfg.Policy = policy.text
		if err := w.play(t, cfg); err != nil {
			t.Fatal(err)
		}
		if last := w.last(t); last != policy.want {
			t.Errorf("with %q the log has %d messages, not %d", policy.text, last, policy.want)
		}
	}
	cfg := w.config()
	cfg.Policy = "no: such key\n"
	if err := w.play(t, cfg); err == nil || !strings.Contains(err.Error(), "compile the configured policy") {
		t.Errorf("a broken policy gives %v", err)
	}
}
