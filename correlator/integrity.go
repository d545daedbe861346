package correlator

import (
	"fmt"
	"slices"

	"github.com/overstay/overstay/events"
)

// engineSource is who speaks of the log itself.
const engineSource = "overstay://engine"

// incident is one thing that puts evidence in doubt: damage to the log, or a kind
// of event outside its source's authority. It stands until an operator confirms
// it, since nothing that a source says could make up for it.
type incident struct {
	// What tells incidents of one source apart.
	What string `json:"what"`
	// Note is what happened, for reading, as of the earliest event of it, By.
	Note string `json:"note"`
	By   stamp  `json:"by"`
	// Noticed is the log time at which it was first read; 0: before log time began.
	Noticed Time `json:"noticed,omitempty"`
	// Seen are the newest events of it, so that a copy of one reopens nothing.
	Seen []sighting `json:"seen"`
	// Confirmed is the log time of an operator's word; 0: it stands.
	Confirmed Time `json:"confirmed,omitempty"`
	// Once: it names one thing that happened, and no later event is another.
	Once bool `json:"once,omitempty"`
}

// sighting is one event of an incident.
type sighting struct {
	What string `json:"what"`
	ID   string `json:"id"`
	Seq  uint64 `json:"seq"`
	T    Time   `json:"t"`
}

const (
	// maxIncidents bounds those of one source; what comes then counts as one more.
	maxIncidents = 64
	// maxSeen bounds the events remembered of one. A copy of an older one counts as
	// new, and is told: that errs on the loud side.
	maxSeen = 32
)

// restOfIncidents is what the incidents beyond the bound are counted as.
const restOfIncidents = "more"

// note merges an event of an incident in; it reports whether it says anything new.
func (r *source) note(n incident, by sighting, now Time) bool {
	i := slices.IndexFunc(r.Incidents, func(o incident) bool { return o.What == n.What })
	if i < 0 && len(r.Incidents) >= maxIncidents-1 {
		n.What, n.Note, n.Once = restOfIncidents, fmt.Sprintf("%d incidents stand already, and this is one more", maxIncidents-1), false
		i = slices.IndexFunc(r.Incidents, func(o incident) bool { return o.What == n.What })
	}
	n.By, n.Noticed = stamp{T: by.T, ID: by.ID}, now
	if i < 0 {
		n.Seen = []sighting{by}
		r.Incidents = append(r.Incidents, n)
		return true
	}
	have := &r.Incidents[i]
	if j := slices.IndexFunc(have.Seen, func(o sighting) bool { return o.ID == by.ID }); j >= 0 {
		have.Seen[j].Seq = min(have.Seen[j].Seq, by.Seq)
		return false
	}
	if have.Seen = append(have.Seen, by); len(have.Seen) > maxSeen {
		have.Seen = slices.Delete(have.Seen, 0, len(have.Seen)-maxSeen)
	}
	switch {
	case have.Confirmed != 0 && have.Once:
		return false
	case have.Confirmed != 0: // it goes on after somebody looked at it
		have.Confirmed, have.By, have.Note, have.Noticed = 0, n.By, n.Note, now
	case n.By.less(have.By):
		have.By, have.Note = n.By, n.Note
	default:
		return false
	}
	return true
}

// evidence lists the newest events of it.
func (n incident) evidence() []Evidence {
	var out []Evidence
	for _, e := range n.Seen[max(0, len(n.Seen)-MaxShown):] {
		out = append(out, Evidence{e.What, e.ID, e.Seq, e.T})
	}
	return out
}

// sightingOf is an event as an incident remembers it.
func (s *step) sightingOf(ev events.Event) sighting {
	return sighting{What: ev.Type.Short(), ID: ev.Source + "|" + ev.ID, Seq: s.msg.Origin.Seq, T: At(ev.Time)}
}

// applyObservation takes in what the engine saw.
func (s *step) applyObservation(ev events.Event, d *events.Observation) bool {
	switch d.What {
	case events.ObservedQuarantined:
		if d.Source == "" {
			return false
		}
		r := s.sourceOrNew(d.Source)
		r.Quarantined = s.now()
		s.touch(ownSource + d.Source)
		return true
	case events.ObservedAlerts:
		return s.noteDamage(ev, incident{What: d.What + " " + ev.ID, Note: d.Detail, Once: true})
	case events.ObservedGap, events.ObservedAnchor, events.ObservedPurged, events.ObservedCheckpoint:
		n := incident{What: fmt.Sprintf("%s %s %d-%d", d.What, s.msg.Origin.LogID, d.From, d.To), Note: d.Detail, Once: true}
		if n.Note == "" {
			n.Note = d.What
		}
		n.Note += positions(d.From, d.To)
		return s.noteDamage(ev, n)
	}
	return false
}

func positions(from, to uint64) string {
	switch {
	case from == 0 && to == 0:
		return ""
	case from == to:
		return fmt.Sprintf(" (%d)", from)
	}
	return fmt.Sprintf(" (%d to %d)", from, to)
}

// applyEpoch takes in that the log is another incarnation than before.
func (s *step) applyEpoch(ev events.Event, d *events.Epoch) bool {
	return s.noteDamage(ev, incident{What: fmt.Sprintf("epoch %s %d", d.LogID, d.Epoch), Note: d.Reason, Once: true})
}

// noteDamage notes damage to the log.
func (s *step) noteDamage(ev events.Event, n incident) bool {
	changed := s.sourceOrNew(engineSource).note(n, s.sightingOf(ev), s.now())
	s.touch(ownSource + engineSource)
	return changed
}

// confirmIncidents takes an operator's word that somebody has looked into what an
// alert of OV-025 is about: all that it stands for is over, and the next is told
// again. A confirmation names the alert, or the rule for all of them.
func (s *step) confirmIncidents(d *events.Mark) (changed bool) {
	sel := d.Selector
	if sel.Subject != "" || sel.Approval != "" || sel.Rule != "" && sel.Rule != string(ruleTampered.ID) {
		return false
	}
	for _, uri := range s.sourcesKnown() {
		if sel.Alert != "" && sel.Alert != alertID(alertParts{Rule: ruleTampered.ID, Source: uri}.key()) {
			continue
		}
		r := s.source(uri)
		for i := range r.Incidents {
			if r.Incidents[i].Confirmed == 0 {
				r.Incidents[i].Confirmed = max(s.now(), 1)
				s.changed[ownSource+uri], changed = true, true
				s.touch(ownSource + uri)
			}
		}
	}
	return changed
}
