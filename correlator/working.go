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

	accesses  map[accessKey]*access
	approvals map[approvalKey]*approval
	sources   map[string]*source
	ledgers   map[string]*ledger
	claims    map[string]*bulkClaims
	accounts  map[events.ID]*account
	lists     map[string]listed // by class and id; nil: too long to be kept

	inForce []mark // the operators' marks; nil: to be read

	next  Time // when the earliest timer is due; 0: to be looked up
	sweep Time // the same of expiries

	matches   map[scopePair]scopeMatch // as matchedBy has them
	matchedBy *Policy

	people   map[events.ID][]events.ID // who is one person at all times, as peopleBy has it; nil: to be found out
	peopleBy *Policy

	changed map[string]bool // owners whose record must be written

	showDeparted bool
}

// NewWorking begins to work on a state.
func NewWorking(st State) *Working {
	w := &Working{st: st, meta: &meta{}, changed: map[string]bool{}}
	w.empty()
	decodeRecord(st.Get([]byte(keyMeta)), w.meta)
	return w
}

// empty lets go of what is decoded.
func (w *Working) empty() {
	w.accesses, w.approvals = map[accessKey]*access{}, map[approvalKey]*approval{}
	w.sources, w.ledgers, w.claims = map[string]*source{}, map[string]*ledger{}, map[string]*bulkClaims{}
	w.lists, w.accounts = map[string]listed{}, map[events.ID]*account{}
	w.people = nil
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
	for _, o := range owners {
		w.st.Put([]byte(o), encodeRecord(w.record(o)))
	}
	clear(w.changed)
	w.st.Put([]byte(keyMeta), encodeRecord(w.meta))
}

// record is the decoded record of an owner that changed.
func (w *Working) record(owner string) any {
	switch owner[:1] {
	case ownAccess:
		return w.accesses[accessKey(owner[1:])]
	case ownApproval:
		return w.approvals[approvalKey(owner[1:])]
	case ownAccount:
		return w.account(events.ID(owner[1:]))
	case ownSource:
		return w.sources[owner[1:]]
	}
	return w.ledgers[owner[1:]]
}

// maxWorking bounds the records that are kept decoded between runs.
const maxWorking = 1 << 15

// Over goes on over the same state seen through another [State], after a Flush:
// the store, for example, once what was flushed has been committed to it.
func (w *Working) Over(st State) {
	w.st = st
	if len(w.accesses)+len(w.approvals)+len(w.ledgers)+len(w.lists)+len(w.accounts)+len(w.people) > maxWorking {
		w.empty()
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
	if x, ok := w.accesses[k]; ok {
		return x
	}
	x := &access{}
	if !decodeRecord(w.st.Get([]byte(keyAccess+string(k))), x) {
		x = nil
	}
	w.accesses[k] = x
	return x
}

func (w *Working) accessOrNew(k accessKey) *access {
	x := w.access(k)
	if x == nil {
		x = &access{Key: k, verdict: verdict{PolicyNo: w.meta.PolicyNo}}
		w.accesses[k] = x
		w.introduce(ownAccess + string(k))
		w.sourceOrNew(k.source()).Accesses = true
	}
	w.changed[ownAccess+string(k)] = true
	return x
}

func (w *Working) approval(k approvalKey) *approval {
	if a, ok := w.approvals[k]; ok {
		return a
	}
	a := &approval{}
	if !decodeRecord(w.st.Get([]byte(keyApproval+string(k))), a) {
		a = nil
	}
	w.approvals[k] = a
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

func (w *Working) sourceOrNew(uri string) *source {
	r := w.source(uri)
	if r == nil {
		r = &source{URI: uri, Coverage: Forever, verdict: verdict{PolicyNo: w.meta.PolicyNo}}
		w.sources[uri] = r
		w.introduce(ownSource + uri)
	}
	w.changed[ownSource+uri] = true
	return r
}

func (w *Working) ledger(k string) *ledger {
	if l, ok := w.ledgers[k]; ok {
		return l
	}
	l := &ledger{}
	if !decodeRecord(w.st.Get([]byte(keyLedger+k)), l) {
		l = &ledger{Key: k, ID: alertID(k), fresh: true}
		l.Rev = w.lastRevision(l.ID)
	}
	w.ledgers[k] = l
	return l
}
