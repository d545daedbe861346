package demo

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store/eventlog"
)

// look is how a text stands out on a terminal: the parameters of an SGR sequence.
type look string

const (
	plain  look = ""
	bold   look = "1"
	dim    look = "2"
	red    look = "1;31"
	green  look = "32"
	yellow look = "33"
	blue   look = "34"
	cyan   look = "36"
)

// The layout: time, where or what, text.
const (
	width  = 80
	indent = 21
)

// printer tells the story. The first failure to write ends the output; Run
// returns it.
type printer struct {
	w      io.Writer
	colour bool
	err    error
	counts counts
}

// counts is what the summary adds up.
type counts struct {
	raised, provisional, resolved, retracted, sealed, unproven int
}

func (p *printer) print(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}

func (p *printer) paint(l look, text string) string {
	if !p.colour || l == plain || text == "" {
		return text
	}
	return "\x1b[" + string(l) + "m" + text + "\x1b[0m"
}

// row prints a text in the third column, behind a label in the second.
func (p *printer) row(now time.Time, labelled look, label string, l look, text string) {
	lines := wrap(text, width-indent)
	p.print(p.paint(dim, now.Format(time.TimeOnly)) + "  " + p.paint(labelled, fmt.Sprintf("%-9s", label)) + "  " + p.paint(l, lines[0]) + "\n")
	p.more(l, lines[1:]...)
}

// more continues in the third column.
func (p *printer) more(l look, lines ...string) {
	for _, line := range lines {
		p.print(strings.Repeat(" ", indent) + p.paint(l, line) + "\n")
	}
}

// tell prints a beat.
func (p *printer) tell(now time.Time, b beat) {
	switch {
	case b.text == "":
	case b.who == nowhere:
		p.row(now, plain, "", bold, b.text)
	default:
		p.row(now, blue, b.who, plain, b.text)
	}
}

// publication prints an alert or a seal.
func (p *printer) publication(now time.Time, m eventlog.Message) error {
	pub, err := readPublication(m)
	if err != nil {
		return err
	}
	if pub.isSeal() {
		p.seal(now, &pub)
		return p.err
	}
	label, l := p.stamp(&pub)
	said := readable(pub.Data.Message)
	if pub.opens() {
		p.row(now, l, label, l, pub.Data.Metadata.Rule+"  "+pub.Data.Finding.Title)
		p.more(plain, wrap(said, width-indent)...)
	} else {
		p.row(now, l, label, plain, pub.Data.Metadata.Rule+"  "+said)
	}
	if why := pub.why(); why != "" {
		p.more(dim, wrap(why, width-indent)...)
	}
	return p.err
}

// stamp is the word and the look for an alert, which it counts.
func (p *printer) stamp(pub *publication) (string, look) {
	switch o := pub.Data.Unmapped.Overstay; {
	case o.State == string(correlator.Retracted):
		p.counts.retracted++
		return "RETRACTED", cyan
	case o.State == string(correlator.Resolved):
		p.counts.resolved++
		return "RESOLVED", green
	case o.Provisional:
		p.counts.provisional++
		return strings.ToUpper(pub.Data.Severity) + "?", yellow
	}
	p.counts.raised++
	return strings.ToUpper(pub.Data.Severity), red
}

// seal prints the statement that a chain of access is over.
func (p *printer) seal(now time.Time, pub *publication) {
	whose := pub.Data.Approval.Requester.Local() + "'s approval"
	if pub.Type == correlator.TypeSealed {
		p.counts.sealed++
		p.row(now, green, "SEALED", plain, "all that "+whose+" gave has ended: "+pub.facets())
		return
	}
	p.counts.unproven++
	p.row(now, yellow, "UNPROVEN", plain, "all that "+whose+" gave is said to have ended: "+pub.facets())
	p.more(dim, wrap("Claimed: Vault forgot the lease, and nobody saw the password die.", width-indent)...)
}

// What is longer in a message than a reader of the story wants.
var (
	dayOf   = regexp.MustCompile(`\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d{3}Z`)
	uuids   = regexp.MustCompile(`\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	leaseNo = regexp.MustCompile(`\b(database/creds/[a-z-]+/\w{4})\w{20}\b`)
	userIDs = regexp.MustCompile(`\bteleport/prod/user:(\w+)`)
)

// readable shortens a message for the story: ids to their beginnings, times to
// the hour, Teleport's users to their names.
func readable(message string) string {
	message = dayOf.ReplaceAllString(message, "$1")
	message = uuids.ReplaceAllString(message, "$1…")
	message = leaseNo.ReplaceAllString(message, "$1…")
	return userIDs.ReplaceAllString(message, "$1")
}

// wrap breaks a text at blanks; it gives one line at least.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len([]rune(*last))+1+len([]rune(word)) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
