package correlator

import (
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// TestKeysCanBeRead: every key that a story leaves has a kind and, but for the one
// that there is once, a name, without a byte that does not print.
func TestKeysCanBeRead(t *testing.T) {
	noon := At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))
	k := makeAccessKey(events.KindLease, "vault://prod", "database/creds/x/1")
	ledger := alertParts{Rule: "OV-001", Approval: makeApprovalKey("pam://x", "REQ-1"), Source: "vault://prod"}.key()
	for _, c := range []struct{ key, kind, text string }{
		{keyMeta, "the state's own", ""},
		{keyAccess + string(k), "access", "lease vault://prod database/creds/x/1"},
		{keyLedger + ledger, "alert", alertID(ledger) + " OV-001 pam://x REQ-1 vault://prod"},
		{indexTimer + timeKey(noon) + ownAccess + string(k), "timer", noon.String() + " alease vault://prod database/creds/x/1"},
		{string(key(indexSubject, "corp/uid:a", string(k))), "index of subjects", "corp/uid:a lease vault://prod database/creds/x/1"},
		{"\xf0unheard of", `class "\xf0"`, "unheard of"},
	} {
		kind, text := DescribeKey([]byte(c.key))
		if kind != c.kind || text != c.text {
			t.Errorf("%q is %q, %q, and not %q, %q", c.key, kind, text, c.kind, c.text)
		}
	}
	if kind, text := DescribeKey([]byte("t\x00\x1b[31m")); strings.ContainsAny(kind+text, "\x00\x1b") {
		t.Errorf("%q %q", kind, text)
	}
}
