package vault

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// state is what later lines refer to and do not repeat: whose token it was, what
// came from it, which hash means which lease. It is written with the cursor.
type state struct {
	Coverage time.Time         `json:"coverage,omitzero"` // since when no line is missing
	Empty    bool              `json:"empty,omitempty"`   // it was claimed before any line
	Tokens   map[string]*token `json:"tokens,omitempty"`  // by lease id
	Leases   map[string]*lease `json:"leases,omitempty"`  // by lease id
	Wraps    map[string]*wrap  `json:"wraps,omitempty"`   // by key of the wrapping token's accessor
	// Names finds tokens and leases by what an audit device calls them: a key
	// (device, epoch, text) to a lease id.
	Names  map[string]string `json:"names,omitempty"`
	Epochs map[string]int    `json:"epochs,omitempty"` // salt epoch by device
	Mounts map[string]string `json:"mounts,omitempty"` // auth mount by its accessor
	// Open holds requests without a response yet, by request id.
	Open map[string]openCall `json:"open,omitempty"`
	// Unmatched are successful revocations of which it is not known what they
	// revoked, and prefix revocations, which may have hit what is not known.
	Unmatched []claim `json:"unmatched,omitempty"`
	// Waiting are server log lines that an open call may explain.
	Waiting []waitingLine `json:"waiting,omitempty"`
	// Hidden are server log lines about tokens, by lease path, that could not be
	// given to one token yet.
	Hidden map[string][]hiddenLine `json:"hidden,omitempty"`
	Now    time.Time               `json:"now,omitzero"` // log time

	// Indexes, rebuilt on load: from a token to what it issued, from a path and
	// namespace to the tokens that the server keeps there.
	children map[string][]string
	paths    map[string][]string
}

