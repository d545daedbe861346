package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// Working is a state with the records that a run of messages needs, decoded: what
// one step has read or written the next one finds as it is, and what has changed
// is encoded once, when the run is over. It changes no verdict; that each step
// would read and write for itself is what [Step] does.
//
// Whoever keeps one is the only one who changes the state under it.
type Working struct {
	st   State
	meta *meta

	accesses  recent[accessKey, *access]
	approvals recent[approvalKey, *approval]
	ledgers   recent[string, *ledger]
	accounts  recent[events.ID, *account]
	lists     recent[listName, listed] // by class and id
	under     recent[string, string]   // by id: what stands under it
	sources   map[string]*source
	uris      []string // every source, in order; nil: to be looked up
	claims    map[string]*bulkClaims

	inForce []mark // the operators' marks; nil: to be read

	timers   schedule // of owners that are to be judged
	expiries schedule // of owners that may be able to go

	rights rights

	named namings
	rules rulebook
	doing *step // the step that is being made, whose room the next one takes over

	room    *room // nil while a judgement is in it
	scratch scratch

	held     recent[accessKey, right] // what accesses are to whose records need not be decoded
	people   recent[events.ID, kin]   // who is one person at all times, as peopleBy has it
	peopleBy *Policy

	changed map[string]bool // owners whose record must be written

	// generation bounds the records of a kind that are kept decoded between runs, in
	// each of two generations.
	generation int

	showDeparted bool
}

// NewWorking begins to work on a state.
func NewWorking(st State) *Working {
	w := &Working{
		st: st, meta: &meta{}, changed: map[string]bool{},
		accesses: newRecent[accessKey](weightOfAccess), approvals: newRecent[approvalKey](weightOfApproval),
		ledgers: newRecent[string, *ledger](nil), accounts: newRecent[events.ID, *account](nil), lists: newRecent[listName, listed](nil), under: newRecent[string, string](nil),
		sources: map[string]*source{}, claims: map[string]*bulkClaims{},
		held:   newRecent[accessKey, right](nil),
		timers: schedule{index: indexTimer}, expiries: schedule{index: indexExpiry},
	}
	w.Keep(DefaultKeep)
	w.forgetPeople()
	decodeRecord(st.Get([]byte(keyMeta)), w.meta)
	return w
}

// Changed is how many records Flush would write.
func (w *Working) Changed() int { return len(w.changed) }

// Flush writes the records that changed, in key order.
func (w *Working) Flush() {
	owners := make([]string, 0, len(w.changed))
	for o := range w.changed {
		owners = append(owners, o)
	}
	slices.Sort(owners)
	var c coder
	for _, o := range owners {
		w.st.Put([]byte(o), c.encode(w.record(o)))
		if o[:1] == ownAccess {
			w.keepHeld(accessKey(o[1:]))
		}
	}
	clear(w.changed)
	w.st.Put([]byte(keyMeta), encodeRecord(w.meta))
}

// record is the decoded record of an owner that changed.
func (w *Working) record(owner string) any {
	switch owner[:1] {
	case ownAccess:
		return w.access(accessKey(owner[1:]))
	case ownApproval:
		return w.approval(approvalKey(owner[1:]))
	case ownAccount:
		return w.account(events.ID(owner[1:]))
	case ownSource:
		return w.source(owner[1:])
	}
	return w.ledger(owner[1:])
}

// DefaultKeep is how many records of a kind stay decoded where nobody says otherwise.
const DefaultKeep = 1 << 14

// Keep has about so many records of each kind stay decoded between runs, and lists four
// times as many. One of many acts counts for several. It is a matter of memory and of time alone: no verdict depends on it.
func (w *Working) Keep(records int) { w.generation = max(records/2, 1) }

// Over goes on over the same state seen through another [State], after a Flush:
// the store, for example, once what was flushed has been committed to it.
func (w *Working) Over(st State) {
	w.st = st
	w.accesses.age(w.generation)
	w.approvals.age(w.generation)
	w.ledgers.age(w.generation)
	w.accounts.age(w.generation)
	w.lists.age(4 * w.generation) // an access is on several, and they are short
	w.under.age(4 * w.generation) // one of each access, and of what it is under: mostly that it is nothing
	w.renumber()
	w.held.age(4 * w.generation) // a key and a number
	w.people.age(2 * w.generation)
	w.named.all.age(2 * w.generation)
	if len(w.sources)+len(w.claims) > w.generation {
		w.sources, w.claims = map[string]*source{}, map[string]*bulkClaims{}
	}
}

// introduce takes a new record in. Its key is there at once, for whoever lists
// keys; its value follows with Flush.
func (w *Working) introduce(owner string) {
	w.st.Put([]byte(owner), []byte{})
	w.changed[owner] = true
}

// access reads a record, nil when there is none.
func (w *Working) access(k accessKey) *access {
	if x, ok := w.accesses.get(k); ok {
		return x
	}
	var x *access
	if rec := w.st.Get([]byte(keyAccess + string(k))); rec != nil {
		if x = new(access); !decodeRecord(rec, x) {
			x = nil
		}
	}
	w.accesses.put(k, x)
	return x
}

func (w *Working) accessOrNew(k accessKey) *access {
	x := w.access(k)
	if x == nil {
		x = &access{Key: k, verdict: verdict{PolicyNo: w.meta.PolicyNo}}
		w.accesses.put(k, x)
		w.introduce(ownAccess + string(k))
		w.sourceOrNew(k.source()).Accesses = true
	}
	w.changed[ownAccess+string(k)] = true
	return x
}

func (w *Working) approval(k approvalKey) *approval {
	if a, ok := w.approvals.get(k); ok {
		return a
	}
	var a *approval
	if rec := w.st.Get([]byte(keyApproval + string(k))); rec != nil {
		if a = new(approval); !decodeRecord(rec, a) {
			a = nil
		}
	}
	w.approvals.put(k, a)
	return a
}

func (w *Working) source(uri string) *source {
	if r, ok := w.sources[uri]; ok {
		return r
	}
	r := &source{}
	if !decodeRecord(w.st.Get([]byte(keySource+uri)), r) {
		r = nil
	}
	w.sources[uri] = r
	return r
}

// sourcesKnown lists every source, in order.
func (w *Working) sourcesKnown() []string {
	if w.uris == nil {
		w.st.Scan([]byte(keySource), nil, func(k, _ []byte) bool {
			w.uris = append(w.uris, string(k[1:]))
			return true
		})
	}
	return w.uris
}

// forgetSource lets go of a source whose record leaves the state.
func (w *Working) forgetSource(uri string) {
	delete(w.sources, uri)
	w.uris = nil
}

func (w *Working) sourceOrNew(uri string) *source {
	r := w.source(uri)
	if r == nil {
		r = &source{URI: uri, Coverage: Forever, verdict: verdict{PolicyNo: w.meta.PolicyNo}}
		w.sources[uri] = r
		w.uris = nil
		w.introduce(ownSource + uri)
	}
	w.changed[ownSource+uri] = true
	return r
}

func (w *Working) ledger(k string) *ledger {
	if l, ok := w.ledgers.get(k); ok {
		return l
	}
	l := &ledger{}
	if !decodeRecord(w.st.Get([]byte(keyLedger+k)), l) {
		l = &ledger{Key: k, ID: alertID(k), fresh: true}
		l.Rev = w.lastRevision(l.ID)
	}
	w.ledgers.put(k, l)
	return l
}
