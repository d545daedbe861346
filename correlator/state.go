package correlator

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// Keys of the state. A key is a class byte and parts. Parts of one id are joined
// by 0x00 and ids by 0x01; neither byte can occur in an id, since events refuses
// control characters. Times are big-endian with the sign flipped, so that they
// sort.
const (
	keyMeta      = "m"
	keyAccess    = "a" // access key -> access
	keyApproval  = "p" // approval key -> approval
	keySource    = "S" // source -> source
	keyAccount   = "A" // id -> account
	keyLedger    = "g" // alert key -> ledger
	keyClaims    = "b" // source -> bulk claims
	keyJob       = "j" // number -> job
	keySnapshot  = "n" // source 01 snapshot 01 part
	keyMarks     = "k" // the marks in force
	keyRotations = "R" // name of a secret -> rotations

	keyPastAccess   = "E" // access key -> access that has left the working state
	keyPastApproval = "D" // approval key -> approval that has
	keyTold         = "T" // alert or seal id -> what the alert stream says last of it, until it is taken over
	keyStanding     = "M" // id -> the classes, indexes and E, D and x, in which something stands under it
	keyRevisions    = "v" // bucket of alert ids -> the last revision of one that is forgotten

	indexApprovalID = "i" // approval id 01 source
	indexSubject    = "s" // id 01 access key
	indexConsumer   = "q" // id 01 approval key
	indexDecider    = "d" // id 01 approval key
	indexOwned      = "o" // id 01 account's id
	indexAccount    = "K" // id 01 account's id as its directory writes it
	indexChild      = "c" // parent access key 01 child access key
	indexRef        = "r" // approval id 01 access key
	indexGranted    = "G" // approval key 01 access key
	indexPath       = "P" // approval key 01 key of an access that is another way to its right
	indexBears      = "B" // approval key 01 access key that it covered and did not grant
	indexPastUser   = "Q" // id 01 key of an approval that has left the working state
	indexPastChild  = "C" // parent access key 01 key of an access that ended with it and has left
	indexAlias      = "x" // access key -> access key it is a reissue of
	indexLink       = "l" // id 01 other id 01 asserter -> link
	indexFacet      = "f" // alert key 01 o|c 01 gap start, access key, ordinal
	indexWait       = "w" // source 01 due, access key
	indexTimer      = "t" // due, kind, owner
	indexExpiry     = "e" // due, owner: when to see whether it can go
	indexApprovers  = "V" // source -> it speaks of approvals
	indexLinkers    = "L" // source -> it speaks of identity
	indexUnused     = "U" // system 01 end, key of an approval that nobody has used
	indexUnresolved = "u" // system 01 key of an access whose subject is nobody's
	indexSecret     = "z" // name of a secret 01 key of an access that knows it
	indexSystem     = "Y" // system -> some access in it was seen
)

const (
	partSep = "\x00"
	idSep   = "\x01"
)

// accessKey is kind 00 source 00 id.
type accessKey string

func makeAccessKey(kind events.AccessKind, source, id string) accessKey {
	return accessKey(string(kind) + partSep + source + partSep + id)
}

func (k accessKey) split() (kind events.AccessKind, source, id string) {
	first, rest, _ := strings.Cut(string(k), partSep)
	source, id, whole := strings.Cut(rest, partSep)
	if !whole {
		return "", "", string(k)
	}
	return events.AccessKind(first), source, id
}

func (k accessKey) source() string { _, s, _ := k.split(); return s }

// approvalKey is source 00 id.
type approvalKey string

func makeApprovalKey(source, id string) approvalKey { return approvalKey(source + partSep + id) }

func (k approvalKey) split() (source, id string) {
	source, id, _ = strings.Cut(string(k), partSep)
	return source, id
}

func key(class string, parts ...string) []byte {
	return []byte(class + strings.Join(parts, idSep))
}

// prefixOf is the key prefix under which all entries of one id stand.
func prefixOf(class, id string) []byte { return []byte(class + id + idSep) }

// timeKey makes a time that sorts as bytes.
func timeKey(t Time) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(t)^(1<<63))
	return string(b[:])
}

