package events

import (
	"maps"
	"slices"
	"time"
)

// EndReporting says whether a source reports that access has ended.
type EndReporting string

// The grades. Where it is not always, an overrun is provisional until there is
// evidence of life after the window.
const (
	EndsAlways    EndReporting = "always"
	EndsSometimes EndReporting = "sometimes"
	EndsNever     EndReporting = "never"
)

// Realm declares what ids of one realm are. Policy may override it.
type Realm struct {
	Name string `json:"name"`
	// Shared ids (root, a team mailbox) stand for nobody and never link.
	Shared bool `json:"shared,omitempty"`
	// Immutable ids are anchors: two of one realm are two persons.
	Immutable bool `json:"immutable,omitempty"`
	// Recyclable ids are given to somebody else later and never link by
	// themselves.
	Recyclable bool `json:"recyclable,omitempty"`
	// Workload: its ids are programs' and machines', no person's.
	Workload bool `json:"workload,omitempty"`
	// FoldCase: the local part is compared without case.
	FoldCase bool `json:"foldCase,omitempty"`
	// Rank orders links: a lower rank is believed first.
	Rank int `json:"rank,omitempty"`
}

// maxRank bounds a realm's rank, either way.
const maxRank = 1000

// Capabilities is what a connector can promise about itself.
type Capabilities struct {
	// EndReporting by access kind; a kind left out is "always".
	EndReporting map[AccessKind]EndReporting `json:"endReporting,omitempty"`
	// Progress: this source sends source.progress, and silence means blind.
	Progress bool `json:"progress,omitempty"`
	// Every is the longest time between two progress events of a live source.
	Every Duration `json:"every,omitempty"`
	// Settle is how long the source may lag behind its progress; default 5 s.
	Settle Duration `json:"settle,omitempty"`
	Realms []Realm  `json:"realms,omitempty"`
}

// Resumed is the data of source.resumed: a connector begins or continues. What
// began before Coverage is baseline.
type Resumed struct {
	Meta
	// Coverage is from when on this source's record is complete: the first line
	// of its file, its first complete snapshot. Zero: from this event on.
	Coverage     time.Time    `json:"coverage,omitzero"`
	Capabilities Capabilities `json:"capabilities,omitzero"`
	// Connector names the program and its version, for reports.
	Connector string `json:"connector,omitempty"`
}

func (r *Resumed) validate(c *checker, _ Type) {
	r.validateMeta(c)
	c.time("coverage", r.Coverage)
	if r.Capabilities.EndReporting != nil && len(r.Capabilities.EndReporting) == 0 {
		r.Capabilities.EndReporting = nil
	}
	noneIfEmpty(&r.Capabilities.Realms)
	for _, k := range slices.Sorted(maps.Keys(r.Capabilities.EndReporting)) {
		v := r.Capabilities.EndReporting[k]
		enum(c, "capabilities.endReporting", k, KindSession, KindLease, KindMembership)
		enum(c, "capabilities.endReporting."+string(k), v, EndsAlways, EndsSometimes, EndsNever)
	}
	if d := r.Capabilities.Every.Std(); d < 0 || d > 24*time.Hour {
		c.fail("capabilities.every", "is %s, not between 0 and 24 h", d)
	}
	if d := r.Capabilities.Settle.Std(); d < 0 || d > time.Hour {
		c.fail("capabilities.settle", "is %s, not between 0 and 1 h", d)
	}
	c.atMost("capabilities.realms", len(r.Capabilities.Realms), 64)
	for i, realm := range r.Capabilities.Realms {
		c.enterItem("capabilities.realms", i)
		c.required("name", realm.Name)
		if realm.Rank < -maxRank || realm.Rank > maxRank {
			c.fail("rank", "is %d, not between %d and %d", realm.Rank, -maxRank, maxRank)
		}
		if NewID(realm.Name, "x").Realm() != realm.Name {
			c.fail("name", "is %.60q: a realm has only lower-case letters, digits and . _ - /", realm.Name)
		}
		c.leave()
	}
	c.text("connector", r.Connector)
}

// ProgressBasis says on what a progress claim rests.
type ProgressBasis string

