package correlator

// agenda is what a step has still to judge, in the order in which it was asked
// for: all accesses before any approval, and approvals before sources, since
// those count these.
type agenda struct {
	accesses, approvals, accounts, sources queue

	queued map[string]bool
	asked  int // how often something was put on it
}

// queue is first in, first out.
type queue struct {
	owners []string
	head   int
}

// add puts an owner on the agenda unless it is there.
func (a *agenda) add(owner string) {
	if a.queued[owner] {
		return
	}
	a.queued[owner] = true
	a.asked++
	q := &a.sources
	switch owner[:1] {
	case ownAccess:
		q = &a.accesses
	case ownApproval:
		q = &a.approvals
	case ownAccount:
		q = &a.accounts
	}
	q.owners = append(q.owners, owner)
}

// emptied is an agenda in the room of one on which nothing is left.
func (a *agenda) emptied() agenda {
	clear(a.queued)
	return agenda{
		accesses: a.accesses.emptied(), approvals: a.approvals.emptied(), accounts: a.accounts.emptied(), sources: a.sources.emptied(),
		queued: a.queued,
	}
}

func (q *queue) emptied() queue { return queue{owners: q.owners[:0]} }

// next takes the next owner off the agenda; it may be put there again.
func (a *agenda) next() (owner string, ok bool) {
	for _, q := range []*queue{&a.accesses, &a.approvals, &a.accounts, &a.sources} {
		if q.head < len(q.owners) {
			owner = q.owners[q.head]
			q.head++
			delete(a.queued, owner)
			return owner, true
		}
	}
	return "", false
}
