package correlator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
)

// TestAnEventFitsATransactionWhateverItBearsOn: one event is about all that a subject
// holds, whose ids, roles and names are their sources' to choose. A step that fits into
// no transaction would end the engine, at each start anew.
func TestAnEventFitsATransactionWhateverItBearsOn(t *testing.T) {
	for _, c := range []struct{ leases, length int }{{600, 0}, {600, 1000}} {
		t.Run(fmt.Sprint(c.leases, " leases, names of ", c.length), func(t *testing.T) {
			long := strings.Repeat("x", c.length)
			w := newWeighed(t)
			w.tick(clockTime(t, "08:59"))
			who, scope := events.ID("vault/prod/approle:ci"+long), events.Scope{System: "db", Role: "reader" + long}
			granted := &events.Approval{ApprovalID: "REQ-1" + long, Scopes: []events.Scope{scope}, Requester: who,
				Window: &events.Window{Start: clockTime(t, "09:00"), End: clockTime(t, "10:00"), EndKind: events.EndAt}}
			w.say("09:00", "pam://x", events.ApprovalGranted, who, granted)
			for i := range c.leases {
				w.say("09:01", "vault://p", events.LeaseIssued, who, &events.Lease{LeaseID: fmt.Sprint("database/creds/app/", i) + long, Scope: scope})
			}
			w.tick(clockTime(t, "09:59:58"))
			w.tick(clockTime(t, "10:01:02"))
			extended := *granted
			extended.Window = &events.Window{Start: clockTime(t, "09:00"), End: clockTime(t, "11:00"), EndKind: events.EndAt}
			w.say("10:01:03", "pam://x", events.ApprovalExtended, who, &extended)
			w.tick(clockTime(t, "10:01:04"))
			w.say("10:01:05", "pam://x", events.ApprovalRevoked, who, &events.Approval{ApprovalID: granted.ApprovalID})
			w.tick(clockTime(t, "10:03:05"))
			w.fits()
		})
	}
}
