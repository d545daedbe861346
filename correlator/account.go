package correlator

import (
	"sort"

	"github.com/overstay/overstay/events"
)

// account is what a directory said about one of its accounts.
type account struct {
	ID events.ID `json:"id"`
	// Source is who speaks of it; of several, the first by name.
	Source string       `json:"source"`
	Acts   []accountAct `json:"acts"`

	// Derived.
	verdict
}

type accountAct struct {
	T    Time   `json:"t"`
	What string `json:"what"` // account-disabled, account-enabled, ...
	ID   string `json:"id"`
	Seq  uint64 `json:"seq"`
	// Owner is the one that it names: "" is nobody where the owner changed, else
	// nothing is said of it.
	Owner events.ID `json:"owner,omitempty"`
	// Person is whether it says that the account is a person's; "": it does not.
	Person string `json:"person,omitempty"`
}

// What is said of whose an account is.
const (
	aPerson    = "yes"
	notAPerson = "no"
)

const maxAccountActs = 32

func (a *account) add(n accountAct) bool {
	i := sort.Search(len(a.Acts), func(i int) bool {
		x := a.Acts[i]
		return x.T > n.T || x.T == n.T && x.ID >= n.ID
	})
	if i < len(a.Acts) && a.Acts[i].T == n.T && a.Acts[i].ID == n.ID {
		a.Acts[i].Seq = min(a.Acts[i].Seq, n.Seq) // a copy
		return false
	}
	a.Acts = append(a.Acts, accountAct{})
	copy(a.Acts[i+1:], a.Acts[i:])
	a.Acts[i] = n
	if len(a.Acts) > maxAccountActs {
		a.Acts = a.Acts[len(a.Acts)-maxAccountActs:]
	}
	return true
}

// closedTimes is when the account was disabled or deleted.
func (a *account) closedTimes() []Interval {
	var out []Interval
	for _, act := range a.Acts {
		n := len(out)
		isClosed := n > 0 && out[n-1].To == Forever
		switch act.What {
		case "account-disabled", "account-deleted":
			if !isClosed {
				out = append(out, Interval{act.T, Forever})
			}
		case "account-enabled", "account-created":
			if isClosed {
				out[n-1].To = act.T
			}
		}
	}
	return out
}

// account reads a record, nil when there is none.
func (w *Working) account(id events.ID) *account {
	if a, ok := w.accounts[id]; ok {
		return a
	}
	a := &account{}
	if !decodeRecord(w.st.Get([]byte(keyAccount+string(id))), a) {
		a = nil
	}
	w.accounts[id] = a
	return a
}

func (s *step) applyAccount(ev events.Event, d *events.Account) bool {
	id := s.canonical(ev.Subject)
	a := s.account(id)
	if a == nil {
		a = &account{ID: id, Source: ev.Source}
		s.accounts[id] = a
		s.introduce(ownAccount + string(id))
		s.expire(ownAccount+string(id), s.now().Add(identityFor))
	}
	act := accountAct{T: At(ev.Time), What: ev.Type.What(), ID: eventRef(ev), Seq: s.msg.Origin.Seq, Owner: d.Owner}
	if d.Person != nil {
		act.Person = aPerson
		if !*d.Person {
			act.Person = notAPerson
		}
	}
	s.changed[ownAccount+string(id)] = true
	if !a.add(act) {
		return false
	}
	a.Source = min(a.Source, ev.Source)
	if d.Owner != "" {
		s.enlist(indexOwned, indexed(d.Owner), string(id))
	}
	s.touch(ownAccount + string(id))
	s.touchPersons(id)
	s.touchOwned(id)
	return true
}
