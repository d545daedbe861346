package correlator

import (
	"encoding/json"
	"slices"
	"strconv"
)

const (
	// timersAtOnce are the timers whose owners are judged together.
	timersAtOnce = 64
	// judgedByTimers bounds how much the timers of a step have judged before it takes
	// no more of them, by weight: half a transaction holds it, and events that arrive
	// meanwhile wait for no longer.
	judgedByTimers = 2 * stepBudget
	// toldByTimers bounds how many alerts and seals they have changed by then, each of
	// which may take up to 16 KiB.
	toldByTimers = 64
)

// runTimers judges the owners whose timers are due, in order of due time: some of them,
// and more while those had little to say. Each tick costs the log a sync and the state a
// commit, which the timers of a backlog share.
func (s *step) runTimers() {
	if s.nextDue() > s.now() {
		s.meta.LowWater = s.nextDue()
		return
	}
	taken, heavy := 0, 0
	for {
		keys := s.timers.due(s.st, s.meta.LowWater, s.now(), timersAtOnce)
		for _, key := range keys {
			at, owner := s.timers.split(key)
			s.meta.LowWater = at
			s.disarm(owner, at)
			s.touch(owner)
			heavy += s.weightOf(owner) - 1
			if taken++; heavy >= judgedByTimers {
				break
			}
		}
		if len(keys) < timersAtOnce {
			break // the others that are judged are judged with what else there is
		}
		s.drain()
		if s.agenda.asked+heavy >= judgedByTimers || len(s.alerts)+len(s.seals) >= toldByTimers || s.budget < stepBudget*3/4 {
			break
		}
	}
	s.budget -= min(taken, stepBudget/2) // jobs have their share however many those were
}

// disarm drops a fired timer if it is still its owner's.
func (s *step) disarm(owner string, at Time) {
	v := s.verdictOf(owner)
	if v == nil || v.Wake != at {
		s.dropTimer(at, owner)
		return
	}
	s.changed[owner] = true
	s.setWake(owner, &v.Wake, 0)
}

// nextDue is when the earliest timer is due, Forever when none is armed.
func (w *Working) nextDue() Time { return w.timers.next(w.st, w.meta.LowWater) }

func (w *Working) putTimer(due Time, owner string) { w.timers.put(w.st, &w.meta.LowWater, due, owner) }

func (w *Working) dropTimer(due Time, owner string) { w.timers.drop(w.st, due, owner) }

// jobKind says what a job does at each key.
type jobKind string

const (
	jobTouch    jobKind = "touch"    // judge the accesses that a prefix lists
	jobWaits    jobKind = "waits"    // judge what waits for a source
	jobSnapshot jobKind = "snapshot" // go on with a snapshot
	jobPolicy   jobKind = "policy"   // judge everything under a new policy
	jobAll      jobKind = "all"      // judge everything: a source's coverage moved
	jobClaim    jobKind = "claim"    // judge what a bulk claim is about
	jobMarks    jobKind = "marks"    // compare alerts with the marks in force
	jobSeal     jobKind = "seal"     // sum up what an approval granted
	jobTakeOver jobKind = "takeOver" // compare alerts and seals with what was told of them before
	jobRecall   jobKind = "recall"   // bring back what ended with an access that lives, or what it came from
)

// job is work that one step could not hold, with where it stands.
type job struct {
	Number uint64       `json:"n"`
	Kind   jobKind      `json:"kind"`
	Prefix string       `json:"prefix"`
	Cursor string       `json:"cursor,omitempty"`
	Snap   *snapshotJob `json:"snap,omitempty"`
	Claim  *bulkClaim   `json:"claim,omitempty"`
	Sum    *grantedSum  `json:"sum,omitempty"`
	Run    string       `json:"run,omitempty"` // of system.told
}

// MarshalJSON keeps the bytes of keys: they are not UTF-8.
func (j job) MarshalJSON() ([]byte, error) {
	type plain job
	p := plain(j)
	p.Prefix, p.Cursor = strconv.QuoteToASCII(j.Prefix), strconv.QuoteToASCII(j.Cursor)
	return json.Marshal(p)
}

// UnmarshalJSON undoes MarshalJSON.
func (j *job) UnmarshalJSON(b []byte) error {
	type plain job
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	var err error
	if p.Prefix, err = strconv.Unquote(p.Prefix); err != nil {
		return err
	}
	if p.Cursor, err = strconv.Unquote(p.Cursor); err != nil {
		return err
	}
	*j = job(p)
	return nil
}

func jobKey(n uint64) []byte { return []byte(keyJob + timeKey(Time(n))) }

func (s *step) addJob(j job) {
	s.meta.NextJob++
	j.Number = s.meta.NextJob
	s.meta.Jobs++
	s.st.Put(jobKey(j.Number), encodeRecord(j))
}

