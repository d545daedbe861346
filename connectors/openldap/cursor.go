package openldap

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/overstay/overstay/connectors"
)

// place is where the connector stands: everything a restart needs. As a cursor it
// is JSON, with the memory compressed (about 40 bytes a person and 10 a member).
type place struct {
	Version int `json:"v"`
	// Reads is a digest of the settings that decide what is held; a cursor made
	// under others is of no use.
	Reads    string    `json:"reads"`
	Seen     position  `json:"seen"`
	AsOf     time.Time `json:"asOf"`     // everything up to here was said
	Coverage time.Time `json:"coverage"` // since when there is no gap
	Scanned  time.Time `json:"scanned,omitzero"`
	Held     []byte    `json:"held"` // memory, JSON, deflated

	memory *memory
	stale  bool // Held is older than memory
	packed packed
}

// packed is the last cursor, said again while nothing but the time has moved on:
// whoever stores cursors need not write megabytes for each progress.
type packed struct {
	cursor connectors.Cursor
	seen   position
	asOf   time.Time
	scan   time.Time
}

const repackEvery = time.Minute

const (
	placeVersion = 1
	maxHeld      = 1 << 30 // bytes of a memory, inflated
)

// begin is the place of a directory never read before.
func (c Config) begin() *place {
	return &place{Version: placeVersion, Reads: c.reads(), Seen: position{}, memory: newMemory(c.system()), stale: true}
}

// resume reads a cursor. One that was made under other settings begins anew.
func (c Config) resume(from connectors.Cursor) (*place, error) {
	if len(from) == 0 {
		return c.begin(), nil
	}
	p := &place{memory: &memory{}}
	if err := json.Unmarshal(from, p); err != nil {
		return nil, fmt.Errorf("read the cursor of %s: %w", c.uri(), err)
	}
	if p.Version != placeVersion || p.Reads != c.reads() {
		return c.begin(), nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(p.Held)), maxHeld))
	if err == nil {
		err = json.Unmarshal(text, p.memory)
	}
	if err != nil {
		return nil, fmt.Errorf("read what the cursor of %s holds: %w", c.uri(), err)
	}
	p.memory.index(c.system())
	if p.Seen == nil {
		p.Seen = position{}
	}
	for _, csn := range p.Seen {
		if _, err := parseCSN(string(csn)); err != nil {
			return nil, fmt.Errorf("read the position in the cursor of %s: %w", c.uri(), err)
		}
	}
	return p, nil
}

// known reports whether the directory was read completely once.
func (p *place) known() bool { return !p.Coverage.IsZero() }

// knownUntil is the last time at which the memory was certainly true. Our
// position says so too where a single server makes all changes: an idle one of
// several has an old CSN and no news.
func (p *place) knownUntil() time.Time {
	until := p.AsOf
	if len(p.Seen) == 1 {
		for _, csn := range p.Seen {
			if t := csn.Time(); t.After(until) {
				until = t
			}
		}
	}
	return until
}

// cursor packs the place; the memory only when it changed, as it is the bulk.
func (p *place) cursor() (connectors.Cursor, error) {
	if !p.known() {
		return nil, nil
	}
	if !p.stale && p.packed.cursor != nil && maps.Equal(p.packed.seen, p.Seen) && p.packed.scan.Equal(p.Scanned) && p.AsOf.Sub(p.packed.asOf) < repackEvery {
		return p.packed.cursor, nil
	}
	if p.stale {
		held, err := deflate(p.memory)
		if err != nil {
			return nil, fmt.Errorf("pack what the cursor holds: %w", err)
		}
		p.Held, p.stale = held, false
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("pack the cursor: %w", err)
	}
	p.packed = packed{cursor: text, seen: maps.Clone(p.Seen), asOf: p.AsOf, scan: p.Scanned}
	return text, nil
}

func deflate(m *memory) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// reads is a digest of all settings that decide what an entry means.
func (c Config) reads() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %q %q %q", c.Name, c.BaseDN, c.GroupClasses, c.PeopleClasses,
		c.MemberAttributes, c.MemberUIDAttributes, c.Disabled)
	return hex.EncodeToString(h.Sum(nil)[:8])
}
