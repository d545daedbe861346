package correlator

import (
	"fmt"
	"strings"
	"unicode"
)

// recordKinds names what stands under each class of keys.
var recordKinds = map[string]string{
	keyMeta: "the state's own", keyAccess: "access", keyApproval: "approval", keySource: "source", keyAccount: "account",
	keyTold: "what was told before", keyLedger: "alert", keyClaims: "bulk claims", keyJob: "job", keySnapshot: "snapshot",
	indexApprovalID: "index of approval ids", indexSubject: "index of subjects", indexConsumer: "index of consumers",
	indexChild: "index of children", indexRef: "index of references", indexGranted: "index of what was granted",
	indexAlias: "index of reissues", indexLink: "identity link", indexFacet: "index of facets", indexWait: "index of waits",
	keyStanding: "index of indexes", indexTimer: "timer", indexApprovers: "index of approvers", indexLinkers: "index of linkers", indexSystem: "index of systems",
}

// DescribeKey says in words what a key of the state is about, for a person who
// compares two states: the kind of its record, and which one.
func DescribeKey(key []byte) (kind, text string) {
	if len(key) == 0 {
		return "none", ""
	}
	class, rest := string(key[:1]), string(key[1:])
	kind, ok := recordKinds[class]
	if !ok {
		kind = fmt.Sprintf("class %q", class)
	}
	switch {
	case class == indexTimer && len(rest) > 8:
		return kind, timeFromKey(rest).String() + " " + plain(rest[8:])
	case class == keyLedger:
		return kind, alertID(rest) + " " + plain(rest)
	}
	return kind, plain(rest)
}

// plain shows the separators of a key as spaces, and other bytes that do not print
// as points.
func plain(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r < 3 })
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '.'
		}
		return r
	}, strings.Join(words, " "))
}
