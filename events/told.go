package events

import "regexp"

// MaxTold bounds how many alerts and how many seals one system.told lists.
const MaxTold = 500

// Told is the data of system.told: what the alert stream says last of alerts and
// seals, for a state that was made again and may number them otherwise. A run of
// these lists all of the stream; the last is marked.
type Told struct {
	Meta
	// Run names the events that belong together.
	Run    string      `json:"run"`
	Alerts []ToldAlert `json:"alerts,omitempty"`
	Seals  []ToldSeal  `json:"seals,omitempty"`
	Last   bool        `json:"last,omitempty"`
	// Epoch and After are the position of what was told last when the list was begun:
	// what follows from later messages is told besides. Both are 0 where nothing is
	// told until the list is there.
	Epoch uint64 `json:"epoch,omitempty"`
	After uint64 `json:"after,omitempty"`
}

// ToldAlert is the newest revision of an alert in the alert stream.
type ToldAlert struct {
	ID       string `json:"id"`
	Revision uint64 `json:"revision"`
	State    string `json:"state"`    // raised, updated, resolved, retracted
	Severity string `json:"severity"` // informational to critical
	// Provisional, as it was told; Open is how many facets were.
	Provisional bool `json:"provisional,omitempty"`
	Open        int  `json:"open,omitempty"`
}

// ToldSeal is the newest revision of a seal in the alert stream.
type ToldSeal struct {
	ID       string `json:"id"`
	Revision uint64 `json:"revision"`
}

func (t *Told) validate(c *checker, _ Type) {
	t.validateMeta(c)
	noneIfEmpty(&t.Alerts)
	noneIfEmpty(&t.Seals)
	c.required("run", t.Run)
	c.exact("epoch", t.Epoch)
	c.exact("after", t.After)
	c.atMost("alerts", len(t.Alerts), MaxTold)
	c.atMost("seals", len(t.Seals), MaxTold)
	for i, a := range t.Alerts {
		c.enterItem("alerts", i)
		a.validate(c)
		c.leave()
	}
	for i, s := range t.Seals {
		c.enterItem("seals", i)
		s.validate(c)
		c.leave()
	}
}

// Err says what is wrong with it, nil if nothing: what stands in an alert stream
// may have been written by anybody, and one bad entry makes the whole event invalid.
func (a ToldAlert) Err() error {
	var c checker
	a.validate(&c)
	return c.err()
}

func (a ToldAlert) validate(c *checker) {
	c.told(a.ID, a.Revision)
	enum(c, "state", a.State, "raised", "updated", "resolved", "retracted")
	enum(c, "severity", a.Severity, "informational", "low", "medium", "high", "critical")
	if a.Open < 0 {
		c.fail("open", "is negative")
	}
}

// Err says what is wrong with it, nil if nothing.
func (s ToldSeal) Err() error {
	var c checker
	s.validate(&c)
	return c.err()
}

func (s ToldSeal) validate(c *checker) { c.told(s.ID, s.Revision) }

// toldID is what the id of an alert or a seal looks like.
var toldID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (c *checker) told(id string, revision uint64) {
	if !toldID.MatchString(id) {
		c.fail("id", "is not 32 lower-case hex digits")
	}
	if revision == 0 {
		c.fail("revision", "is zero; revisions count from 1")
	}
	c.exact("revision", revision)
}
