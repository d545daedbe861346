package teleport

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/overstay/overstay/events"
)

// certRecord is cert.create.
type certRecord struct {
	Type     string   `json:"cert_type"`
	Identity identity `json:"identity"`
}

// identity is what a certificate says about its holder.
type identity struct {
	User           string         `json:"user"`
	Impersonator   string         `json:"impersonator"`
	Roles          []string       `json:"roles"`
	Expires        string         `json:"expires"`
	PrevExpires    string         `json:"prev_identity_expires"`
	AccessRequests []string       `json:"access_requests"`
	BotName        string         `json:"bot_name"`
	Traits         jsontext.Value `json:"traits"`
	Cluster        string         `json:"teleport_cluster"`
	RouteToCluster string         `json:"route_to_cluster"`
	Kube           string         `json:"kubernetes_cluster"`
	RouteToDB      *struct {
		Service  string `json:"service_name"`
		Username string `json:"username"`
	} `json:"route_to_database"`
	RouteToApp *struct {
		Name      string `json:"name"`
		SessionID string `json:"session_id"`
		RoleARN   string `json:"aws_role_arn"`
	} `json:"route_to_app"`
}

func (m *Mapper) certificateMapping(typ string) func(*record) (Outcome, error) {
	switch typ {
	case "cert.create":
		return m.certCreated
	case "spiffe.svid.issued":
		return m.svidIssued
	case "bot.join":
		return m.botJoined
	}
	return nil
}

// certCreated maps an issued certificate to a lease with an exact end. Nothing in
// Teleport takes a certificate back; a lock only stops its use.
func (m *Mapper) certCreated(rec *record) (Outcome, error) {
	var c certRecord
	if err := rec.fields(&c); err != nil {
		return Unreadable, err
	}
	if c.Type != "" && c.Type != "user" {
		return NotAccess, nil // host certificates: Teleport's own parts
	}
	id := &c.Identity
	expires, err := optionalTime("identity.expires", id.Expires)
	if err != nil {
		return Unreadable, err
	}
	previous, err := optionalTime("identity.prev_identity_expires", id.PrevExpires)
	if err != nil {
		return Unreadable, err
	}
	subject := m.account(orElse(id.Cluster, rec.Cluster), id.User, "")
	refs, err := m.refs(rec, subject, id.AccessRequests)
	if err != nil {
		return Unreadable, err
	}
	scope, target := m.certScope(rec, id)
	requests := requestKey(id.AccessRequests)
	leaseID := m.leaseID(subject, target, requests, expires)
	parents := m.certParents(subject, leaseID, target, requests, expires, previous)
	err = rec.say(events.LeaseIssued, "", subject, &events.Lease{
		Meta:       events.Meta{Actor: m.certActor(rec, id), Aliases: m.aliasesOf(rec, id.BotName, id.Traits)},
		LeaseID:    leaseID,
		Credential: events.CredentialCertificate,
		Scope:      scope,
		Expiry:     expiry(expires),
		Parents:    parents,
		Approvals:  refs,
		Revocable:  new(bool),
	})
	if err != nil {
		return Unreadable, err
	}
	m.rememberCert(id, subject, target, requests, certificate{leaseID, expires})
	return said(rec), nil
}

func (m *Mapper) certActor(rec *record, id *identity) events.ID {
	return m.actor(rec, orElse(id.Impersonator, id.User))
}

func expiry(at time.Time) *events.Expiry {
	if at.IsZero() {
		return &events.Expiry{Kind: events.ExpiryUnknown}
	}
	return &events.Expiry{Kind: events.ExpiryExact, At: at}
}

// certScope is what a certificate opens: one database, application or Kubernetes
// cluster, or everything its roles reach. The role is the one that the access
// requests in it gave, where the log has shown the requests, and otherwise all
// roles in it. target is the same in short, for the lease's name.
func (m *Mapper) certScope(rec *record, id *identity) (scope events.Scope, target string) {
	cluster := orElse(id.RouteToCluster, rec.Cluster)
	scope = events.Scope{System: m.system(cluster), Role: m.certRoles(id)}
	switch {
	case id.RouteToDB != nil && id.RouteToDB.Service != "":
		scope.Resource = "db/" + id.RouteToDB.Service
		scope.Role = orElse(id.RouteToDB.Username, scope.Role)
	case id.RouteToApp != nil && id.RouteToApp.Name != "":
		scope.Resource = "app/" + id.RouteToApp.Name
		scope.Role = orElse(id.RouteToApp.RoleARN, scope.Role)
	case id.Kube != "":
		scope.Resource = "kube/" + id.Kube
	}
	scope.Resource, scope.Role = clean(scope.Resource, maxName), clean(scope.Role, maxName)
	target = scope.Resource
	if id.RouteToDB != nil && id.RouteToDB.Username != "" {
		target += "/" + clean(id.RouteToDB.Username, maxName)
	}
	if id.RouteToApp != nil && id.RouteToApp.SessionID != "" {
		target += "/" + clean(id.RouteToApp.SessionID, maxName)
	}
	if name := m.named(cluster); name != m.name {
		target = name + ":" + target
	}
	return scope, target
}

