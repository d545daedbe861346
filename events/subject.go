package events

import "strconv"

// The subjects that messages travel on. Every part that comes from outside is
// one token, escaped by [EscapeToken]; one whose escaped form is longer than 150
// bytes is shortened to its beginning and a hash, so that every subject stays
// below 512 bytes. Nothing is read back from a subject: the event says it all,
// and the subject only lets subscribers choose.
const (
	SubjectTick     = "overstay.clock.tick"
	SubjectPolicy   = "overstay.policy.applied"
	SubjectCoverage = "overstay.status.coverage" // the coverage report
)

// What to subscribe to for all of a kind.
const (
	AllEvents   = "overstay.events.>"
	AllOperator = "overstay.operator.>"
	AllSystem   = "overstay.system.>"
	AllAlerts   = "overstay.alerts.>"
	AllSealed   = "overstay.sealed.>"
)

// Provisional stands in an alert's subject in the place of the severity while
// the alert is provisional.
const Provisional = "provisional"

// SubjectOf is where an event is published: for what sources say
// overstay.events.<class>.<what>.<source>, and for the inner types the subjects
// above.
func SubjectOf(e Event) string {
	switch class := e.Type.Class(); class {
	case "clock":
		return SubjectTick
	case "policy":
		return SubjectPolicy
	case "operator":
		return OperatorSubject(e.Type.What())
	case "system":
		return SystemSubject(e.Type.What())
	default:
		return "overstay.events." + subjectToken(class) + "." + subjectToken(e.Type.What()) + "." + subjectToken(e.Source)
	}
}

// OperatorSubject is where an operator's acts are: what is the last part of the
// type, "acknowledged".
func OperatorSubject(what string) string { return "overstay.operator." + subjectToken(what) }

// SystemSubject is where the engine's own observations are.
func SystemSubject(what string) string { return "overstay.system." + subjectToken(what) }

// AlertSubject is where a revision of an alert is published,
// overstay.alerts.<severity>.<rule>.<id>.<revision>. severity is [Provisional]
// while the alert is.
func AlertSubject(severity, rule, id string, revision uint64) string {
	return "overstay.alerts." + subjectToken(severity) + "." + subjectToken(rule) + "." + subjectToken(id) + "." +
		strconv.FormatUint(revision, 10)
}

// SealedSubject is where the statement is published that everything an approval
// granted has ended, overstay.sealed.<approval>.<revision>.
func SealedSubject(approvalID string, revision uint64) string {
	return "overstay.sealed." + subjectToken(approvalID) + "." + strconv.FormatUint(revision, 10)
}
