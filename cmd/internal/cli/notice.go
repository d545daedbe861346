package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store/eventlog"
)

// notice is what a person wants to know of an alert or a seal.
type notice struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	// Alert is the id that other commands take, the same in all of its revisions.
	Alert string `json:"correlationid"`
	Data  struct {
		SeverityID correlator.Severity `json:"severity_id"`
		Message    string              `json:"message"`
		Metadata   struct {
			Rule string `json:"event_code"`
		} `json:"metadata"`
		Unmapped struct {
			Overstay struct {
				State       string `json:"state"`
				Provisional bool   `json:"provisional"`
				Closing     string `json:"closing"`
			} `json:"overstay"`
		} `json:"unmapped"`

		// Of a seal.
		Approval struct {
			ID string `json:"id"`
		} `json:"approval"`
		Assurance string `json:"assurance"`
		Facets    []struct {
			Facet   string `json:"facet"`
			Basis   string `json:"basis"`
			Overrun string `json:"overrun"`
		} `json:"facets"`
	} `json:"data"`
}

func (n notice) isSeal() bool {
	return n.Type == correlator.TypeSealed || n.Type == correlator.TypeClosedUnproven
}

// state is how the alert stood, with why it closed.
func (n notice) state() string {
	o := n.Data.Unmapped.Overstay
	switch {
	case n.isSeal():
		return n.Type[strings.LastIndexByte(n.Type, '.')+1:]
	case o.Provisional:
		return o.State + " (provisional)"
	case o.Closing != "":
		return o.State + " (" + o.Closing + ")"
	}
	return o.State
}

func (n notice) message() string {
	if !n.isSeal() {
		return n.Data.Message
	}
	text := fmt.Sprintf("All that %s granted has ended (assurance: %s).", n.Data.Approval.ID, n.Data.Assurance)
	for _, f := range n.Data.Facets {
		text += fmt.Sprintf(" %s: %s, overrun %s.", f.Facet, f.Basis, f.Overrun)
	}
	return text
}

// alertPrinter prints notices for a person or as JSON Lines.
type alertPrinter struct {
	out, errs io.Writer
	json      bool
	painter   painter
	chosen    chosen
	printed   int
	unread    int // messages that are not alerts
}

func (p *alertPrinter) take(m eventlog.Message) error {
	var n notice
	if err := json.Unmarshal(m.Body, &n); err != nil {
		p.unread++
		_, _ = fmt.Fprintf(p.errs, "overstay: message %d on %s is not an alert: %v\n", m.Position, harmless(m.Subject, ""), err)
		return nil
	}
	if !p.chosen.wants(n) {
		return nil
	}
	text := p.line(n)
	if p.json {
		var b bytes.Buffer
		if err := json.Compact(&b, m.Body); err != nil {
			return fmt.Errorf("print message %d: %w", m.Position, err)
		}
		text = b.String()
	}
	if _, err := fmt.Fprintln(p.out, text); err != nil {
		return fmt.Errorf("print an alert: %w", err)
	}
	p.printed++
	return nil
}

// end is called at the end of the stream. A person who is shown nothing is told that
// this is the answer; a script that reads JSON Lines sees it.
func (p *alertPrinter) end() error {
	if p.unread > 0 {
		return failedf("", "%s could not be read as alerts", count(p.unread, "message"))
	}
	if p.printed > 0 || p.json {
		return nil
	}
	if _, err := fmt.Fprintln(p.errs, "overstay: no such alert so far, which is no proof that all is well: see overstay status"); err != nil {
		return fmt.Errorf("say that there is no alert: %w", err)
	}
	return nil
}

const alertTime = "2006-01-02 15:04:05Z"

// line is time, severity, state, rule, id, message, in columns.
func (p *alertPrinter) line(n notice) string {
	severity, rule, id := n.Data.SeverityID.String(), n.Data.Metadata.Rule, n.Alert
	if n.isSeal() {
		severity, rule, id = "-", "-", "-" // no command takes a seal's id
	}
	return fmt.Sprintf("%s  %s  %s  %-6s  %-32s  %s", n.Time.UTC().Format(alertTime),
		p.painter.paint(severityPaint(n), fmt.Sprintf("%-13s", severity)),
		p.painter.paint(statePaint(n), fmt.Sprintf("%-22s", harmless(n.state(), ""))),
		harmless(rule, ""), harmless(id, ""), harmless(n.message(), ""))
}

func severityPaint(n notice) paint {
	switch {
	case n.isSeal():
		return plain
	case n.Data.SeverityID >= correlator.Critical:
		return alarm
	case n.Data.SeverityID == correlator.High:
		return red
	case n.Data.SeverityID == correlator.Medium:
		return yellow
	}
	return cyan
}

func statePaint(n notice) paint {
	switch n.Data.Unmapped.Overstay.State {
	case string(correlator.Resolved):
		return green
	case string(correlator.Retracted):
		return dim
	}
	if n.Type == correlator.TypeSealed {
		return green
	}
	return plain
}