func timeFromKey(b string) Time {
	return Time(binary.BigEndian.Uint64([]byte(b[:8])) ^ (1 << 63))
}

// The first byte of each record is the encoding that follows: JSON, or for those of
// which there are many the compact form (compact.go). A change of a record's meaning
// gets a new number, so that an old state is recognised and rebuilt instead of misread.
const (
	recordVersion  = 1
	compactVersion = 2
)

func encodeRecord(v any) []byte { return new(coder).encode(v) }

// encode is [encodeRecord] for who encodes many.
func (c *coder) encode(v any) []byte {
	if r, ok := v.(coded); ok {
		return c.write(r)
	}
	b, err := json.Marshal(v)
	if err != nil {
		// Records are plain structs of ours; a type that cannot be marshalled is
		// a programming error that every test would hit.
		panic(fmt.Sprintf("correlator: encode %T: %v", v, err))
	}
	return append([]byte{recordVersion}, b...)
}

// decodeRecord reports whether b holds a record. A record of another version or
// that cannot be read is not one; the engine checks [StateVersion] at start so
// that this does not happen unnoticed.
func decodeRecord(b []byte, v any) bool {
	if r, ok := v.(coded); ok {
		return len(b) > 0 && b[0] == compactVersion && read(b, r)
	}
	if len(b) == 0 || b[0] != recordVersion {
		return false
	}
	return json.Unmarshal(b[1:], v) == nil
}

// StateVersion names the encoding and meaning of the records. The engine stores
// it with the state and rebuilds when it differs.
const StateVersion = "12"

// meta is what the state knows about itself.
type meta struct {
	// Epoch of the log that was read last. A new one is read from its beginning.
	Epoch    uint64     `json:"epoch,omitempty"`
	Now      Time       `json:"now"`
	Clock    clockState `json:"clock"`
	LowWater Time       `json:"lowWater"` // timers below it are gone
	LowSwept Time       `json:"lowSwept"` // the same of expiries
	NextJob  uint64     `json:"nextJob"`
	FirstJob uint64     `json:"firstJob,omitempty"` // jobs below it are done
	Jobs     int        `json:"jobs"`
	Rejudge  uint64     `json:"rejudge,omitempty"` // the job that judges everything, 0: none
	// RejudgeAgain: what it has judged already must be judged once more.
	RejudgeAgain bool   `json:"rejudgeAgain,omitempty"`
	Policy       string `json:"policy"` // hash of the policy in force
	// PolicyNo counts the policies that came into force, the latest at PolicySince;
	// PolicyJob is the job that judges everything under it, 0: it is done.
	PolicyNo    uint64 `json:"policyNo,omitempty"`
	PolicySince Time   `json:"policySince,omitempty"`
	PolicyJob   uint64 `json:"policyJob,omitempty"`
	// Marks counts those in force, MarksUntil is when the next one ends.
	Marks      int  `json:"marks,omitempty"`
	MarksUntil Time `json:"marksUntil,omitempty"`
	// TakeOver says how what a state before this one told is gone on from.
	TakeOver takeOver `json:"takeOver"`
	// CatchUp: since the tick at At, after a silence that began at Prev.
	CatchUp catchUp `json:"catchUp"`
	Counts  counts  `json:"counts"`
	// Realms as connectors declared them.
	Realms map[string]events.Realm `json:"realms,omitempty"`
	// RealmOwners are the sources whose word on a realm counts.
	RealmOwners map[string]string `json:"realmOwners,omitempty"`
	// ActiveWindows counts approvals with a window that is not over.
	ActiveWindows int `json:"activeWindows"`
}

type catchUp struct {
	Prev Time `json:"prev"`
	At   Time `json:"at"`
}

// counts feed the coverage report and the metrics without a scan.
type counts struct {
	Open      int            `json:"open"`
	Judgement map[string]int `json:"judgement,omitempty"`
	Timers    int            `json:"timers"`
	Approvals int            `json:"approvals"`
	Late      int            `json:"late,omitempty"` // facts that came too late for anything
}

const (
	catchUpAfter = 5 * time.Second
	catchUpFor   = 60 * time.Second
)
