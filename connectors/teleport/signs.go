package teleport

import (
	"net/http"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

const (
	// signEvery is how often a session's activity is told at most.
	signEvery = time.Minute
	// lateFor is how long records of activity may come after their session's end.
	lateFor = time.Hour
)

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
// same access requests. Without either it says nothing that can be placed, and a
// refused call is no use of access.
func (m *Mapper) kubeRequest(rec *record, s *sessionRecord) error {
	if s.KubeAnswer == http.StatusUnauthorized || s.KubeAnswer == http.StatusForbidden {
		return nil
	}
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
