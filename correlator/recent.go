package correlator

// recent keeps what was asked for lately, decoded. It has two generations: what is
// asked for again while it is in the elder moves to the younger, and what is not goes
// with the elder. So a bound does not make it forget what it needs at every event.
type recent[K comparable, V any] struct {
	young, old map[K]V
	weight     func(V) int // how many records one counts for; nil: each for one
	runs       int         // since it was weighed
}

func newRecent[K comparable, V any](weight func(V) int) recent[K, V] {
	return recent[K, V]{young: map[K]V{}, weight: weight}
}

// weighEvery is how many runs of messages go by until what is kept is weighed again: a
// record grows with each event that it is about.
const weighEvery = 32

// get returns what is kept under a key.
func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.young[k]
	if ok || len(r.old) == 0 {
		return v, ok
	}
	if v, ok = r.old[k]; ok {
		r.put(k, v)
	}
	return v, ok
}

// peek is get for who does not ask for it to stay.
func (r *recent[K, V]) peek(k K) (V, bool) {
	if v, ok := r.young[k]; ok {
		return v, true
	}
	v, ok := r.old[k]
	return v, ok
}

// put keeps a value under a key.
func (r *recent[K, V]) put(k K, v V) { r.young[k] = v }

// drop lets go of a key.
func (r *recent[K, V]) drop(k K) {
	delete(r.young, k)
	delete(r.old, k)
}

// age lets go of what was not asked for since it was last called, if more than most
// was.
func (r *recent[K, V]) age(most int) {
	r.runs++
	if len(r.young) > most || r.weight != nil && r.runs >= weighEvery && r.weigh() > most {
		r.old, r.young = r.young, make(map[K]V, most/4)
	}
}

// weigh is how many records what was asked for counts for.
func (r *recent[K, V]) weigh() (sum int) {
	r.runs = 0
	for _, v := range r.young {
		sum += r.weight(v)
	}
	return sum
}
