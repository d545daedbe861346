package correlator

import "slices"

// An index lists entries under an id: the accesses of a subject, the children of
// an access. Each entry is a key of its own, so that a list may grow without
// bound; one more key says that there are any, since to ask a store for one key
// costs it far less than to look for a range in which there is nothing.

// maxListed bounds the lists that a [Working] keeps decoded.
const maxListed = 64

// listed is a list that is known whole.
type listed []string

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
		w.lists.put(mark, slices.Insert(list, i, entry))
	case known:
		w.lists.put(mark, nil) // too long to be kept
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
	w.st.Delete(key(class, id, entry))
	mark := markOf(class, id)
	w.lists.drop(mark)
	if list, known := w.list(class, id); known && len(list) == 0 {
		w.st.Delete([]byte(mark))
	}
}

// list returns the entries in order where they are few, and whether they are.
func (w *Working) list(class, id string) (list listed, known bool) {
	mark := markOf(class, id)
	if list, seen := w.lists.get(mark); seen {
		return list, list != nil
	}
	list = listed{}
	if w.st.Get([]byte(mark)) != nil {
		prefix := prefixOf(class, id)
		w.st.Scan(prefix, nil, func(k, _ []byte) bool {
			list = append(list, string(k[len(prefix):]))
			return len(list) <= maxListed
		})
		if len(list) > maxListed {
			list = nil
		}
	}
	w.lists.put(mark, list)
	return list, list != nil
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
