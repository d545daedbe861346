package correlator

import "slices"

// An index lists entries under an id: the accesses of a subject, the children of
// an access. Each entry is a key of its own, so that a list may grow without
// bound; one more key says that there are any, since to ask a store for one key
// costs it far less than to look for a range in which there is nothing.

// maxListed bounds the lists that a [Working] keeps decoded.
const maxListed = 64

// listed is what is known of a list: all entries, or that there are too many to be
// kept, and of how many that is known for sure. Whether one of those is empty is asked
// of the store only when so many were taken off: it would be looked for behind all that
// was deleted.
type listed struct {
	entries []string
	atLeast int // more than maxListed: entries is empty
}

// countedTo is how far a list that is too long to be kept is counted.
const countedTo = 1024

func markOf(class, id string) string { return class + id }

// enlist adds an entry; it is there once, however often it is added.
func (w *Working) enlist(class, id, entry string) {
	mark := markOf(class, id)
	w.heedIndex(class, id, entry, true)
	list, known := w.list(class, id)
	i, found := slices.BinarySearch(list, entry)
	switch {
	case known && found:
		return
	case known && len(list) == 0:
		w.st.Put([]byte(mark), []byte{})
	}
	w.st.Put(key(class, id, entry), []byte{})
	switch {
	case known && len(list) < maxListed:
		w.lists.put(mark, listed{entries: slices.Insert(list, i, entry)})
	case known:
		w.lists.put(mark, listed{atLeast: maxListed + 1})
	}
}

// heedIndex keeps what was found out by an index in keeping with it: who is one person
// at all times, and what a person's approvals name.
func (w *Working) heedIndex(class, id, entry string, listed bool) {
	switch class {
	case indexLink:
		w.people = nil
	case indexConsumer:
		w.rename(id, approvalKey(entry), listed)
	}
}

// delist takes an entry off.
func (w *Working) delist(class, id, entry string) {
	w.heedIndex(class, id, entry, false)
	list, known := w.list(class, id)
	mark := markOf(class, id)
	w.st.Delete(key(class, id, entry))
	if !known {
		w.shorten(mark)
		return
	}
	i, found := slices.BinarySearch(list, entry)
	if !found {
		return
	}
	if len(list) == 1 {
		w.st.Delete([]byte(mark))
	}
	w.lists.put(mark, listed{entries: slices.Delete(slices.Clone(list), i, i+1)})
}

// shorten notes that a list which is too long to be kept may have one entry less.
func (w *Working) shorten(mark string) {
	l, _ := w.lists.get(mark)
	if l.atLeast--; l.atLeast > maxListed {
		w.lists.put(mark, l)
		return
	}
	w.lists.drop(mark) // it is counted again when it is asked for
}

// list returns the entries in order where they are few, and whether they are. The caller
// must not change them.
func (w *Working) list(class, id string) (entries []string, known bool) {
	mark := markOf(class, id)
	if l, seen := w.lists.get(mark); seen {
		return l.entries, l.atLeast == 0
	}
	var l listed
	if w.st.Get([]byte(mark)) != nil {
		prefix := prefixOf(class, id)
		n := 0
		w.st.Scan(prefix, nil, func(k, _ []byte) bool {
			if n++; n <= maxListed {
				l.entries = append(l.entries, string(k[len(prefix):]))
			}
			return n < countedTo
		})
		if n > maxListed {
			l = listed{atLeast: n}
		}
	}
	w.lists.put(mark, l)
	return l.entries, l.atLeast == 0
}

// each calls fn with the entries in order, until it returns false. fn must not
// change the list.
func (w *Working) each(class, id string, fn func(entry string) bool) {
	if list, known := w.list(class, id); known {
		for _, entry := range list {
			if !fn(entry) {
				return
			}
		}
		return
	}
	prefix := prefixOf(class, id)
	w.st.Scan(prefix, nil, func(k, _ []byte) bool { return fn(string(k[len(prefix):])) })
}
