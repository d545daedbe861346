package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// account is what a directory said about one of its accounts, under the id as it is
// written there. Where case does not count, several are one: accountOf puts them
// together, whenever that was declared.
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

// order is by time, and then by event.
func (a accountAct) order(o accountAct) int {
	if a.T != o.T {
		return cmp(a.T, o.T)
	}
	return cmp(a.ID, o.ID)
}

func (a *account) add(n accountAct) bool {
	i, copied := slices.BinarySearchFunc(a.Acts, n, accountAct.order)
	if copied {
		a.Acts[i].Seq = min(a.Acts[i].Seq, n.Seq)
		return false
	}
	a.Acts = slices.Insert(a.Acts, i, n)
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
	if a, ok := w.accounts.get(id); ok {
		return a
	}
	a := &account{}
	if !decodeRecord(w.st.Get([]byte(keyAccount+string(id))), a) {
		a = nil
	}
	w.accounts.put(id, a)
	return a
}

// accountsOf lists the ids as they are written of what is one account with this one.
func (s *step) accountsOf(id events.ID) []events.ID {
	if !s.foldsCase(id) {
		if s.account(id) == nil {
			return nil
		}
		return []events.ID{id}
	}
	var out []events.ID
	s.each(indexAccount, indexed(id), func(name string) bool {
		out = append(out, events.ID(name))
		return len(out) < maxPerson
	})
	return out
}

// accountOf is all that is said of an account, however its id was written, nil where
// nothing is. It goes by the first of the ids.
func (s *step) accountOf(id events.ID) *account {
	names := s.accountsOf(id)
	if len(names) == 0 {
		return nil
	}
	first := s.account(names[0])
	if len(names) == 1 {
		return first
	}
	all := &account{ID: first.ID, Source: first.Source}
	for _, name := range names {
		a := s.account(name)
		all.Source = min(all.Source, a.Source)
		all.Acts = append(all.Acts, a.Acts...)
	}
	slices.SortFunc(all.Acts, accountAct.order)
	return all
}

func (s *step) applyAccount(ev events.Event, d *events.Account) bool {
	id := ev.Subject
	s.bringPersonsUnder(id)
	s.bringUnder(ownAccount + string(id))
	a := s.account(id)
	if a == nil {
		a = &account{ID: id, Source: ev.Source, verdict: verdict{PolicyNo: s.meta.PolicyNo}}
		s.accounts.put(id, a)
		s.introduce(ownAccount + string(id))
		s.enlist(indexAccount, indexed(id), string(id))
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
