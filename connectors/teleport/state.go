package teleport

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/overstay/overstay/events"
)

// Bounds of what the mapper remembers. What is crowded out costs attribution
// (a requester, a joiner's end), never a wrong statement.
const (
	maxRequests = 4096
	maxUsers    = 8192
	maxCerts    = 8192
	maxSessions = 4096
	maxLocks    = 1024
)

// Years that a record can be from; what lies outside is an unset clock, and no
// event could carry it.
const (
	firstYear = 1990
	lastYear  = 2200
)

// How long things are remembered past the last word about them.
const (
	// requestLife is Teleport's own limit on an access request (14 days).
	requestLife = 14 * 24 * time.Hour
	// afterlife of a request that was decided or is over: certificates that
	// carry it are still issued for a while.
	afterlife = 24 * time.Hour
	// userLife bounds how long a set of roles is known without a word.
	userLife = 400 * 24 * time.Hour
	// sessionLife bounds a session whose end never came.
	sessionLife = 31 * 24 * time.Hour
)

// state is what the mapper remembers between records.
type state struct {
	// Cluster is the log's own cluster: the first that a record named.
	Cluster string `json:"cluster,omitempty"`
	// First and Latest are the times of the first and the latest record.
	First  time.Time `json:"first,omitzero"`
	Latest time.Time `json:"latest,omitzero"`
	// Before is the time of the record before this one, Swept the log time at
	// which memory was swept last; see pass.
	Before time.Time `json:"before,omitzero"`
	Swept  time.Time `json:"swept,omitzero"`

	Requests *memory[request]     `json:"requests"` // by request id
	Users    *memory[account]     `json:"users"`    // by subject id
	Certs    *memory[certificate] `json:"certs"`    // by lineage, see certKey
	Kube     *memory[string]      `json:"kube"`     // lease of a user's Kubernetes certificate
	Apps     *memory[certificate] `json:"apps"`     // by app session id
	Sessions *memory[attended]    `json:"sessions"` // open interactive sessions by sid
	Signs    *memory[time.Time]   `json:"signs"`    // last sign of life, by access id
	Locks    *memory[events.ID]   `json:"locks"`    // target, by lock name
}

// request is an access request.
type request struct {
	Requester events.ID `json:"by,omitempty"`
	State     string    `json:"state,omitempty"`
	Roles     []string  `json:"roles,omitempty"`
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"` // of the window, once granted
	// Max is max_duration as last stated; it goes before expires.
	Max time.Time `json:"max,omitzero"`
	// Unnamed is when it was granted to the stand-in, while that still stands.
	Unnamed time.Time `json:"unnamed,omitzero"`
}

// account is a user that the log has shown. Roles are nil while the full set is
// not known.
type account struct {
	Roles []string `json:"roles,omitempty"`
	Known bool     `json:"known,omitempty"`
}

// certificate is a certificate's lease.
type certificate struct {
	Lease   string    `json:"lease"`
	Expires time.Time `json:"expires,omitzero"`
}

// attended is an interactive session: who opened it, and who else is in it, how
// many times over.
type attended struct {
	By      events.ID         `json:"by,omitempty"`
	Joiners map[events.ID]int `json:"joiners,omitempty"`
}

func newState() *state {
	return &state{
		Requests: newMemory[request](maxRequests),
		Users:    newMemory[account](maxUsers),
		Certs:    newMemory[certificate](maxCerts),
		Kube:     newMemory[string](maxCerts),
		Apps:     newMemory[certificate](maxCerts),
		Sessions: newMemory[attended](maxSessions),
		Signs:    newMemory[time.Time](maxSessions),
		Locks:    newMemory[events.ID](maxLocks),
	}
}

// pass moves log time on and forgets, once a minute of it, what is over. The
// clock is the log's, so that reading it again forgets the same. It stands at the
// earlier of two records in a row: one record with a time from the future must
// not make the mapper forget who asked for what.
func (s *state) pass(at time.Time) {
	if y := at.Year(); y < firstYear || y > lastYear {
		return
	}
	if s.First.IsZero() {
		s.First, s.Before = at, at
	}
	if at.After(s.Latest) {
		s.Latest = at
	}
	now := at
	if s.Before.Before(now) {
		now = s.Before
	}
	s.Before = at
	if now.Before(s.Swept.Add(time.Minute)) {
		return
	}
	s.Swept = now
	s.Requests.sweep(now)
	s.Users.sweep(now)
	s.Certs.sweep(now)
	s.Kube.sweep(now)
	s.Apps.sweep(now)
	s.Sessions.sweep(now)
	s.Signs.sweep(now)
	s.Locks.sweep(now)
}

func readState(b []byte) (*state, error) {
	s := newState()
	if len(b) == 0 {
		return s, nil
	}
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("read the mapper's memory from the cursor: %w", err)
	}
	return s, nil
}
