package correlator

// Severity grades an alert; the numbers are OCSF's severity_id.
type Severity int

// The grades.
const (
	Informational Severity = 1
	Low           Severity = 2
	Medium        Severity = 3
	High          Severity = 4
	Critical      Severity = 5
)

// String is the word used in subjects and on the command line.
func (s Severity) String() string {
	switch s {
	case Informational:
		return "informational"
	case Low:
		return "low"
	case Medium:
		return "medium"
	case High:
		return "high"
	case Critical:
		return "critical"
	}
	return "unknown"
}

// ParseSeverity reads the word.
func ParseSeverity(word string) (Severity, bool) {
	for s := Informational; s <= Critical; s++ {
		if s.String() == word {
			return s, true
		}
	}
	return 0, false
}