func (m *Mapper) certRoles(id *identity) string {
	asked := map[string]bool{}
	for _, request := range id.AccessRequests {
		req, _ := m.state.Requests.get(request)
		for _, role := range req.Roles {
			asked[role] = true
		}
	}
	if len(asked) > 0 {
		return strings.Join(slices.Sorted(maps.Keys(asked)), ",")
	}
	return strings.Join(slices.Sorted(slices.Values(id.Roles)), ",")
}

// requestKey is the set of access requests in a certificate, in one word.
func requestKey(ids []string) string {
	return clean(strings.Join(slices.Compact(slices.Sorted(slices.Values(ids))), ","), maxName)
}

// leaseID names a certificate. Teleport writes no serial number, so it is named
// after what it is: whose, until when, for what and under which requests. What
// agrees in all four is one lease, however often it is issued: a client asks for
// its certificates again every few minutes, and gets the same rights until the
// same end. A certificate's end has whole seconds; the log's comes with the time
// that the request took on top, which can pass the second, so the neighbouring
// seconds are looked at too.
func (m *Mapper) leaseID(subject events.ID, target, requests string, expires time.Time) string {
	if known, ok := m.sameCert(subject, target, requests, expires); ok {
		return known.Lease
	}
	id := "cert:" + subject.Local()
	if expires.IsZero() {
		id += "@unknown"
	} else {
		id += "@" + expires.UTC().Format(time.RFC3339)
	}
	if target != "" {
		id += "/" + target
	}
	if requests != "" {
		id += "+" + requests
	}
	return id
}

func (m *Mapper) sameCert(subject events.ID, target, requests string, expires time.Time) (certificate, bool) {
	for _, off := range []time.Duration{0, -time.Second, time.Second} {
		cert, ok := m.state.Certs.get(certKey(subject, target, requests, expires.Add(off)))
		if ok && cert.Expires.Sub(expires).Abs() < time.Second {
			return cert, true
		}
	}
	return certificate{}, false
}

func certKey(subject events.ID, target, requests string, expires time.Time) string {
	return fmt.Sprintf("%s %d %s +%s", subject, expires.Unix(), target, requests)
}

func kubeKey(subject events.ID, cluster string, requests []string) string {
	return fmt.Sprintf("%s %s +%s", subject, cluster, requestKey(requests))
}

// certParents is the login that a certificate was made from: the same user's
// plain certificate with the same end, or with the end that the record names as
// the previous identity's. A routed or elevated one is derived from it. It does
// not die with it.
func (m *Mapper) certParents(subject events.ID, lease, target, requests string, expires, previous time.Time) []events.Parent {
	if target == "" && requests == "" && previous.IsZero() {
		return nil
	}
	for _, end := range []time.Time{previous, expires} {
		if end.IsZero() {
			continue
		}
		login, ok := m.sameCert(subject, "", "", end)
		if !ok || login.Lease == lease {
			continue
		}
		edge := events.EdgeDerived
		if target == "" && requests == "" {
			edge = events.EdgeReissue
		}
		return []events.Parent{{
			AccessRef: events.AccessRef{Kind: events.KindLease, ID: login.Lease},
			Edge:      edge,
		}}
	}
	return nil
}

func (m *Mapper) rememberCert(id *identity, subject events.ID, target, requests string, cert certificate) {
	if cert.Expires.IsZero() {
		return
	}
	if _, known := m.sameCert(subject, target, requests, cert.Expires); !known {
		m.state.Certs.put(certKey(subject, target, requests, cert.Expires), cert, cert.Expires.Add(time.Second))
	}
	if id.Kube != "" {
		m.state.Kube.put(kubeKey(subject, id.Kube, id.AccessRequests), cert.Lease, cert.Expires)
	}
	if id.RouteToApp != nil && id.RouteToApp.SessionID != "" {
		m.state.Apps.put(id.RouteToApp.SessionID, cert, cert.Expires)
	}
}
