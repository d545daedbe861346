package eventlog

import "strings"

// The subjects of the log. What comes from a source is refused first when space
// runs out; the other four kinds are ours and may use the rest.
const (
	SourceSubjects   = "overstay.events.>"
	ClockSubjects    = "overstay.clock.>"
	PolicySubjects   = "overstay.policy.>"
	OperatorSubjects = "overstay.operator.>"
	SystemSubjects   = "overstay.system.>"
)

// The subjects of the other streams. Status is plain NATS and stored nowhere.
const (
	AlertSubjects      = "overstay.alerts.>"
	SealedSubjects     = "overstay.sealed.>"
	QuarantineSubjects = "overstay.quarantine.>"
	StatusSubjects     = "overstay.status.>"
)

// LogSubjects are the subjects of the one ordered log.
func LogSubjects() []string {
	return []string{SourceSubjects, ClockSubjects, PolicySubjects, OperatorSubjects, SystemSubjects}
}

// AlertStreamSubjects are the subjects of the alert stream.
func AlertStreamSubjects() []string { return []string{AlertSubjects, SealedSubjects} }

// FromSource reports whether a subject carries what a source said.
func FromSource(subject string) bool {
	return strings.HasPrefix(subject, strings.TrimSuffix(SourceSubjects, ">"))
}

// AnySeverity is the filter that finds an alert revision under whatever severity
// it was published: "overstay.alerts.high.OV-001.<id>.<rev>" becomes
// "overstay.alerts.*.OV-001.<id>.<rev>". Any other subject is its own filter.
func AnySeverity(subject string) string {
	tokens := strings.Split(subject, ".")
	if len(tokens) != 6 || tokens[0] != "overstay" || tokens[1] != "alerts" {
		return subject
	}
	tokens[2] = "*"
	return strings.Join(tokens, ".")
}

// Matches reports whether a literal subject falls under a NATS filter: "*" is one
// token, a last ">" is one or more.
func Matches(filter, subject string) bool {
	for {
		f, fRest, fMore := strings.Cut(filter, ".")
		s, sRest, sMore := strings.Cut(subject, ".")
		if f == ">" && !fMore {
			return true
		}
		if f != "*" && f != s {
			return false
		}
		if fMore != sMore {
			return false
		}
		if !fMore {
			return true
		}
		filter, subject = fRest, sRest
	}
}