// The bases, best first.
const (
	ByPosition  ProgressBasis = "position"  // the upstream's own position or cookie
	ByCanary    ProgressBasis = "canary"    // a mark of ours came back
	ByTransport ProgressBasis = "transport" // the connection lives, no more
)

// Progress is the data of source.progress: everything this source had before
// Through is in the log, up to Sequence.
type Progress struct {
	Meta
	Through  time.Time     `json:"through"`
	Sequence uint64        `json:"sequence,omitempty"` // the connector's counter so far
	Basis    ProgressBasis `json:"basis"`
}

func (p *Progress) validate(c *checker, _ Type) {
	p.validateMeta(c)
	c.requiredTime("through", p.Through)
	c.exact("sequence", p.Sequence)
	enum(c, "basis", p.Basis, ByPosition, ByCanary, ByTransport)
}

// SnapshotBegin is the data of source.snapshot-begin: a full scan of one kind of
// access in one system starts. The correlator does the comparing.
type SnapshotBegin struct {
	Meta
	SnapshotID string     `json:"snapshotId"`
	Kind       AccessKind `json:"kind"`
	Scope      Scope      `json:"scope"` // what is scanned: a system, or a resource in it
	StartedAt  time.Time  `json:"startedAt"`
}

func (s *SnapshotBegin) validate(c *checker, _ Type) {
	s.validateMeta(c)
	c.required("snapshotId", s.SnapshotID)
	enum(c, "kind", s.Kind, KindSession, KindLease, KindMembership)
	s.Scope.validate(c, "scope")
	c.requiredTime("startedAt", s.StartedAt)
}

// SnapshotItem is one access found alive by a scan.
type SnapshotItem struct {
	ID      string         `json:"id"` // session or lease id; memberships leave it out
	Subject ID             `json:"subject"`
	Scope   Scope          `json:"scope"`
	Path    MembershipPath `json:"path,omitempty"`
	Expiry  *Expiry        `json:"expiry,omitempty"`
	Aliases []ID           `json:"aliases,omitempty"`
}

// SnapshotPart is the data of source.snapshot-part; Index counts from 0.
type SnapshotPart struct {
	Meta
	SnapshotID string         `json:"snapshotId"`
	Index      int            `json:"index"`
	Items      []SnapshotItem `json:"items"`
}

func (s *SnapshotPart) validate(c *checker, _ Type) {
	s.validateMeta(c)
	c.required("snapshotId", s.SnapshotID)
	if s.Index < 0 {
		c.fail("index", "is negative")
	}
	c.exact("index", uint64(max(s.Index, 0)))
	noneIfEmpty(&s.Items)
	c.atMost("items", len(s.Items), MaxItems)
	for i := range s.Items {
		item := &s.Items[i]
		c.enterItem("items", i)
		c.text("id", item.ID)
		c.id("subject", item.Subject)
		item.Scope.validate(c, "scope")
		if item.Path == pathDirect {
			item.Path = PathDirect
		}
		enum(c, "path", item.Path, PathDirect, PathNested, PathPrimary)
		if item.Expiry != nil {
			item.Expiry.validate(c)
		}
		noneIfEmpty(&item.Aliases)
		c.ids("aliases", item.Aliases, MaxAliases)
		c.leave()
	}
}

// SnapshotEnd is the data of source.snapshot-end. A snapshot whose parts, count
// or hash differ from what arrived applies nothing.
type SnapshotEnd struct {
	Meta
	SnapshotID string `json:"snapshotId"`
	Parts      int    `json:"parts"`
	Count      int    `json:"count"`
	// Hash is [SnapshotHash] over all items in order.
	Hash    string    `json:"hash"`
	EndedAt time.Time `json:"endedAt"`
}

func (s *SnapshotEnd) validate(c *checker, _ Type) {
	s.validateMeta(c)
	c.required("snapshotId", s.SnapshotID)
	if s.Parts < 0 || s.Count < 0 {
		c.fail("parts", "and count must not be negative")
	}
	c.exact("parts", uint64(max(s.Parts, 0)))
	c.exact("count", uint64(max(s.Count, 0)))
	if !isHex(s.Hash, 64) {
		c.fail("hash", "is not 64 lower-case hex digits")
	}
	c.requiredTime("endedAt", s.EndedAt)
}
