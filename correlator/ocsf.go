package correlator

import (
	"strconv"
	"strings"

	"github.com/overstay/overstay/events"
)

// SemanticsID names the rules, schemas and wording of this version: a replay by
// the same semantics gives the same bytes.
const SemanticsID = "overstay-1"

// ocsfVersion is the schema that alerts are valid against.
const ocsfVersion = "1.8.0"

// lifecycle gives OCSF's activity, status and verdict of a state.
func (a *Alert) lifecycle() (activity int, activityName string, status int, statusName string) {
	if suppressed(a.Marks) {
		if activity, activityName = 2, "Update"; a.Revision == 1 {
			activity, activityName = 1, "Create"
		}
		return activity, activityName, 3, "Suppressed"
	}
	switch {
	case a.State == Raised && a.Revision == 1:
		return 1, "Create", 1, "New"
	case a.State == Raised:
		return 2, "Update", 1, "New"
	case a.State == Updated:
		return 2, "Update", 2, "In Progress"
	}
	return 3, "Close", 4, "Resolved"
}

var severityNames = map[Severity]string{Informational: "Informational", Low: "Low", Medium: "Medium", High: "High", Critical: "Critical"}

func (a *Alert) confidence() (int, string) {
	if a.Provisional {
		return 1, "Low"
	}
	for _, f := range a.whole().Facets {
		if f.Unattested {
			return 2, "Medium"
		}
	}
	return 3, "High"
}

func (a *Alert) finding() object {
	activity, activityName, status, statusName := a.lifecycle()
	confidence, confidenceName := a.confidence()
	start := a.Told
	for _, f := range a.whole().Facets {
		if f.From > 0 {
			start = min(start, f.From)
		}
	}
	msg := a.message()
	f := object{
		"activity_id": activity, "activity_name": activityName, "category_uid": 2, "category_name": "Findings",
		"class_uid": 2004, "class_name": "Detection Finding", "type_uid": 200400 + activity,
		"type_name": "Detection Finding: " + activityName, "severity_id": int(a.Severity), "severity": severityNames[a.Severity],
		"status_id": status, "status": statusName, "status_detail": a.statusDetail(),
		"confidence_id": confidence, "confidence": confidenceName, "is_alert": activity == 1,
		"time": a.Raised.Millis(), "start_time": start.Millis(), "end_time": a.Told.Millis(), "message": msg,
		"metadata":     a.metadata(),
		"finding_info": a.findingInfo(start),
		"evidences":    a.evidences(),
		"observables":  a.observables(),
		"remediation":  object{"desc": a.remedy()},
		"unmapped":     object{"overstay": a.details()},
	}
	if r := a.resources(); len(r) > 0 {
		f["resources"] = r
	}
	if a.State == Retracted {
		f["verdict_id"], f["verdict"] = 1, "False Positive"
	}
	return f
}

func (a *Alert) statusDetail() string {
	if a.Closing != "" {
		return string(a.Closing)
	}
	if a.Provisional {
		return "provisional"
	}
	return "confirmed"
}

func (a *Alert) metadata() object {
	return object{
		"version": ocsfVersion, "uid": a.ID + "." + strconv.FormatUint(a.Revision, 10), "correlation_uid": a.ID,
		"sequence": a.Revision, "logged_time": a.Told.Millis(), "event_code": string(a.Rule.ID),
		"labels":  a.Rule.Controls,
		"product": object{"name": "Overstay", "vendor_name": "Overstay", "version": SemanticsID, "feature": object{"name": "correlator", "uid": string(a.Rule.ID)}},
	}
}

