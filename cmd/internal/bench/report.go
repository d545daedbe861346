package bench

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/overstay/overstay/cmd/internal/memory"
)

// Report is what a run came to.
type Report struct {
	Machine Machine `json:"machine"`
	Seed    uint64  `json:"seed"`
	Events  int     `json:"events"`
	Open    int     `json:"open"`
	// Budget is what the process was to keep in memory, in bytes.
	Budget  memory.Budget `json:"memoryBudgetBytes"`
	Parts   []string      `json:"parts"`
	Figures []Figure      `json:"figures"`
	// Took is how long all of it took, and Stages how long the parts that share a state.
	Took   time.Duration `json:"tookNanoseconds"`
	Stages []Stage       `json:"stages"`
}

// Stage is some parts that were measured one after the other on one state.
type Stage struct {
	Parts []string      `json:"parts"`
	Took  time.Duration `json:"tookNanoseconds"`
}

// Machine is what the figures were measured on.
type Machine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	Memory    uint64 `json:"memoryBytes,omitempty"` // 0: not known
	System    string `json:"system"`
}

// Figure is one measured number.
type Figure struct {
	Part  string  `json:"part"`
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
	// Target is what it is to reach, nil where it is only to be known.
	Target *Target `json:"target,omitempty"`
}

// Target is a bound of a figure.
type Target struct {
	AtLeast *float64 `json:"atLeast,omitempty"`
	AtMost  *float64 `json:"atMost,omitempty"`
	Reached bool     `json:"reached"`
	// Scaled says that the load was smaller than the one the target is for.
	Scaled string `json:"scaled,omitempty"`
}

func atLeast(x, value float64) *Target { return &Target{AtLeast: &x, Reached: value >= x} }

func atMost(x, value float64) *Target { return &Target{AtMost: &x, Reached: value <= x} }

// of says what load the target is for, where this one is smaller.
func (t *Target) of(want, have int, what string) *Target {
	if have < want {
		t.Scaled = fmt.Sprintf("for %s %s", number(float64(want)), what)
	}
	return t
}

func (t *Target) text() (bound, reached string) {
	if t == nil {
		return "", ""
	}
	switch {
	case t.AtLeast != nil:
		bound = "≥ " + number(*t.AtLeast)
	case t.AtMost != nil:
		bound = "≤ " + number(*t.AtMost)
	}
	reached = "no"
	if t.Reached {
		reached = "yes"
	}
	if t.Scaled != "" {
		bound += " (" + t.Scaled + ")"
		reached = "-" // of a smaller load that says nothing
	}
	return bound, reached
}

// number writes a figure with three digits that count, and thousands apart.
func number(x float64) string {
	switch a := max(x, -x); {
	case a >= 100:
		return thousands(strconv.FormatFloat(x, 'f', 0, 64))
	case a >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case a == 0, a >= 1 && x == float64(int64(x)):
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a < 0.1:
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Print writes the table.
func (r Report) Print(w io.Writer) error {
	m := r.Machine
	memory := ""
	if m.Memory > 0 {
		memory = fmt.Sprintf(", %.0f GiB", float64(m.Memory)/(1<<30))
	}
	if _, err := fmt.Fprintf(w, "%s, %d cores%s, %s\nseed %d, %s events, %s open accesses, %s of memory, %s\n\n", m.Processor, m.Cores, memory, m.System,
		r.Seed, number(float64(r.Events)), number(float64(r.Open)), r.Budget, r.Took.Round(time.Second)); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	rows := [][]string{{"part", "figure", "", "", "target", "reached"}}
	last := ""
	for _, f := range r.Figures {
		part := f.Part
		if part == last {
			part = ""
		}
		last = f.Part
		bound, reached := f.Target.text()
		rows = append(rows, []string{part, f.Name, number(f.Value), f.Unit, bound, reached})
	}
	if err := printRows(w, rows); err != nil {
		return err
	}
	return r.printTimes(w)
}

// printTimes says where the time went.
func (r Report) printTimes(w io.Writer) error {
	for i, s := range r.Stages {
		began := "\n"
		if i > 0 {
			began = ""
		}
		if _, err := fmt.Fprintf(w, "%s%s: measured in %s\n", began, strings.Join(s.Parts, ", "), s.Took.Round(time.Second)); err != nil {
			return fmt.Errorf("print the report: %w", err)
		}
	}
	return nil
}

// printRows writes columns; numbers, the third, stand right.
func printRows(w io.Writer, rows [][]string) error {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i == 2 {
				b.WriteString(pad + cell + " ")
			} else {
				b.WriteString(cell + pad + "  ")
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return fmt.Errorf("print the report: %w", err)
		}
	}
	return nil
}
