package correlator

// An id and a revision name one body for ever: sinks and the alert stream tell
// revisions apart by nothing else. What an alert or a seal was last told as is
// therefore remembered beyond its record. Not one by one, which would have no bound:
// ids fall into buckets, and a bucket keeps the highest revision of all that are
// forgotten in it. Whatever comes new into it begins above that. Nearly always that
// is revision 1; where it is not, numbers are left out, and none is used again.

// revisionBucket is how many hex digits of an id make its bucket: 65,536 of them.
const revisionBucket = 4

func revisionKey(id string) []byte { return []byte(keyRevisions + id[:revisionBucket]) }

// lastRevision is what a new alert or seal of this id goes on from.
func (w *Working) lastRevision(id string) uint64 {
	var n uint64
	decodeRecord(w.st.Get(revisionKey(id)), &n)
	return n
}

// keepRevision remembers the last revision of an id that is forgotten.
func (w *Working) keepRevision(id string, revision uint64) {
	if revision > w.lastRevision(id) {
		w.st.Put(revisionKey(id), encodeRecord(revision))
	}
}
