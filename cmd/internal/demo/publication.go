package demo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// publication is what a subscriber of the alert stream reads: an alert, an OCSF
// Detection Finding, or the seal of a chain of access. Of both only what the demo
// shows.
type publication struct {
	Type string `json:"type"`
	Data struct {
		Message  string `json:"message"`
		Severity string `json:"severity"`
		Finding  struct {
			Title   string   `json:"title"`
			Sources []string `json:"data_sources"`
		} `json:"finding_info"`
		Metadata struct {
			Rule string `json:"event_code"`
		} `json:"metadata"`
		Evidences []struct {
			Data evidence `json:"data"`
		} `json:"evidences"`
		Unmapped struct {
			Overstay struct {
				Provisional bool   `json:"provisional"`
				State       string `json:"state"`
				Due         string `json:"due"`
			} `json:"overstay"`
		} `json:"unmapped"`

		Approval  evidence    `json:"approval"`
		Facets    []sealFacet `json:"facets"`
		Assurance string      `json:"assurance"`
	} `json:"data"`
}

// evidence is an approval, or an access that an alert is about.
type evidence struct {
	ID        string    `json:"id"`
	Requester events.ID `json:"requester"`
	Kind      string    `json:"kind"`
	Basis     string    `json:"basis"`
	Behind    []string  `json:"behind"`
}

// sealFacet is one kind of access in a seal.
type sealFacet struct {
	Facet   string    `json:"facet"`
	Count   int       `json:"count"`
	End     time.Time `json:"end"`
	Basis   string    `json:"basis"`
	Overrun string    `json:"overrun"`
}

func readPublication(m eventlog.Message) (publication, error) {
	var p publication
	if err := json.Unmarshal(m.Body, &p); err != nil {
		return p, fmt.Errorf("read what was published on %s: %w", m.Subject, err)
	}
	return p, nil
}

func (p *publication) isSeal() bool {
	return p.Type == correlator.TypeSealed || p.Type == correlator.TypeClosedUnproven
}

// facet is the access that the alert is about.
func (p *publication) facet() evidence {
	for _, e := range p.Data.Evidences {
		if e.Data.Kind != "" {
			return e.Data
		}
	}
	return evidence{}
}

// opens reports whether the alert says something that is wrong, and not that it is
// over.
func (p *publication) opens() bool {
	state := p.Data.Unmapped.Overstay.State
	return state != string(correlator.Resolved) && state != string(correlator.Retracted)
}

// why says what the alert rests on; "" where its message has said it.
func (p *publication) why() string {
	o, sources := p.Data.Unmapped.Overstay, strings.Join(p.Data.Finding.Sources, " and ")
	switch {
	case o.State == string(correlator.Retracted):
		return ""
	case o.State == string(correlator.Resolved) && p.facet().Basis == "observed":
		return "Observed: the source itself shows that it is gone."
	case o.State == string(correlator.Resolved):
		return "Basis: " + p.facet().Basis + "."
	case o.Provisional:
		return "A suspicion: medium at most, on a NATS subject of its own."
	}
	return "Confirmed: " + sources + " were read past the deadline and tell of no end."
}

// facets says of a seal what ended when, what that rests on, and how much too late.
func (p *publication) facets() string {
	var parts []string
	for _, f := range p.Data.Facets {
		part := f.Facet + " " + f.End.Format("15:04") + " (" + f.Basis
		if late, err := time.ParseDuration(f.Overrun); err == nil && late > 0 {
			part += ", " + strings.TrimSuffix(late.Round(time.Minute).String(), "0s") + " late"
		}
		parts = append(parts, part+")")
	}
	return strings.Join(parts, ", ")
}
