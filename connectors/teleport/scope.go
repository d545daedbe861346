package teleport

import (
	"cmp"
	"slices"

	"github.com/overstay/overstay/events"
)

func (m *Mapper) roleScope(cluster, role string) events.Scope {
	return events.Scope{System: m.system(cluster), Role: clean(role, maxName)}
}

func (m *Mapper) listScope(cluster, list string) events.Scope {
	return events.Scope{System: m.system(cluster), Resource: "access-list/" + clean(list, maxName), Role: "member"}
}

// kinds gives Teleport's resource kinds the words that sessions use.
var kinds = map[string]string{
	"node":            "node",
	"db":              "db",
	"app":             "app",
	"kube_cluster":    "kube",
	"windows_desktop": "desktop",
	"linux_desktop":   "desktop",
}

// approvalScopes are the rights that a request is for: one a role, one a
// resource. A node is requested by its id and entered by its hostname, so both
// names are scopes where the record has both.
func (m *Mapper) approvalScopes(rec *record, a *approvalRecord) []events.Scope {
	var scopes []events.Scope
	for _, role := range a.Roles {
		scopes = append(scopes, m.roleScope(rec.Cluster, role))
	}
	for i, r := range a.ResourceIDs {
		scopes = append(scopes, m.resourceScope(rec, r, r.Name))
		if len(a.ResourceNames) == len(a.ResourceIDs) && a.ResourceNames[i] != "" && a.ResourceNames[i] != r.Name {
			scopes = append(scopes, m.resourceScope(rec, r, a.ResourceNames[i]))
		}
	}
	return unique(scopes)
}

func (m *Mapper) resourceScope(rec *record, r resourceID, name string) events.Scope {
	kind, known := kinds[r.Kind]
	switch {
	case known:
	case r.Sub != "": // kind pod and its kin: name is the Kubernetes cluster
		kind = "kube"
	default:
		kind = clean(orElse(r.Kind, "resource"), maxName)
	}
	resource := kind + "/" + clean(name, maxName)
	if r.Sub != "" {
		resource += "/" + clean(r.Sub, maxName)
	}
	return events.Scope{System: m.system(orElse(r.Cluster, rec.Cluster)), Resource: resource}
}

// unique sorts scopes, drops repeated ones and keeps as many as an event holds. A
// request for more is one for nearly everything, and what is granted under it
// refers to it by id.
func unique(scopes []events.Scope) []events.Scope {
	slices.SortFunc(scopes, func(a, b events.Scope) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Role, b.Role))
	})
	scopes = slices.Compact(scopes)
	return scopes[:min(len(scopes), events.MaxScopes)]
}