// life is what tokens and leases have in common.
type life struct {
	Subject events.ID `json:"subject,omitempty"`
	Parent  string    `json:"parent,omitempty"` // whose death kills it
	Path    string    `json:"path,omitempty"`   // lease id without its last part
	NS      string    `json:"ns,omitempty"`     // namespace id
	// Asked and Issued enclose the instant at which it began.
	Asked  time.Time `json:"asked,omitzero"`
	Issued time.Time `json:"issued,omitzero"`
	// Due and Expires enclose the instant at which it runs out by itself.
	Due     time.Time `json:"due,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
	End     *end      `json:"end,omitempty"`
}

// end is what is known of an end so far.
type end struct {
	Cause    events.EndCause `json:"cause"`
	Actor    events.ID       `json:"actor,omitempty"`
	Asked    time.Time       `json:"asked,omitzero"` // the revoking call's request and response
	At       time.Time       `json:"at"`
	Observed bool            `json:"observed,omitempty"`
}

type token struct {
	life
	Used time.Time `json:"used,omitzero"` // last access.used
}

type lease struct {
	life
	Failures int `json:"failures,omitempty"`
}

// wrap is a response that was handed out under a wrapping token.
type wrap struct {
	life           // of what is inside
	Token   string `json:"token"` // lease id of the wrapping token
	Request string `json:"request"`
	Mount   string `json:"mount"`
	Full    string `json:"full"` // path from the root namespace on
	Inner   string `json:"inner,omitempty"`
	// Refs are the caller's approval references.
	Refs []string `json:"refs,omitempty"`
}

type openCall struct {
	At     time.Time `json:"at"`
	Revoke bool      `json:"revoke,omitempty"`
}

type claim struct {
	Token  bool            `json:"token,omitempty"` // revoked a token, else a lease
	Prefix string          `json:"prefix,omitempty"`
	NS     string          `json:"ns,omitempty"`
	Cause  events.EndCause `json:"cause"`
	Actor  events.ID       `json:"actor,omitempty"`
	Asked  time.Time       `json:"asked"`
	At     time.Time       `json:"at"`
}

type waitingLine struct {
	LeaseID string    `json:"lease"`
	At      time.Time `json:"at"`
	Raw     string    `json:"raw"`
	Zone    bool      `json:"zone,omitempty"`
	Step    int64     `json:"step,omitempty"`
}

type hiddenLine struct {
	At  time.Time `json:"at"`
	Raw string    `json:"raw"`
}

func newState() *state {
	s := &state{}
	s.fill()
	return s
}

// fill makes the maps that a stored state left out, and the index.
func (s *state) fill() {
	made(&s.Tokens)
	made(&s.Leases)
	made(&s.Wraps)
	made(&s.Names)
	made(&s.Epochs)
	made(&s.Mounts)
	made(&s.Open)
	made(&s.Hidden)
	s.children, s.paths = map[string][]string{}, map[string][]string{}
	for id, t := range s.Tokens {
		s.index(id, &t.life)
		s.paths[t.place()] = append(s.paths[t.place()], id)
	}
	for id, l := range s.Leases {
		s.index(id, &l.life)
	}
}

func made[K comparable, V any](m *map[K]V) {
	if *m == nil {
		*m = map[K]V{}
	}
}

func (s *state) index(id string, l *life) {
	if l.Parent != "" {
		s.children[l.Parent] = append(s.children[l.Parent], id)
	}
}

// place is the key of a path in its namespace.
func (l *life) place() string { return l.Path + " " + l.NS }

func (s *state) addToken(id string, t *token) {
	if s.Tokens[id] == nil {
		s.index(id, &t.life)
		s.paths[t.place()] = append(s.paths[t.place()], id)
	}
	s.Tokens[id] = t
}

func (s *state) addLease(id string, l *lease) {
	if s.Leases[id] == nil {
		s.index(id, &l.life)
	}
	s.Leases[id] = l
}

// lifeOf is the common part of a token or lease, nil when it is not known.
func (s *state) lifeOf(id string) *life {
	if t := s.Tokens[id]; t != nil {
		return &t.life
	}
	if l := s.Leases[id]; l != nil {
		return &l.life
	}
	return nil
}

// name is the key of what a device calls something. What is in clear means the
// same everywhere; a hash only on its device and within its salt epoch.
func (s *state) name(device, text string) string {
	if !hashed(text) {
		return text
	}
	return fmt.Sprintf("%s %d %s", device, s.Epochs[device], text)
}

// descendants lists what dies with a token, parents before children, in the same
// order after a restart as before it.
func (s *state) descendants(id string) []string {
	var out []string
	for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
		below := slices.Sorted(slices.Values(s.children[queue[0]]))
		out, queue = append(out, below...), append(queue, below...)
	}
	return out
}

// How long the state remembers, in log time.
const (
	keepEnded   = time.Hour           // for the server log's lines after an end
	keepUnknown = 32 * 24 * time.Hour // without an expiry: Vault's default maximum
	keepOpen    = 10 * time.Minute    // a request lasts 90 s at most
	maxEntries  = 500_000             // tokens and leases
)

// prune forgets what no line can refer to any more. It is called now and then,
// not on every line.
func (s *state) prune() (dropped int) {
	for id, t := range s.Tokens {
		if t.over(s.Now, t.Used) && len(s.living(id)) == 0 {
			delete(s.Tokens, id)
		}
	}
	for id, l := range s.Leases {
		if l.over(s.Now, time.Time{}) {
			delete(s.Leases, id)
		}
	}
	if n := len(s.Tokens) + len(s.Leases) - maxEntries; n > 0 {
		dropped = s.dropOldest(n)
	}
	maps.DeleteFunc(s.Wraps, func(_ string, w *wrap) bool { return w.over(s.Now, time.Time{}) })
	maps.DeleteFunc(s.Open, func(_ string, o openCall) bool { return s.Now.Sub(o.At) > keepOpen })
	s.Unmatched = slices.DeleteFunc(s.Unmatched, func(c claim) bool { return s.Now.Sub(c.At) > keepOpen })
	for path, lines := range s.Hidden {
		lines = slices.DeleteFunc(lines, func(h hiddenLine) bool { return s.Now.Sub(h.At) > keepEnded })
		if s.Hidden[path] = lines; len(lines) == 0 {
			delete(s.Hidden, path)
		}
	}
	maps.DeleteFunc(s.Names, func(_, id string) bool { return s.lifeOf(id) == nil })
	s.fill()
	return dropped
}

// living lists the children of a token that are still known.
func (s *state) living(id string) []string {
	return slices.DeleteFunc(slices.Clone(s.children[id]), func(c string) bool { return s.lifeOf(c) == nil })
}

func (s *state) dropOldest(n int) int {
	type entry struct {
		id string
		at time.Time
	}
	var all []entry
	for id, t := range s.Tokens {
		all = append(all, entry{id, t.Issued})
	}
	for id, l := range s.Leases {
		all = append(all, entry{id, l.Issued})
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id)) })
	for _, e := range all[:n] {
		delete(s.Tokens, e.id)
		delete(s.Leases, e.id)
	}
	return n
}

// over reports that nothing more will be read about it. used is the last sign of
// life, which is what counts where no expiry is known.
func (l *life) over(now, used time.Time) bool {
	switch {
	case l.End != nil && l.End.Observed:
		return now.Sub(l.End.At) > keepEnded
	case l.End != nil:
		return now.Sub(l.End.At) > 24*keepEnded // six tries to revoke take hours
	case !l.Expires.IsZero():
		return now.Sub(l.Expires) > 24*keepEnded
	}
	return now.Sub(later(later(l.Asked, l.Issued), used)) > keepUnknown
}

// idsUnder lists what a prefix revocation ends: leases by id, tokens by the path
// that the server keeps their own lease under.
func (s *state) idsUnder(prefix, ns string) []string {
	var ids []string
	for id, l := range s.Leases {
		if l.NS == ns && strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	for id, t := range s.Tokens {
		if t.NS == ns && t.Path != "" && strings.HasPrefix(t.Path+"/", prefix) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
