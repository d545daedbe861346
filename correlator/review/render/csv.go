package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSV writes a table as RFC 4180 has it, the columns' names first. A cell that a
// spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises
// (https://owasp.org/www-community/attacks/CSV_Injection).
func CSV(w io.Writer, t Table) error {
	out := csv.NewWriter(w)
	// Errors are kept until the end.
	_ = out.Write(t.Columns)
	cells := make([]string, len(t.Columns))
	for _, row := range t.Rows {
		for i, cell := range row {
			cells[i] = inert(cell)
		}
		_ = out.Write(cells)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the table %s: %w", t.Name, err)
	}
	return nil
}

// inert keeps a cell from being taken for a formula, also behind spaces, which some
// spreadsheets leave out, and in its full-width form.
func inert(cell string) string {
	first := strings.TrimLeft(cell, " ")
	if first == "" || !strings.ContainsAny(first[:1], "=+-@\t\r\n") && !startsWide(first) {
		return cell
	}
	return "'" + cell
}

// startsWide reports whether text begins with the full-width form of what begins a
// formula.
func startsWide(s string) bool {
	for _, r := range s {
		return strings.ContainsRune("＝＋－＠", r)
	}
	return false
}
