package correlator

import (
	"bytes"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
)

// A key in the store stands for one thing and can be read back, keys of one thing
// stand together, and times sort. The parts are texts as events may hold them:
// without control characters, which the vocabulary refuses.
func FuzzKeys(f *testing.F) {
	f.Add("vault://prod", "L-1", "vault://prod", "L-10", int64(0), int64(-1))
	f.Add("a", "", "", "a", int64(1)<<62, -int64(1)<<62)
	f.Add("é", "日", "e\u0301", "\u007f", int64(5), int64(5))
	f.Fuzz(func(t *testing.T, source1, id1, source2, id2 string, time1, time2 int64) {
		for _, part := range []string{source1, id1, source2, id2} {
			if strings.ContainsFunc(part, func(r rune) bool { return r < ' ' }) {
				t.Skip("no event holds this")
			}
		}
		same := source1 == source2 && id1 == id2
		x, y := makeAccessKey(events.KindLease, source1, id1), makeAccessKey(events.KindLease, source2, id2)
		if kind, source, id := x.split(); kind != events.KindLease || source != source1 || id != id1 || (x == y) != same {
			t.Fatalf("access keys %q and %q, the first read as %q %q %q", x, y, kind, source, id)
		}
		if makeAccessKey(events.KindSession, source1, id1) == x {
			t.Fatal("a session and a lease have one key")
		}
		a, b := makeApprovalKey(source1, id1), makeApprovalKey(source2, id2)
		if source, id := a.split(); source != source1 || id != id1 || (a == b) != same {
			t.Fatalf("approval keys %q and %q, the first read as %q %q", a, b, source, id)
		}
		checkAlertKeys(t, alertParts{Rule: "OV-001", Approval: a, Source: source1, Access: x, Account: events.ID(id1)},
			alertParts{Rule: "OV-001", Approval: b, Source: source2, Access: y, Account: events.ID(id2)})
		checkPrefix(t, id1, id2, string(y))
		checkTimeKeys(t, Time(time1), Time(time2), string(x), string(y))
	})
}

func checkAlertKeys(t *testing.T, a, b alertParts) {
	t.Helper()
	for _, p := range []alertParts{a, {Rule: a.Rule, Source: a.Source}, {Rule: a.Rule, Access: a.Access, History: true}, {Account: a.Account}} {
		if got := partsOf(p.key()); got != p {
			t.Fatalf("alert parts %+v are read back as %+v", p, got)
		}
	}
	if (a.key() == b.key()) != (a == b) || (alertID(a.key()) == alertID(b.key())) != (a == b) {
		t.Fatalf("alert keys %q and %q", a.key(), b.key())
	}
}

// checkPrefix: what stands under one id stands under no other, though one id may
// begin like the other.
func checkPrefix(t *testing.T, one, other, rest string) {
	t.Helper()
	if !bytes.HasPrefix(key(indexSubject, one, rest), prefixOf(indexSubject, one)) {
		t.Fatalf("the entries of %q are not under their prefix", one)
	}
	if one != other && bytes.HasPrefix(key(indexSubject, other, rest), prefixOf(indexSubject, one)) {
		t.Fatalf("an entry of %q stands under %q", other, one)
	}
}

// checkTimeKeys: timers sort by their time first, and times are read back.
func checkTimeKeys(t *testing.T, a, b Time, ownerA, ownerB string) {
	t.Helper()
	if got := timeFromKey(timeKey(a)); got != a {
		t.Fatalf("%d is read back as %d", a, got)
	}
	want := strings.Compare(ownerA, ownerB)
	switch {
	case a < b:
		want = -1
	case a > b:
		want = 1
	}
	if got := strings.Compare(indexTimer+timeKey(a)+ownerA, indexTimer+timeKey(b)+ownerB); got != want {
		t.Fatalf("timers at %d and %d compare as %d, not %d", a, b, got, want)
	}
}