func (a *Alert) findingInfo(start Time) object {
	var attacks []object
	for _, t := range a.Rule.Attacks {
		o := object{"version": AttackVersion, "tactic": object{"uid": t.Tactic, "name": t.TacticName}, "technique": object{"uid": t.Technique, "name": t.Name}}
		if t.Sub != "" {
			o["sub_technique"] = object{"uid": t.Sub, "name": t.SubName}
		}
		attacks = append(attacks, o)
	}
	info := object{
		"uid": a.ID, "uid_alt": a.uidAlt(), "title": a.Rule.Title, "desc": a.message(), "types": []string{a.Rule.Name},
		"created_time": a.Raised.Millis(), "modified_time": a.Told.Millis(), "first_seen_time": start.Millis(), "last_seen_time": a.Told.Millis(),
		"analytic": object{"type_id": 1, "type": "Rule", "uid": string(a.Rule.ID), "name": a.Rule.Name, "version": SemanticsID},
	}
	if len(attacks) > 0 {
		info["attacks"] = attacks
	}
	if sources := a.sources(); len(sources) > 0 {
		info["data_sources"] = sources
	}
	if related := a.related(); len(related) > 0 {
		info["related_events"], info["related_events_count"] = related, len(related)
	}
	return info
}

// uidAlt is the readable key: what the alert is about, for a person's eye.
func (a *Alert) uidAlt() string {
	parts := []string{string(a.Rule.ID)}
	if a.Approval != nil {
		parts = append(parts, a.Approval.ID)
	}
	if a.Account != "" {
		parts = append(parts, string(a.Account))
	}
	parts = append(parts, shortSource(a.Source))
	if a.Approval == nil && a.Account == "" && len(a.Facets) > 0 {
		parts = append(parts, a.Facets[0].ID)
	}
	return strings.Join(parts, "|")
}

func (a *Alert) sources() []string {
	seen := map[string]bool{}
	var out []string
	add := func(s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	if a.Approval != nil {
		add(a.Approval.Source)
	}
	add(a.Source)
	for _, f := range a.Facets {
		add(f.Source)
	}
	return out
}

// maxRelated bounds the related events of one body.
const maxRelated = 24

func (a *Alert) related() []object {
	var out []object
	add := func(ev Evidence) {
		if len(out) < maxRelated && ev.ID != "" {
			out = append(out, object{"uid": ev.ID, "type": ev.What, "title": ev.What + " at " + ev.At.String(), "created_time": ev.At.Millis()})
		}
	}
	if a.Approval != nil {
		for _, ev := range a.Approval.Evidence {
			add(ev)
		}
	}
	for _, f := range a.Facets {
		for _, ev := range f.Evidence {
			add(ev)
		}
	}
	return out
}

func (a *Alert) evidences() []object {
	var out []object
	if a.Approval != nil {
		out = append(out, object{"uid": "approval", "name": "approval", "user": user(a.Approval.Requester), "data": a.Approval.data()})
	}
	for i, f := range a.Facets {
		e := object{"uid": "facet-" + strconv.Itoa(i+1), "name": string(f.Kind), "data": f.data()}
		if f.Of != "" {
			e["name"] = f.Of
		}
		if f.Subject != "" {
			e["user"] = user(f.Subject)
		}
		out = append(out, e)
	}
	out = append(out, object{"uid": "cause", "name": "cause", "data": a.Cause.data()})
	return out
}

func user(id events.ID) object { return object{"uid": string(id), "name": id.Local()} }

func (a *Alert) resources() []object {
	var out []object
	for _, f := range a.Facets {
		if f.Scope.IsZero() {
			continue
		}
		name := strings.TrimSpace(f.Scope.Resource + " " + f.Scope.Role)
		if name == "" {
			name = f.Scope.System
		}
		out = append(out, object{"uid": f.Scope.String(), "name": name, "namespace": f.Scope.System, "type": string(f.Kind)})
	}
	return out
}

func (a *Alert) observables() []object {
	out := []object{{"name": "metadata.event_code", "type_id": 99, "type": "Rule", "value": string(a.Rule.ID)}}
	seen := map[events.ID]bool{}
	for _, f := range a.Facets {
		if f.Subject != "" && !seen[f.Subject] {
			seen[f.Subject] = true
			out = append(out, object{"name": "evidences.user.uid", "type_id": 31, "type": "User UID", "value": string(f.Subject)})
		}
	}
	return out
}
