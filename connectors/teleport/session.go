package teleport

import (
	"fmt"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// signEvery is how often a session's activity is told at most.
const signEvery = time.Minute

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

// isSign reports whether a record shows its session alive at its time.
func isSign(typ string) bool {
	switch typ {
	case "session.command", "session.network", "session.disk", "session.print", "session.process_exit",
		"app.session.chunk", "exec", "resize", "sftp", "scp", "port", "x11-forward", "subsystem":
		return true
	}
	for _, prefix := range []string{"db.session.", "mcp.session.", "desktop."} {
		if strings.HasPrefix(typ, prefix) {
			return typ != "desktop.recording" // a fragment of the recording
		}
	}
	return false
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

// attendedStart opens a session that others may join.
func (m *Mapper) attendedStart(rec *record, s *sessionRecord) error {
	if err := m.start(rec, s); err != nil {
		return err
	}
	m.state.Sessions.put(s.SID, attended{By: m.subject(rec, &s.who)}, rec.at.Add(sessionLife))
	return nil
}

// joined maps another user's way into a session: an access of its own, with an id
// of its own. The one who opened it and joins from a second terminal has it already.
func (m *Mapper) joined(rec *record, s *sessionRecord) error {
	subject, session, err := m.session(rec, s)
	if err != nil {
		return err
	}
	open, _ := m.state.Sessions.get(s.SID)
	if subject != "" && subject == open.By {
		return m.sign(rec, s)
	}
	session.SessionID = joinID(s.SID, subject)
	if err := rec.say(events.SessionStarted, "", subject, session); err != nil {
		return err
	}
	joiners := make(map[events.ID]int, len(open.Joiners)+1)
	for id, n := range open.Joiners {
		joiners[id] = n
	}
	joiners[subject]++
	m.state.Sessions.put(s.SID, attended{By: open.By, Joiners: joiners}, rec.at.Add(sessionLife))
	return nil
}

// joinID names a joiner's access within the session.
func joinID(sid string, joiner events.ID) string { return sid + "/" + joiner.Local() }

// left maps one participant's leaving. A joiner's access is over with the last of
// his terminals. The one who opened the session leaves some seconds before
// session.end: until then the shell runs under that name, so it is no end.
func (m *Mapper) left(rec *record, s *sessionRecord) error {
	subject := m.subject(rec, &s.who)
	open, _ := m.state.Sessions.get(s.SID)
	if open.Joiners[subject] == 0 {
		return m.sign(rec, s)
	}
	joiners := make(map[events.ID]int, len(open.Joiners))
	for id, n := range open.Joiners {
		joiners[id] = n
	}
	if joiners[subject]--; joiners[subject] > 0 {
		m.state.Sessions.put(s.SID, attended{By: open.By, Joiners: joiners}, rec.at.Add(sessionLife))
		return nil
	}
	delete(joiners, subject)
	m.state.Sessions.put(s.SID, attended{By: open.By, Joiners: joiners}, rec.at.Add(sessionLife))
	return m.joinerEnded(rec, s.SID, subject, rec.at)
}

func (m *Mapper) joinerEnded(rec *record, sid string, joiner events.ID, at time.Time) error {
	return rec.say(events.SessionEnded, string(joiner), joiner, &events.Session{
		SessionID: joinID(sid, joiner),
		End:       &events.End{Basis: events.EndObserved, Cause: events.CauseClosed, At: at},
	})
}

// attendedEnd closes the session and the access of everybody still in it. For a
// session whose beginning the log does not have, the record's own list of
// participants stands in.
func (m *Mapper) attendedEnd(rec *record, s *sessionRecord) error {
	if err := m.ended(rec, s); err != nil {
		return err
	}
	stop, err := optionalTime("session_stop", s.Stop)
	if err != nil {
		return err
	}
	if stop.IsZero() {
		stop = rec.at
	}
	owner := m.subject(rec, &s.who)
	for _, joiner := range m.stillIn(rec, s, owner) {
		if err := m.joinerEnded(rec, s.SID, joiner, stop); err != nil {
			return err
		}
	}
	m.state.Sessions.drop(s.SID)
	m.state.Signs.drop(s.SID)
	return nil
}

func (m *Mapper) stillIn(rec *record, s *sessionRecord, owner events.ID) []events.ID {
	open, known := m.state.Sessions.get(s.SID)
	if known && open.By != "" {
		return sortedKeys(open.Joiners)
	}
	in := map[events.ID]int{}
	for _, name := range s.Participants {
		if id := m.actor(rec, name); id != "" && id != owner {
			in[id]++
		}
	}
	return sortedKeys(in)
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
	m.state.Signs.drop(s.SID)
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

// sign maps activity inside a session.
func (m *Mapper) sign(rec *record, s *sessionRecord) error {
	subject := m.subject(rec, &s.who)
	id := s.SID
	if open, ok := m.state.Sessions.get(s.SID); ok && open.Joiners[subject] > 0 {
		id = joinID(s.SID, subject)
	}
	return m.used(rec, s, events.AccessRef{Kind: events.KindSession, ID: id})
}

// kubeRequest maps one call to a Kubernetes API. It is not a session: kubectl
// makes hundreds a minute, and none ends. It is a sign of life of the session it
// names, or else of the user's Kubernetes certificate for that cluster under the
// same access requests. Without either it says nothing that can be placed.
func (m *Mapper) kubeRequest(rec *record, s *sessionRecord) error {
	if s.SID != "" {
		return m.sign(rec, s)
	}
	lease, ok := m.state.Kube.get(kubeKey(m.subject(rec, &s.who), s.Kube, s.AccessRequests))
	if !ok {
		return nil
	}
	return m.used(rec, s, events.AccessRef{Kind: events.KindLease, ID: lease})
}

// used tells of a sign of life, at most once a minute for each access.
func (m *Mapper) used(rec *record, s *sessionRecord, access events.AccessRef) error {
	if last, ok := m.state.Signs.get(access.ID); ok && rec.at.Before(last.Add(signEvery)) {
		return nil
	}
	m.state.Signs.put(access.ID, rec.at, rec.at.Add(signEvery))
	use := &events.Use{
		Meta:        events.Meta{Aliases: m.aliases(rec, &s.who)},
		Access:      access,
		Interactive: s.Interactive,
	}
	if s.BotName != "" {
		use.Workload = m.id(rec.Cluster, realmBot, s.BotName)
	}
	return rec.say(events.AccessUsed, "", m.subject(rec, &s.who), use)
}
