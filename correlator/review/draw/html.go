package draw

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"time"

	"github.com/overstay/overstay/correlator/review"
)

var (
	//go:embed page.gotmpl
	pageTemplate string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

// HTML writes a history as a page that needs nothing but itself: its policy lets it
// load nothing and run nothing but the script and the style that it was made with.
func HTML(w io.Writer, h *review.History) error {
	t, err := template.New("page").Parse(shapeTemplate + pageTemplate)
	if err != nil {
		return fmt.Errorf("read the form of the page: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, pageOf(h)); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// page is what the template of a page shows.
type page struct {
	Policy, Title, Realm, Name string
	Style                      template.CSS
	Script                     template.JS
	Verdict, Range, Label, Now string
	Bad                        bool
	First, Last                uint64
	Also                       []string
	Figures                    []figure
	Ticks                      []pageTick
	Groups                     []pageGroup
	Keys                       []pageKey
	Alerts                     []pageAlert
	Pieces                     []pagePiece
	Events                     []pageEvent
	LateAfter                  time.Duration
}

type figure struct {
	Value, Words string
	Bad          bool
}

type pageTick struct{ X, Day, Label string }

type pageGroup struct {
	Head, System, ID string
	Rows, Hidden     []pageRow
	Rest             *pageRow
}

type pageRow struct {
	row
	Label, More string
	Rest        bool
	Drawn       []drawn
}

type pageKey struct {
	Words string
	Drawn []drawn
}

type pageAlert struct {
	ID, Rule, Severity, State, Message string
	Calm                               bool
	Revisions                          []pageRevision
}

type pageRevision struct {
	At, State string
	Position  uint64
}

type pagePiece struct {
	What, State, From, To, Lasting, Begins, Ends string
	Over                                         bool
}

type pageEvent struct {
	At, What, By, Of, Known, Position, Event string
	Late                                     bool
}

// percent writes a part of the width.
func percent(f float64) string { return strconv.FormatFloat(100*f, 'f', 3, 64) + "%" }

// digest is a hash as a Content-Security-Policy names it.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func pageOf(h *review.History) page {
	style := colourStyle + pageStyle
	s := newShaper(h)
	p := page{
		Policy: "default-src 'none'; style-src " + digest(style) + "; script-src " + digest(pageScript) + "; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(style), Script: template.JS(pageScript),
		Title: about(h), Name: about(h), Verdict: verdict(h), Bad: h.Summary.Overran > 0, Range: rangeWords(h), Label: clean(h.Label.String()),
		First: h.Log.First, Last: h.Log.Last, Also: others(h), Now: h.Now.Format(time.DateTime), LateAfter: review.LateAfter,
		Figures: figuresOf(h), Events: eventsOf(h), Pieces: piecesOf(h), Alerts: alertsOf(h),
	}
	if h.Subject != "" && h.Subject.Realm() != "" {
		p.Realm, p.Name = clean(h.Subject.Realm())+":", clean(h.Subject.Local())
	}
	for _, t := range s.axis.ticks(10) {
		p.Ticks = append(p.Ticks, pageTick{percent(s.axis.at(t.at)), t.day, t.label})
	}
	for i, g := range groups(h) {
		pg := pageGroup{Head: kindWords[g.kind][1], System: shorten(g.system, 80)}
		for _, l := range g.lanes {
			pg.Rows = append(pg.Rows, rowOfPage(g, s.row(l)))
		}
		if len(g.rest) > 0 {
			pg.ID = fmt.Sprint("more-", i)
			rest := rowOfPage(g, s.restRow(g))
			rest.Rest, rest.More = true, pg.ID
			pg.Rest = &rest
			for _, l := range g.rest {
				pg.Hidden = append(pg.Hidden, rowOfPage(g, s.row(l)))
			}
		}
		p.Groups = append(p.Groups, pg)
	}
	for _, k := range legendOf(h) {
		x := func(f float64) string { return px(f * 28) }
		p.Keys = append(p.Keys, pageKey{k.Words, drawnShapes([]shape{k.Shape}, x, x, 1)})
	}
	return p
}

func rowOfPage(g group, r row) pageRow {
	out := pageRow{row: r, Label: kindWords[g.kind][0] + " " + r.Title, Drawn: drawnShapes(r.Shapes, percent, percent, 1./115)}
	if r.Note != "" {
		out.Label += ", " + r.Note
	}
	return out
}

func figuresOf(h *review.History) []figure {
	s := h.Summary
	out := []figure{
		{Value: strconv.Itoa(s.Approvals), Words: plural(s.Approvals, "approval", "approvals")[len(strconv.Itoa(s.Approvals))+1:]},
		{Value: strconv.Itoa(s.Accesses), Words: plural(s.Accesses, "access", "accesses")[len(strconv.Itoa(s.Accesses))+1:]},
		{Value: strconv.Itoa(s.Overran), Words: "outlived approval", Bad: s.Overran > 0},
	}
	if s.Overran > 0 {
		out = append(out, figure{lasting(s.Longest.Std()), "longest overrun", true})
	}
	for _, f := range []struct {
		n     int
		words string
	}{{s.Unproven, "ended by word alone"}, {s.Open, "held at the end"}, {s.Uses, "seen used"}, {s.Late, "known late"}, {len(h.Alerts), "alerts"}} {
		if f.n > 0 {
			out = append(out, figure{Value: strconv.Itoa(f.n), Words: f.words})
		}
	}
	return out
}
