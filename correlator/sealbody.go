package correlator

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/overstay/overstay/events"
)

// Subject is the NATS subject of the seal.
func (s *Seal) Subject() string {
	return events.SealedSubject(s.Approval.ID+"@"+s.Approval.Source, s.Revision)
}

// ID is what the seal is about, the same in every replay.
func (s *Seal) ID() string {
	return sealID(s.Approval.Source, s.Approval.ID)
}

func sealID(source, approval string) string {
	return alertID("sealed" + keySep + source + keySep + approval)
}

// sum tells seals that say the same apart from those that say something new: the
// policy and the semantics that they are said under are nothing new.
func (s *Seal) sum() string {
	d := s.data()
	for _, member := range []string{"sealed", "origin", "lookedAt", "policy", "semantics"} {
		delete(d, member)
	}
	b, err := canonical(d)
	if err != nil {
		return ""
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// encode makes the seal's bytes, however many: a CloudEvent in canonical JSON.
func (s *Seal) encode() ([]byte, error) {
	typ := TypeSealed
	if !s.Proven {
		typ = TypeClosedUnproven
	}
	return canonical(cloudEvent(typ, s.ID()+"."+strconv.FormatUint(s.Revision, 10), string(s.Approval.Requester), s.Told, s.data(),
		object{"correlationid": s.ID()}))
}

func (s *Seal) data() object {
	var facets []object
	for _, f := range s.Facets {
		o := object{"facet": f.Facet, "count": f.Count, "end": f.End.String(), "lastKnownAlive": f.EndLo.String(),
			"basis": string(f.Basis), "overrun": f.Overrun.String()}
		if len(f.Seen) > 0 {
			o["facts"] = evidenceList(f.Seen)
		}
		facets = append(facets, o)
	}
	looked := []object{}
	for _, l := range s.Looked {
		o := object{"source": l.URI}
		if l.Progress != 0 {
			o["progress"] = l.Progress.String()
		}
		looked = append(looked, o)
	}
	o := object{
		"approval": s.Approval.data(), "facets": facets, "assurance": string(s.Assurance), "proven": s.Proven,
		"lookedAt": looked, "systemsWithoutConnector": append([]string{}, s.Unseen...), "sealed": s.Told.String(), "origin": s.Origin,
		"policy": s.Policy, "semantics": SemanticsID,
	}
	if s.full != nil {
		o["truncated"] = true
		o["notShown"] = object{
			"lookedAt": len(s.full.Looked) - len(s.Looked), "systemsWithoutConnector": len(s.full.Unseen) - len(s.Unseen),
		}
	}
	return o
}
