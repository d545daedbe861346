package scenario

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// wordQuiet stands for no line.
const wordQuiet = "quiet"

// expectation is what must be told up to a step, neither more nor less.
type expectation struct {
	line int
	span lines // of the item in the text
	want []statement
}

// statement is a line that says what was published, in its parts. Of an expected
// one the time, the revision, the severity, the rest and the message may be empty:
// then they are not compared.
type statement struct {
	text        string // all of it
	at          time.Time
	state       string
	about       string // the rule, or the approval that is sealed
	revision    string
	severity    string
	provisional bool
	rest        []string // the facets; of a seal its assurance too
	message     string
}

// The words of a statement.
var (
	alertStates = []string{string(correlator.Raised), string(correlator.Updated), string(correlator.Resolved), string(correlator.Retracted)}
	sealStates  = []string{"sealed", "closed-unproven"}
	revision    = regexp.MustCompile(`^r[1-9]\d*$`)
	facets      = regexp.MustCompile(`^facets=\d+/\d+$`)
)

const (
	wordProvisional = "provisional"
	statementHint   = `write "raised OV-001 high: MESSAGE" or "sealed REQ-1"; all but the first two words may be left out`
)

// parse reads a statement. What is wrong with it is "" for nothing.
func parse(text string, day time.Time) (s statement, wrong, hint string) {
	s.text = text
	words := strings.Fields(text)
	if len(words) > 0 && !offsetForm.MatchString(words[0]) {
		if at, err := moment(words[0], day, day); err == nil {
			s.at, words = at, words[1:]
		}
	}
	if len(words) < 2 {
		return s, "says neither an alert nor a seal", statementHint
	}
	s.state, s.about = words[0], strings.TrimSuffix(words[1], ":")
	if slices.Contains(sealStates, s.state) {
		s.rest = words[2:]
		return s, "", ""
	}
	if all := slices.Concat(alertStates, sealStates); !slices.Contains(alertStates, s.state) {
		return s, "has the state " + s.state + ", not one of " + strings.Join(all, ", "), strictyaml.DidYouMean(s.state, all)
	}
	if known := ruleIDs(); !slices.Contains(known, s.about) {
		return s, "names a rule " + s.about + " that does not exist", strictyaml.DidYouMean(s.about, known)
	}
	head, message, _ := strings.Cut(text, ": ")
	s.message = strings.TrimSpace(message)
	_, behind, _ := strings.Cut(strings.TrimSuffix(head, ":"), s.about)
	for _, w := range strings.Fields(behind) {
		_, severity := correlator.ParseSeverity(w)
		switch {
		case revision.MatchString(w):
			s.revision = w
		case facets.MatchString(w):
			s.rest = append(s.rest, w)
		case w == wordProvisional:
			s.provisional = true
		case severity:
			s.severity = w
		default:
			return s, "has the word " + w + ", which is no revision, severity or number of facets", `write a colon before the message: "raised OV-001 high: …"`
		}
	}
	return s, "", ""
}

func ruleIDs() []string {
	var out []string
	for _, r := range policy.Rules() {
		out = append(out, string(r.ID))
	}
	return out
}

// meets reports whether what was told is what was wanted. Whether an alert is
// provisional is never left out: one that is says that it may not be so.
func (s statement) meets(told statement) bool {
	if s.text == told.text {
		return true
	}
	same := func(wanted, told string) bool { return wanted == "" || wanted == told }
	return s.state == told.state && s.about == told.about && s.provisional == told.provisional &&
		(s.at.IsZero() || s.at.Equal(told.at)) && same(s.revision, told.revision) && same(s.severity, told.severity) &&
		!slices.ContainsFunc(s.rest, func(w string) bool { return !slices.Contains(told.rest, w) }) &&
		(s.message == "" || fits(s.message, told.message))
}

// fits compares messages, where "…" and "..." stand for anything.
func fits(wanted, told string) bool {
	pieces := strings.Split(strings.ReplaceAll(wanted, "...", "…"), "…")
	told, ok := strings.CutPrefix(told, pieces[0])
	for _, piece := range pieces[1:] {
		at := strings.Index(told, piece)
		if !ok || at < 0 {
			return false
		}
		told = told[at+len(piece):]
	}
	last := pieces[len(pieces)-1]
	return ok && (told == "" || len(pieces) > 1 && (last == "" || strings.HasSuffix(told, last)))
}

// readExpect reads what must be told up to the step above: lines in one text, or
// a list of them, or the word quiet.
func (l *loader) readExpect(item, key, value strictyaml.Value) {
	step := l.above(key)
	if step == nil {
		return
	}
	if step.expect != nil {
		key.Report("", "is a second expectation of the step on line %d", step.Line)
		return
	}
	step.expect = &expectation{line: key.Line(), span: spanOf(item)}
	if value.IsList() {
		for _, element := range value.Elements() {
			l.readStatements(step.expect, element)
		}
		return
	}
	l.readStatements(step.expect, value)
}

// statements is the text of v. In a list "raised OV-001: alice …" is a mapping to
// YAML; what was meant is clear.
func statements(v strictyaml.Value) (string, bool) {
	if !v.IsMapping() {
		return v.Text()
	}
	var text string
	ok := true
	v.Entries(func(head string, key, value strictyaml.Value) {
		message, is := value.Text()
		if text != "" {
			key.Report("begin it with a dash of its own", "is a second statement in one")
		}
		text, ok = head+": "+message, ok && is
	})
	return text, ok
}

func (l *loader) readStatements(into *expectation, v strictyaml.Value) {
	text, ok := statements(v)
	if !ok || strings.TrimSpace(text) == wordQuiet {
		return
	}
	if strings.TrimSpace(text) == "" {
		v.Report(`write "quiet" where nothing must be told`, "says nothing")
		return
	}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		s, wrong, hint := parse(line, l.day)
		if wrong != "" {
			v.ReportInside(i+1, 1, hint, "%s", wrong)
		}
		into.want = append(into.want, s)
	}
}
