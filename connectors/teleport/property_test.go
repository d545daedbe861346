package teleport

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// TestVotesNeverGrant: whatever is proposed by however many reviewers, a request
// whose state stays pending is granted nothing and extended by nothing.
func TestVotesNeverGrant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := NewMapper("prod", nil)
		at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		for range rapid.IntRange(1, 30).Draw(t, "records") {
			at = at.Add(time.Second)
			typ := rapid.SampledFrom([]string{"create", "review", "update"}).Draw(t, "type")
			line := fmt.Sprintf(`{"event":"access_request.%s","uid":"%d","time":%q,"cluster_name":"c","user":"alice","id":"r%d",`+
				`"state":"PENDING","proposed_state":%q,"reviewer":"bob","roles":["x"],"max_duration":%q}`,
				typ, at.Unix(), at.Format(time.RFC3339), rapid.IntRange(0, 2).Draw(t, "request"),
				rapid.SampledFrom([]string{"", "APPROVED", "DENIED", "PROMOTED", "PENDING"}).Draw(t, "proposed"),
				at.Add(time.Hour).Format(time.RFC3339))
			evs, _, err := m.Map([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			for _, ev := range evs {
				if ev.Type != events.ApprovalRequested && ev.Type != events.ApprovalAltered {
					t.Fatalf("%s gave %s", line, ev.Type.Short())
				}
			}
		}
	})
}

// TestMemoryIsBounded: a log that opens things and never ends them fills the
// memory up to its bounds and no further, and the latest are the ones kept.
func TestMemoryIsBounded(t *testing.T) {
	s := newMemory[int](3)
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for i := range 10 {
		s.put(fmt.Sprint(i), i, at.Add(time.Duration(i)*time.Minute))
	}
	var kept []string
	for el := s.order.Front(); el != nil; el = el.Next() {
		kept = append(kept, el.Value.(*memo[int]).Key)
	}
	if got := strings.Join(kept, " "); got != "7 8 9" {
		t.Errorf("kept %s", got)
	}
	s.sweep(at.Add(8*time.Minute + time.Second))
	if _, ok := s.get("8"); ok {
		t.Error("8 outlived its time")
	}
	if _, ok := s.get("9"); !ok {
		t.Error("9 was swept before its time")
	}
}

// TestOneRecordFromTheFutureForgetsNothing: a broken clock on one server must not
// cost every open request its requester.
func TestOneRecordFromTheFutureForgetsNothing(t *testing.T) {
	m := NewMapper("prod", nil)
	lines := []string{
		`{"event":"access_request.create","uid":"a","time":"2026-03-02T10:00:00Z","cluster_name":"c","user":"alice","id":"r","state":"PENDING"}`,
		`{"event":"role.created","uid":"b","time":"2099-01-01T00:00:00Z","cluster_name":"c"}`,
		`{"event":"access_request.update","uid":"d","time":"2026-03-02T10:01:00Z","cluster_name":"c","id":"r","state":"APPROVED"}`,
	}
	var said []events.Event
	for _, line := range lines {
		evs, _, err := m.Map([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, evs...)
	}
	if last := said[len(said)-1]; last.Type != events.ApprovalGranted || last.Subject != "teleport/prod/user:alice" {
		t.Errorf("said %s of %q", last.Type.Short(), last.Subject)
	}
}

// TestIDsComeFromTheRecord: the same record gives the same ids, with a uid or
// without, and different events of one record have different ones.
func TestIDsComeFromTheRecord(t *testing.T) {
	for _, uid := range []string{`"uid":"u",`, ``, `"uid":"` + strings.Repeat("x", 200) + `",`} {
		line := []byte(`{"event":"user.create",` + uid + `"time":"2026-03-02T10:00:00.5Z","cluster_name":"c","user":"carol","name":"alice","roles":["a","b"]}`)
		first, _, err := NewMapper("prod", nil).Map(line)
		if err != nil {
			t.Fatal(err)
		}
		second, _, err := NewMapper("prod", nil).Map(bytes.Clone(line))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for i, ev := range first {
			if ev.ID != second[i].ID || seen[ev.ID] {
				t.Errorf("id %q, the second time %q", ev.ID, second[i].ID)
			}
			seen[ev.ID] = true
			q := ev.Data.Common().TimeQuality
			if q.Precision.Std() != time.Millisecond || q.Zone != "stated" {
				t.Errorf("time quality %+v", q)
			}
		}
	}
}

// TestErrorsQuoteNothing: a record may hold secrets, and an error goes to a log.
func TestErrorsQuoteNothing(t *testing.T) {
	for _, line := range []string{
		`{"event":"session.start","sid":"s","user":{"token":"s3cr3t"},"time":"2026-03-02T10:00:00Z"}`,
		`{"event":"session.start","s3cr3t":"s3cr3t`,
		`{"s3cr3t":1,"s3cr3t":2}`,
		`s3cr3t`,
		`{"event":7,"token":"s3cr3t"}`,
	} {
		_, v, err := NewMapper("prod", nil).Map([]byte(line))
		if err == nil || strings.Contains(err.Error(), "s3cr3t") || strings.Contains(v.Type, "s3cr3t") {
			t.Errorf("%s gave %v", line, err)
		}
	}
}
