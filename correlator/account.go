package correlator

import (
	"sort"

	"github.com/overstay/overstay/events"
)

// account is what a directory said about one of its accounts.
type account struct {
	ID   events.ID    `json:"id"`
	Acts []accountAct `json:"acts"`
}

type accountAct struct {
	T    Time   `json:"t"`
	What string `json:"what"` // account-disabled, account-enabled, ...
	ID   string `json:"id"`
}

const maxAccountActs = 32

func (a *account) add(n accountAct) bool {
	i := sort.Search(len(a.Acts), func(i int) bool {
		x := a.Acts[i]
		return x.T > n.T || x.T == n.T && x.ID >= n.ID
	})
	if i < len(a.Acts) && a.Acts[i] == n {
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

func (s *step) account(id events.ID) *account {
	var a account
	if !decodeRecord(s.st.Get(key(keyAccount, string(id))), &a) {
		return nil
	}
	return &a
}

func (s *step) applyAccount(ev events.Event, _ *events.Account) bool {
	id := s.canonical(ev.Subject)
	a := s.account(id)
	if a == nil {
		a = &account{ID: id}
	}
	if !a.add(accountAct{At(ev.Time), ev.Type.What(), eventRef(ev)}) {
		return false
	}
	s.st.Put(key(keyAccount, string(id)), encodeRecord(a))
	s.touchPersons(id)
	return true
}
