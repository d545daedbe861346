package demo

import (
	"encoding/json"
	"fmt"
	"slices"
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
	ID        string      `json:"id"`
	Requester events.ID   `json:"requester"`
	Subject   events.ID   `json:"subject"`
	Person    []events.ID `json:"person"`
	Kind      string      `json:"kind"`
	Basis     string      `json:"basis"`
	Behind    []string    `json:"behind"`
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

// names are the ids of the people in an alert, each with the name that a reader
// of the story knows.
func (p *publication) names() map[string]string {
	names := map[string]string{}
	var requester events.ID
	for _, e := range p.Data.Evidences {
		if e.Data.Requester != "" {
			requester = e.Data.Requester
			names[string(requester)] = requester.Local()
		}
	}
	for _, e := range p.Data.Evidences {
		if e.Data.Subject != "" && slices.Contains(e.Data.Person, requester) {
			names[string(e.Data.Subject)] = requester.Local()
		}
	}
	return names
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

// why says what the alert rests on; "" where its message has said it.
func (p *publication) why() string {
	o, sources := p.Data.Unmapped.Overstay, strings.Join(p.Data.Finding.Sources, " and ")
	switch {
	case o.State == "retracted":
		return ""
	case o.State == "resolved" && p.facet().Basis == "observed":
		return "Observed: the source itself shows that it is gone."
	case o.State == "resolved":
		return "Basis: " + p.facet().Basis + "."
	case o.Provisional:
		return "A suspicion until then: medium at most, and not on the subject that wakes people up."
	}
	return "Confirmed: " + sources + " were read past the deadline, and tell of no end."
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
