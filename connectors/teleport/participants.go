package teleport

import (
	"time"

	"github.com/overstay/overstay/events"
)

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
