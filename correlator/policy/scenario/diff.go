package scenario

import (
	"strings"
	"time"
)

// Failure is an expectation that was not met.
type Failure struct {
	// Line is where the expectation stands, or the step where none is written.
	Line int `json:"line"`
	// Diff is what was told beside what was expected, in order.
	Diff []Difference `json:"diff"`
}

// String is the diff, one line after the other.
func (f Failure) String() string {
	out := make([]string, len(f.Diff))
	for i, d := range f.Diff {
		out[i] = "  " + string(d.Mark) + " " + d.Text
	}
	return strings.Join(out, "\n")
}

// Difference is one line of a diff.
type Difference struct {
	Mark Mark   `json:"mark"`
	Text string `json:"text"`
}

// Mark says which side a line of a diff is on.
type Mark string

// The marks.
const (
	Same    Mark = " "
	Missing Mark = "-" // expected, and not told
	Extra   Mark = "+" // told, and not expected
)

// missed compares what was told up to a step with what was expected there.
func (s *Step) missed(told []Told, day time.Time) []Failure {
	line, want := s.Line, []statement(nil)
	if s.expect != nil {
		line, want = s.expect.line, s.expect.want
	}
	got := make([]statement, len(told))
	for i, t := range told {
		// Of a line of our own making nothing can be wrong but an id with blanks,
		// and then its text still compares.
		got[i], _, _ = parse(t.Line, day)
	}
	diff := compare(want, got)
	for _, d := range diff {
		if d.Mark != Same {
			return []Failure{{Line: line, Diff: diff}}
		}
	}
	return nil
}

// compare aligns two lists so that as many lines as can be meet.
func compare(want, got []statement) []Difference {
	// common[i][j] is how many of want[i:] and got[j:] meet in order.
	common := make([][]int, len(want)+1)
	for i := range common {
		common[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if want[i].meets(got[j]) {
				common[i][j] = max(common[i][j], common[i+1][j+1]+1)
			}
		}
	}
	var out []Difference
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case i < len(want) && j < len(got) && want[i].meets(got[j]) && common[i][j] == common[i+1][j+1]+1:
			out = append(out, Difference{Same, got[j].text})
			i, j = i+1, j+1
		case i < len(want) && (j == len(got) || common[i+1][j] >= common[i][j+1]):
			out = append(out, Difference{Missing, want[i].text})
			i++
		default:
			out = append(out, Difference{Extra, got[j].text})
			j++
		}
	}
	return out
}
