package openldap

import (
	"errors"
	"strings"
	"testing"

	"github.com/overstay/overstay/connectors/openldap/slapdtest"
	"github.com/overstay/overstay/events"
)

func TestLimitsAreErrorsThatSayWhatToDo(t *testing.T) {
	s := slapdtest.Start(t)
	c := config(t, s)
	c.MaxEntries = 5
	if err := follow(t, c, nil).ended(); err == nil || !strings.Contains(err.Error(), "maxEntries = 5") {
		t.Errorf("Run returned %v", err)
	}
	c = config(t, s)
	c.MaxMembers = 1
	r := begunWith(t, c)
	s.AddMember(admins, "member", alice)
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "maxMembers = 1") {
		t.Errorf("Run returned %v", err)
	}
}

func TestALimitedReaderIsToldWhatItNeeds(t *testing.T) {
	s := slapdtest.Start(t, slapdtest.WithReaderLimit(3))
	if err := follow(t, config(t, s), nil).ended(); err == nil || !strings.Contains(err.Error(), "give it limits size=unlimited") {
		t.Errorf("Run returned %v", err)
	}
}

// The connection of the stream has died without a word, and the other one says
// that the directory has moved on.
func TestAStreamThatStandsStillEndsTheSession(t *testing.T) {
	r := deaf(t, nil)
	r.refresh = nil
	r.pending = &mark{position: position{"000": "20261121192447.216107Z#000000#000#000000"}, at: r.clock.Now()}
	if err := r.report(t.Context()); err != nil {
		t.Errorf("at once: %v", err)
	}
	r.clock.(*hands).ahead.Store(int64(2 * stalledAfter))
	if err := r.report(t.Context()); !errors.Is(err, errStalled) {
		t.Errorf("after %s: %v", 2*stalledAfter, err)
	}
}

// A large directory's cursor is megabytes; progress alone must not rewrite it.
func TestProgressAloneKeepsTheCursor(t *testing.T) {
	s := slapdtest.Start(t)
	r := begun(t, s)
	r.settled()
	before := string(r.cursor)
	r.settled()
	if string(r.cursor) != before {
		t.Error("the cursor changed although nothing had")
	}
	s.AddMember(admins, "member", alice)
	r.settled()
	if string(r.cursor) == before {
		t.Error("the cursor did not follow a change")
	}
}

// Changes outside of the base move the directory's position and show as nothing;
// progress is then claimed on the connection alone, until a change inside.
func TestBelowTheSuffixProgressMayRestOnTheConnection(t *testing.T) {
	s := slapdtest.Start(t)
	c := config(t, s)
	c.BaseDN = slapdtest.Groups
	r := begunWith(t, c)
	s.Replace(alice, "description", "elsewhere")
	fire(t, r.hands.probes)
	fire(t, r.hands.probes)
	evs := r.until(events.SourceProgress)
	if p := evs[len(evs)-1].Data.(*events.Progress); p.Basis != events.ByTransport {
		t.Errorf("progress rests on %s", p.Basis)
	}
	s.AddMember(ops, "member", bob)
	fire(t, r.hands.probes)
	evs = r.until(events.SourceProgress)
	if p := evs[len(evs)-1].Data.(*events.Progress); p.Basis != events.ByPosition || len(evs) != 2 {
		t.Errorf("progress rests on %s after:\n%s", p.Basis, text(evs))
	}
}

// refint acts after a rename or a deletion, so the directory is looked at soon.
func TestADeletionBringsTheScanForward(t *testing.T) {
	r := deaf(t, nil)
	now := r.clock.Now()
	r.Scanned, r.scanDue = now, now.Add(r.config.SnapshotEvery)
	if err := r.flush(t.Context()); err != nil || !r.scanDue.Equal(now.Add(r.config.SnapshotEvery)) {
		t.Errorf("without a reason the scan is due at %v, %v", r.scanDue, err)
	}
	r.moved = true
	if err := r.flush(t.Context()); err != nil || !r.scanDue.Equal(now.Add(soonestScan)) {
		t.Errorf("after a deletion the scan is due at %v, %v", r.scanDue, err)
	}
}
