package demo

import (
	"time"

	"github.com/overstay/overstay/cmd/internal/config"
)

// beat is a moment of the story: what is told, and what happens to the connectors.
type beat struct {
	at   string // "15:04:05" of the story's day
	who  string // where it happens
	text string // "" for a moment at which only time passes

	hang   string // the type of the connector that stops reading
	resume bool   // it reads on
	// cut is where the events end that another server is given to judge: the
	// windows are over, the access is not, and one record is still missing.
	cut bool
	// slow: time passes up to here as in the real program.
	slow bool
}

const (
	inTeleport = "Teleport"
	inVault    = "Vault"
	inLDAP     = "LDAP"
	nowhere    = ""
)

// storyDay is when the story happens. The fixtures are of that day.
var storyDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// beginning is when the program is started, before anybody does anything.
const beginning = "08:59:00"

// pause is the longest time between two ticks. The real program ticks each
// second; a story may skip, as long as no source is silent for so long that it
// counts as blind (policy.yaml). To the program a longer one than shortPause looks
// like a restart, after which it gives its sources a minute.
const (
	pause      = 100 * time.Second
	shortPause = 5 * time.Second
)

// story is the incident. Around a deadline time moves in small steps, as it does
// in the real program, where a longer one would look like a restart. Vault's
// connector reports its progress every ten seconds, hence the moments ten seconds
// before a deadline.
var story = []beat{
	{at: "09:00:21", who: inTeleport, text: "alice asks for the role orders-dba until 10:00 (INC-2041)"},
	{at: "09:01:41", who: inTeleport, text: "bob approves, and she opens a session on the database"},
	{at: "09:04:01", who: inVault, text: "she leases a database password; Vault gives it 90 minutes"},
	{at: "09:05:11", who: inLDAP, text: "bob adds her to the group orders-dba"},
	{at: "09:10:41", who: inVault, text: "carol, approved until 09:40, leases a password"},
	{at: "09:13:21", who: inVault, text: "erin, approved until 09:50, leases one for a migration"},
	{at: "09:31:13", who: inTeleport, text: "dave, approved until 10:15, opens a session"},
	{at: "09:33:21", who: inVault, text: "carol is done and hands her lease back"},
	{at: "09:39:50"}, {at: "09:39:58"},
	{at: "09:40:00", who: nowhere, text: "Carol's window ends. Nothing of hers is left."},
	{at: "09:49:01", who: inVault, text: "the database is down; erin revokes her lease with -force"},
	{at: "09:52:11", who: inTeleport, text: "alice closes her session, in time"},
	{at: "10:00:00", who: nowhere, text: "Alice's window ends. Her lease and her membership do not."},
	{at: "10:00:50"}, {at: "10:00:58"}, {at: "10:01:00"},
	{at: "10:01:50"}, {at: "10:01:58"}, {at: "10:02:00"},
	{at: "10:03:50"}, {at: "10:03:58"}, {at: "10:04:01"}, {at: "10:04:06"}, {at: "10:04:11"},
	{at: "10:14:19"},
	{at: "10:14:20", who: inTeleport, text: "its log hangs; nothing more is read from it", hang: config.TypeTeleport},
	{at: "10:15:00", who: nowhere, text: "Dave's window ends. As far as anybody sees, his session does not."},
	{at: "10:15:50", slow: true}, {at: "10:15:58", slow: true}, {at: "10:16:00"},
	{at: "10:16:05", cut: true},
	{at: "10:16:15", who: inTeleport, text: "the log is back, and it says: dave left at 10:14:30", resume: true},
	{at: "10:16:20"}, {at: "10:16:26"},
	{at: "10:22:46", who: inLDAP, text: "bob takes alice out of the group"},
	{at: "10:33:52"}, {at: "10:33:58"},
	{at: "10:34:01", who: inVault, text: "alice's lease expires; only the server log says so"},
	{at: "10:34:05"}, {at: "10:34:11"},
}

// clockTime is a time of the story's day.
func clockTime(at string) (time.Time, error) {
	t, err := time.Parse(time.TimeOnly, at)
	if err != nil {
		return t, err
	}
	return storyDay.Add(t.Sub(t.Truncate(24 * time.Hour))), nil
}
