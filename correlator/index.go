package correlator

import (
	"slices"
	"strings"
)

// An index lists entries under an id: the accesses of a subject, the children of
// an access. Each entry is a key of its own, so that a list may grow without
// bound. One more key an id says in which indexes something stands under it: of
// nearly every id that turns up it is nothing, and one look finds that out for all,
// for far less than it costs a store to look for a range in which there is nothing.

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

// listName is which list it is.
type listName struct{ class, id string }

// stands reports whether something stands under an id in an index, or in a class of
// records that is noted like one.
func (w *Working) stands(class, id string) bool { return strings.Contains(w.standing(id), class) }

// standing is the letters of the classes in which something stands under an id.
func (w *Working) standing(id string) string {
	if classes, seen := w.under.get(id); seen {
		return classes
	}
	classes := string(w.st.Get([]byte(keyStanding + id)))
	w.under.put(id, classes)
	return classes
}

// setStanding notes whether something does.
func (w *Working) setStanding(class, id string, there bool) {
	was := w.standing(id)
	if strings.Contains(was, class) == there {
		return
	}
	now := strings.ReplaceAll(was, class, "")
	if there {
		i := strings.IndexFunc(was, func(r rune) bool { return string(r) > class })
		if i < 0 {
			i = len(was)
		}
		now = was[:i] + class + was[i:]
	}
	w.under.put(id, now)
	if now == "" {
		w.st.Delete([]byte(keyStanding + id))
		return
	}
	w.st.Put([]byte(keyStanding+id), []byte(now))
}

// enlist adds an entry; it is there once, however often it is added.
func (w *Working) enlist(class, id, entry string) {
	w.heedIndex(class, id, entry, true)
	list, known := w.list(class, id)
	i, found := slices.BinarySearch(list, entry)
	if known && found {
		return
	}
	w.setStanding(class, id, true)
	w.st.Put(key(class, id, entry), []byte{})
	switch {
	case known && len(list) < maxListed:
		w.lists.put(listName{class, id}, listed{entries: slices.Insert(list, i, entry)})
	case known:
		w.lists.put(listName{class, id}, listed{atLeast: maxListed + 1})
	}
}

// heedIndex keeps what was found out by an index in keeping with it: who is one person
// at all times, and what a person's approvals name.
func (w *Working) heedIndex(class, id, entry string, listed bool) {
	switch class {
	case indexLink:
		w.forgetPeople()
	case indexConsumer:
		w.rename(id, approvalKey(entry), listed)
	}
}

// delist takes an entry off.
func (w *Working) delist(class, id, entry string) {
	w.heedIndex(class, id, entry, false)
	list, known := w.list(class, id)
	i, found := slices.BinarySearch(list, entry)
	if known && !found {
		return
	}
	w.st.Delete(key(class, id, entry))
	if !known {
		w.shorten(listName{class, id})
		return
	}
	if len(list) == 1 {
		w.setStanding(class, id, false)
	}
	w.lists.put(listName{class, id}, listed{entries: slices.Delete(slices.Clone(list), i, i+1)})
}

// shorten notes that a list which is too long to be kept may have one entry less.
func (w *Working) shorten(name listName) {
	l, _ := w.lists.get(name)
	if l.atLeast--; l.atLeast > maxListed {
		w.lists.put(name, l)
		return
	}
	w.lists.drop(name) // it is counted again when it is asked for
}

// list returns the entries in order where they are few, and whether they are. The caller
// must not change them.
func (w *Working) list(class, id string) (entries []string, known bool) {
	if !w.stands(class, id) {
		return nil, true
	}
	name := listName{class, id}
	if l, seen := w.lists.get(name); seen {
		return l.entries, l.atLeast == 0
	}
	var l listed
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
	w.lists.put(name, l)
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
