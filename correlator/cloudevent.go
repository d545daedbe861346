package correlator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/overstay/overstay/events"
)

// eventSource is the CloudEvents source of everything the correlator says.
const eventSource = "overstay://correlator"

// The CloudEvents types of what is published.
const (
	TypeAlertPrefix    = events.Prefix + "alert."
	TypeSealed         = events.Prefix + "access.sealed"
	TypeClosedUnproven = events.Prefix + "access.closed-unproven"
)

type object = map[string]any

// Level is the severity word of the alert's subject: provisional alerts have a
// level of their own, whatever their severity.
func (a *Alert) Level() string {
	if a.Provisional {
		return "provisional"
	}
	return a.Severity.String()
}

// Subject is the NATS subject of the revision.
func (a *Alert) Subject() string {
	return events.AlertSubject(a.Level(), string(a.Rule.ID), a.ID, a.Revision)
}

// encode makes the revision's bytes, however many: a CloudEvent with an OCSF 2004
// Detection Finding as data, in canonical JSON (RFC 8785).
func (a *Alert) encode() ([]byte, error) {
	return canonical(cloudEvent(
		TypeAlertPrefix+string(a.State), a.ID+"."+strconv.FormatUint(a.Revision, 10), a.subjectID(), a.Told, a.finding(),
		object{"severitytext": a.Severity.String(), "correlationid": a.ID, "sequence": fmt.Sprintf("%019d", a.Revision)},
	))
}

func cloudEvent(typ, id, subject string, at Time, data object, extensions object) object {
	ce := object{
		"specversion": "1.0", "type": typ, "source": eventSource, "id": id, "time": at.Std().Format(time.RFC3339Nano),
		"datacontenttype": "application/json", "data": data,
	}
	if subject != "" {
		ce["subject"] = subject
	}
	for k, v := range extensions {
		ce[k] = v
	}
	return ce
}

// canonical is RFC 8785: sorted members, shortest numbers, no spaces.
func canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode alert: %w", err)
	}
	out := jsontext.Value(b)
	if err := out.Canonicalize(); err != nil {
		return nil, fmt.Errorf("canonicalise alert: %w", err)
	}
	return out, nil
}

// About is whom, or what, it is about: a person's id, else a source.
func (a *Alert) About() string { return a.subjectID() }

func (a *Alert) subjectID() string {
	switch {
	case a.Account != "":
		return string(a.Account)
	case len(a.Facets) > 0 && a.Facets[0].Subject != "":
		return string(a.Facets[0].Subject)
	case a.Approval != nil:
		return string(a.Approval.Requester)
	}
	return a.Source
}