// rejudge asks for everything to be judged again, in the background. A request
// that finds a round under way lets it finish and asks for one more: started over
// each time, it would never come to its end.
func (s *step) rejudge() {
	if s.meta.Rejudge != 0 {
		var j job
		started := decodeRecord(s.st.Get(jobKey(s.meta.Rejudge)), &j) && j.Cursor != ""
		s.meta.RejudgeAgain = s.meta.RejudgeAgain || started
		return
	}
	s.addJob(job{Kind: jobAll, Prefix: keyAccess})
	s.meta.Rejudge, s.meta.RejudgeAgain = s.meta.NextJob, false
}

// jobsAStep bounds how many jobs one step advances.
const jobsAStep = 8

// runJobs advances the oldest jobs. Each takes at most half of what is left of the
// budget while others wait, so that a long one does not keep back what came after it;
// what nobody wanted goes to the oldest.
func (s *step) runJobs() {
	for s.budget > 0 && s.meta.Jobs > 0 {
		jobs := s.waitingJobs()
		if s.meta.FirstJob > s.meta.NextJob {
			s.meta.Jobs = 0
			return
		}
		done := false
		for i := range jobs {
			j := &jobs[i]
			kept := 0
			if i+1 < len(jobs) {
				kept = s.budget / 2
			}
			s.budget -= kept
			if s.advance(j) {
				s.st.Delete(jobKey(j.Number))
				s.meta.Jobs--
				done = true
			} else {
				s.st.Put(jobKey(j.Number), encodeRecord(*j))
			}
			s.budget += kept
		}
		if !done {
			return // each has had its share
		}
	}
}

// waitingJobs are the oldest jobs that may go on. Snapshots of one source are applied
// one after the other. What judges everything waits while deadlines that have passed
// wait for their turn: it would come to theirs out of order, and they would be judged
// twice.
func (s *step) waitingJobs() []job {
	var out []job
	applying, late := map[string]bool{}, s.nextDue() <= s.now()
	first := s.meta.NextJob + 1
	s.st.Scan([]byte(keyJob), jobKey(s.meta.FirstJob), func(_, v []byte) bool {
		var j job
		if !decodeRecord(v, &j) {
			return true
		}
		first = min(first, j.Number)
		if late && (j.Kind == jobAll || j.Kind == jobPolicy) {
			return true
		}
		if j.Snap != nil {
			if applying[j.Snap.Source] {
				return true
			}
			applying[j.Snap.Source] = true
		}
		out = append(out, j)
		return len(out) < jobsAStep
	})
	s.meta.FirstJob = first
	return out
}

// advance does a bounded amount and reports whether the job is done.
func (s *step) advance(j *job) bool {
	switch j.Kind {
	case jobTouch:
		next := s.touchSome([]byte(j.Prefix), []byte(j.Cursor))
		j.Cursor = string(next)
		return next == nil
	case jobWaits:
		r := s.source(j.Prefix)
		if r == nil {
			return true
		}
		jobs := s.meta.NextJob
		s.wakeWaiting(r)
		if s.meta.NextJob != jobs { // it filed its own continuation: that is this one
			s.st.Delete(jobKey(s.meta.NextJob))
			s.meta.Jobs--
			return false
		}
		return true
	case jobSnapshot:
		return s.advanceSnapshot(j)
	case jobPolicy:
		done := s.advanceAll(j)
		if done && s.meta.PolicyJob == j.Number {
			s.meta.PolicyJob = 0
		}
		return done
	case jobAll:
		if !s.advanceAll(j) {
			return false
		}
		s.meta.Rejudge = 0
		if s.meta.RejudgeAgain {
			s.rejudge()
		}
		return true
	case jobClaim:
		return s.advanceClaim(j)
	case jobMarks:
		return s.advanceMarks(j)
	case jobTakeOver:
		return s.advanceTakeOver(j)
	case jobSeal:
		return s.advanceSeal(j)
	case jobRecall:
		if j.Prefix[:1] == keyPastAccess {
			s.recallParent(accessKey(j.Prefix[1:]))
			return true
		}
		return s.recallSome(j.Prefix[:1], j.Prefix[1:])
	}
	return true
}

// advanceAll goes on judging everything there is.
func (s *step) advanceAll(j *job) bool {
	classes := []string{keyAccess, keyApproval, keyAccount, keySource}
	at := max(slices.Index(classes, j.Prefix), 0)
	for ; at < len(classes); at++ {
		class, from := classes[at], []byte(nil)
		if class == j.Prefix && j.Cursor != "" {
			from = []byte(j.Cursor)
		}
		var owners []string
		s.st.Scan([]byte(class), from, func(k, _ []byte) bool {
			owners = append(owners, string(k))
			return len(owners) <= s.budget
		})
		next := ""
		for _, owner := range owners {
			if s.budget <= 0 {
				next = owner
				break
			}
			s.budget -= s.weightOf(owner)
			s.touch(owner)
		}
		if next != "" {
			j.Prefix, j.Cursor = class, next
			return false
		}
		j.Cursor = ""
	}
	return true
}
