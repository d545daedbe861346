package teleport

import (
	"fmt"

	"github.com/overstay/overstay/events"
)

// sessionRecord is the union of the records about sessions.
type sessionRecord struct {
	who
	SID     string `json:"sid"`
	Success *bool  `json:"success"`
	Error   string `json:"error"`
	Address string `json:"addr.remote"`
	// AddressAlt is what an exporter makes of a key with a dot.
	AddressAlt  string `json:"addr_remote"`
	Size        string `json:"size"`
	Interactive *bool  `json:"interactive"`

	ServerID       string `json:"server_id"`
	ServerHostname string `json:"server_hostname"`
	App            string `json:"app_name"`
	AppRole        string `json:"aws_role_arn"`
	DB             string `json:"db_service"`
	DBUser         string `json:"db_user"`
	Kube           string `json:"kubernetes_cluster"`
	KubeAnswer     int    `json:"response_code"`
	Desktop        string `json:"desktop_name"`
	DesktopAddr    string `json:"desktop_addr"`
	DesktopUser    string `json:"windows_user"`

	Participants []string `json:"participants"`
	Start        string   `json:"session_start"`
	Stop         string   `json:"session_stop"`
}

// sessionMapping covers every record of a session.
//
// session.data and session.upload are totals and recordings, written when the
// session closes or after: taking them for signs of life would show a session
// alive after its end. session.connect has neither a user nor a session.
func (m *Mapper) sessionMapping(typ string) func(*record) (Outcome, error) {
	var mapping func(*record, *sessionRecord) error
	switch typ {
	case "session.start":
		mapping = m.attendedStart
	case "session.join":
		mapping = m.joined
	case "session.leave":
		mapping = m.left
	case "session.end":
		mapping = m.attendedEnd
	case "app.session.start", "mcp.session.start":
		mapping = m.appStart
	case "db.session.start", "windows.desktop.session.start", "linux.desktop.session.start":
		mapping = m.start
	case "app.session.end", "mcp.session.end", "db.session.end",
		"windows.desktop.session.end", "linux.desktop.session.end":
		mapping = m.ended
	case "kube.request":
		mapping = m.kubeRequest
	default:
		if !isSign(typ) {
			return nil
		}
		mapping = m.sign
	}
	return func(rec *record) (Outcome, error) {
		var s sessionRecord
		if err := rec.fields(&s); err != nil {
			return Unreadable, err
		}
		if s.SID == "" && isSign(typ) {
			return NotAccess, nil // a record of a recording or a request outside of any session
		}
		if s.SID == "" && typ != "kube.request" {
			return Unreadable, fmt.Errorf("%w: %s without a session id", ErrBadField, typ)
		}
		if err := mapping(rec, &s); err != nil {
			return Unreadable, err
		}
		return said(rec), nil
	}
}

// scope is what the session reaches, and as whom.
func (m *Mapper) scope(rec *record, s *sessionRecord) events.Scope {
	scope := events.Scope{System: m.system(rec.Cluster), Role: clean(s.Login, maxName)}
	switch {
	case s.DB != "":
		scope.Resource, scope.Role = "db/"+s.DB, clean(s.DBUser, maxName)
	case s.App != "":
		scope.Resource, scope.Role = "app/"+s.App, clean(s.AppRole, maxName)
	case s.Desktop != "" || s.DesktopAddr != "":
		scope.Resource, scope.Role = "desktop/"+orElse(s.Desktop, s.DesktopAddr), clean(s.DesktopUser, maxName)
	case s.Kube != "":
		scope.Resource = "kube/" + s.Kube
	case s.ServerHostname != "" || s.ServerID != "":
		scope.Resource = "node/" + orElse(s.ServerHostname, s.ServerID)
	}
	scope.Resource = clean(scope.Resource, maxName)
	return scope
}

// session fills what all starts have in common. A start that was refused is an
// attempt: it never began, and has no end in the log.
func (m *Mapper) session(rec *record, s *sessionRecord) (events.ID, *events.Session, error) {
	subject := m.subject(rec, &s.who)
	session := &events.Session{
		Meta:        events.Meta{Aliases: m.aliases(rec, &s.who), Actor: subject},
		SessionID:   s.SID,
		Scope:       m.scope(rec, s),
		Start:       rec.at,
		Interactive: s.Interactive,
		Client:      clean(orElse(s.Address, s.AddressAlt), maxName),
	}
	if s.Impersonator != "" {
		session.Actor = m.actor(rec, s.Impersonator)
	}
	if s.Success != nil && !*s.Success || s.Success == nil && s.Error != "" {
		session.Effect = events.Failed
	}
	if s.Size != "" && session.Interactive == nil {
		terminal := true // a terminal was attached
		session.Interactive = &terminal
	}
	refs, err := m.refs(rec, subject, s.AccessRequests)
	session.Approvals = refs
	return subject, session, err
}

func (m *Mapper) start(rec *record, s *sessionRecord) error {
	subject, session, err := m.session(rec, s)
	if err != nil {
		return err
	}
	return rec.say(events.SessionStarted, "", subject, session)
}

// ended maps an end that Teleport itself observed.
func (m *Mapper) ended(rec *record, s *sessionRecord) error {
	start, err := optionalTime("session_start", s.Start)
	if err != nil {
		return err
	}
	stop, err := optionalTime("session_stop", s.Stop)
	if err != nil {
		return err
	}
	// What is written late about a session that is over must not raise it again:
	// its last sign is dated ahead.
	m.state.Signs.put(s.SID, rec.at.Add(lateFor), rec.at.Add(lateFor))
	m.state.Apps.drop(s.SID)
	return rec.say(events.SessionEnded, "", m.subject(rec, &s.who), &events.Session{
		SessionID:   s.SID,
		Start:       start,
		Interactive: s.Interactive,
		End:         &events.End{Basis: events.EndObserved, Cause: events.CauseClosed, At: stop},
	})
}

// appStart opens an application session. No record tells of its expiry, but it
// lives exactly as long as the certificate that was issued for it just before,
// which names the session.
func (m *Mapper) appStart(rec *record, s *sessionRecord) error {
	subject, session, err := m.session(rec, s)
	if err != nil {
		return err
	}
	if cert, ok := m.state.Apps.get(s.SID); ok {
		session.ScheduledEnd = cert.Expires
		session.Parents = []events.Parent{{
			AccessRef: events.AccessRef{Kind: events.KindLease, ID: cert.Lease},
			Edge:      events.EdgeDerived,
		}}
	}
	return rec.say(events.SessionStarted, "", subject, session)
}
