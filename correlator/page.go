package correlator

import (
	"slices"
	"strings"

	"github.com/overstay/overstay/events"
)

// A view of a large state is read in pages: each begins after a cursor, which is a
// place among the keys and stays one while alerts and accesses come and go.

// pageKeys is how many keys are taken up at a time.
const pageKeys = 256

// AlertsAfter calls fn with the alerts of the state after a cursor ("": from the
// first), in key order, each with its own cursor, until it returns false.
func (v *View) AlertsAfter(cursor string, fn func(cursor string, a AlertRecord) bool) {
	v.keysAfter(keyLedger, cursor, func(k string) bool {
		l := v.s.ledger(k)
		return l.State == "" || fn(k, v.alert(l))
	})
}

// Alert finds an alert by its id.
func (v *View) Alert(id string) (AlertRecord, bool) {
	var key string
	v.s.st.Scan([]byte(keyLedger), nil, func(k, _ []byte) bool {
		if rest := string(k[len(keyLedger):]); alertID(rest) == id {
			key = rest
		}
		return key == ""
	})
	if key == "" || v.s.ledger(key).State == "" {
		return AlertRecord{}, false
	}
	return v.alert(v.s.ledger(key)), true
}

// Marks are the operators' marks that an alert bears.
func (v *View) Marks(a AlertRecord) []MarkView {
	if l := v.s.ledger(a.key); l.standing() {
		return v.s.marksOf(l)
	}
	return nil
}

// keysAfter calls fn with the keys of a class after one of them. They are taken up
// some at a time, so that fn may read.
func (v *View) keysAfter(class, after string, fn func(rest string) bool) {
	for more := true; more; {
		var keys []string
		v.s.st.Scan([]byte(class), []byte(class+after), func(k, _ []byte) bool {
			if rest := string(k[len(class):]); rest > after || after == "" {
				keys = append(keys, rest)
			}
			return len(keys) < pageKeys
		})
		for _, k := range keys {
			if !fn(k) {
				return
			}
			after = k
		}
		more = len(keys) == pageKeys
	}
}

// SubjectRecord is an id that holds access, or held it not long ago.
type SubjectRecord struct {
	ID events.ID
	// Person are the ids that are one person with it now, itself included.
	Person []events.ID
	// Accesses counts those that are in the state under this id, Open those that are
	// held; Partial: there are more than were counted.
	Accesses, Open int
	Partial        bool
	// Alerts are those that stand because of one of them.
	Alerts []string
}

// maxCounted bounds the accesses that are looked at for one subject.
const maxCounted = 1000

// SubjectsAfter calls fn with the ids that hold access after a cursor ("": from the
// first), in order of the ids without case, those that differ in nothing else
// together, with their cursor, until it returns false.
func (v *View) SubjectsAfter(cursor string, fn func(cursor string, s []SubjectRecord) bool) {
	from := indexSubject
	if cursor != "" {
		from += cursor + "\x02" // behind all that is listed under it
	}
	for {
		var next string
		v.s.st.Scan([]byte(indexSubject), []byte(from), func(k, _ []byte) bool {
			next, _, _ = strings.Cut(string(k[len(indexSubject):]), idSep)
			return false
		})
		if next == "" {
			return
		}
		if !fn(next, v.subjects(next)) {
			return
		}
		from = indexSubject + next + "\x02"
	}
}

// Subject is what is known of one id.
func (v *View) Subject(id events.ID) (SubjectRecord, bool) {
	for _, s := range v.subjects(indexed(id)) {
		if s.ID == id || s.ID == v.s.canonical(id) {
			return s, true
		}
	}
	return SubjectRecord{}, false
}

// subjects are the ids that are one without case.
func (v *View) subjects(name string) []SubjectRecord {
	var keys []accessKey
	v.s.each(indexSubject, name, func(k string) bool {
		keys = append(keys, accessKey(k))
		return len(keys) <= maxCounted
	})
	partial := len(keys) > maxCounted
	var out []SubjectRecord
	for _, k := range keys[:min(len(keys), maxCounted)] {
		x := v.s.access(k)
		if x == nil {
			continue
		}
		i := slices.IndexFunc(out, func(s SubjectRecord) bool { return s.ID == x.Subject })
		if i < 0 {
			i = len(out)
			out = append(out, SubjectRecord{ID: x.Subject, Person: v.s.person(x.Subject, v.s.now()), Partial: partial})
		}
		out[i].add(x)
	}
	slices.SortFunc(out, func(a, b SubjectRecord) int { return cmp(string(a.ID), string(b.ID)) })
	return out
}

func (s *SubjectRecord) add(x *access) {
	s.Accesses++
	if x.OpenNow {
		s.Open++
	}
	for _, f := range x.Facets {
		if id := alertID(f.Alert); f.open() && !slices.Contains(s.Alerts, id) {
			s.Alerts = append(s.Alerts, id)
		}
	}
}
