package correlator

import (
	"slices"
	"strings"
)

// schedule is an index of owners by time, of which the front is kept decoded. What is next
// is asked for at every step, and most owners leave before their time comes: looked up
// in the store each time, it would be found behind all that was deleted before it.
type schedule struct {
	index string   // what its keys begin with: a time follows, and an owner
	front []string // every key of the index below rest, in order
	rest  string   // where in the index the front ends; "": it has not been read yet
}

// frontLoad is how many keys are read at a time; the front has twice as many at most.
const frontLoad = stepBudget / 2

// scheduleKey is an owner's key at a time.
func scheduleKey(index string, due Time, owner string) string { return index + timeKey(due) + owner }

// split takes a key of the schedule apart.
func (c *schedule) split(key string) (due Time, owner string) {
	k := key[len(c.index):]
	return timeFromKey(k), k[8:]
}

// beyond is the first key after the index: a front that has all of it ends there.
func (c *schedule) beyond() string {
	last := len(c.index) - 1
	return c.index[:last] + string([]byte{c.index[last] + 1})
}

// put adds an owner, and lowers low, below which the index has nothing.
func (c *schedule) put(st State, low *Time, due Time, owner string) {
	key := scheduleKey(c.index, due, owner)
	st.Put([]byte(key), []byte{})
	*low = min(*low, due)
	if key >= c.rest {
		return // what is not read yet has it
	}
	if i, found := slices.BinarySearch(c.front, key); !found {
		c.front = slices.Insert(c.front, i, key)
	}
	if len(c.front) > 2*frontLoad {
		c.rest = c.front[frontLoad]
		clear(c.front[frontLoad:])
		c.front = c.front[:frontLoad]
	}
}

// drop takes an owner out.
func (c *schedule) drop(st State, due Time, owner string) {
	key := scheduleKey(c.index, due, owner)
	st.Delete([]byte(key))
	if i, found := slices.BinarySearch(c.front, key); found {
		c.front = slices.Delete(c.front, i, i+1)
	}
}

// extend reads on where the front ends, and reports whether there was more.
func (c *schedule) extend(st State, low Time) bool {
	from := c.rest
	if from == "" {
		from = c.index + timeKey(low)
	}
	if from >= c.beyond() {
		return false
	}
	c.rest = c.beyond()
	more := 0
	st.Scan([]byte(c.index), []byte(from), func(k, _ []byte) bool {
		if more == frontLoad {
			c.rest = string(k)
			return false
		}
		more++
		c.front = append(c.front, string(k))
		return true
	})
	return more > 0
}

// next is the earliest time in the schedule, Forever when it is empty.
func (c *schedule) next(st State, low Time) Time {
	if len(c.front) == 0 && !c.extend(st, low) {
		return Forever
	}
	due, _ := c.split(c.front[0])
	return due
}

// due are the keys of the first owners, at most so many, whose time has come by now.
func (c *schedule) due(st State, low, now Time, most int) []string {
	until := scheduleKey(c.index, now, "") // and all owners at that very time
	for {
		n := 0
		for n < len(c.front) && n < most && (c.front[n] < until || strings.HasPrefix(c.front[n], until)) {
			n++
		}
		if n < len(c.front) || n == most || !c.extend(st, low) {
			return slices.Clone(c.front[:n])
		}
	}
}
