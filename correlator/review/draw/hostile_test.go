package draw_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/correlator/review/draw"
	"github.com/overstay/overstay/events"
)

// evil is what a name may be that somebody chose who wants to be believed: markup, a
// way out of an attribute, a script, a style and a comment, a template, and characters
// that turn the direction of writing or are not to be seen.
const evil = `"></title></text></script></style>--><script>document.title="owned";fetch("http://203.0.113.7/")</script><img src=http://203.0.113.7/ onerror=alert(1)>{{.}}` +
	"\u202egnp.exe\u2066\u200b\u2028\ufeff\x1b[31m\x00\r\n' onfocus='alert(2)' x='"

// hostile is Alice's morning with every name replaced.
func hostile(t *testing.T) *review.History {
	h := morning(t, "alice")
	id := events.ID(evil)
	h.Subject, h.Person = id, []events.ID{id, "alice" + id}
	h.Label.Reason = evil
	for i := range h.Lanes {
		l := &h.Lanes[i]
		l.Source, l.ID, l.Subject, l.DecidedBy, l.Ticket, l.Judgement = evil, evil, id, id, evil, evil
		for j := range l.Scopes {
			l.Scopes[j] = events.Scope{System: evil, Resource: evil, Role: evil, Level: evil}
		}
		for j := range l.Windows {
			l.Windows[j].Source, l.Windows[j].Approval = evil, evil
		}
		for j := range l.Spans {
			s := &l.Spans[j]
			s.Approval, s.Basis, s.Start, s.End = evil, evil, &review.Evidence{Event: evil, Position: 1}, &review.Evidence{Event: evil, Position: 2}
		}
		for j := range l.Marks {
			m := &l.Marks[j]
			m.Note, m.Event, m.Actor, m.Basis, m.Late = evil, evil, id, evil, true
		}
	}
	for i := range h.Alerts {
		h.Alerts[i].Rule, h.Alerts[i].Message, h.Alerts[i].Severity = evil, evil, evil
		for j := range h.Alerts[i].Revisions {
			h.Alerts[i].Revisions[j].Message, h.Alerts[i].Revisions[j].Severity = evil, evil
		}
	}
	return h
}

// invisible finds a character that no form may have.
func invisible(text string) rune {
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return r
		}
	}
	return 0
}

func TestHostileNamesInTextAndPicture(t *testing.T) {
	h := hostile(t)
	var text, picture bytes.Buffer
	if err := draw.Text(&text, h, false); err != nil {
		t.Fatal(err)
	}
	narrow(t, "hostile", text.String())
	if err := draw.SVG(&picture, h); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": text.String(), "svg": picture.String()} {
		if r := invisible(out); r != 0 {
			t.Errorf("the %s has a %U", name, r)
		}
	}
	dec := xml.NewDecoder(&picture)
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if el.Name.Local == "script" || el.Name.Local == "img" {
			t.Errorf("the picture has a %s", el.Name.Local)
		}
		for _, a := range el.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
				t.Errorf("a %s has %s=%q", el.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

func TestHostileNamesForTimesketch(t *testing.T) {
	var out bytes.Buffer
	if err := draw.Timesketch(&out, hostile(t)); err != nil {
		t.Fatal(err)
	}
	if r := invisible(out.String()); r != 0 {
		t.Errorf("a line has a %U", r)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var l struct{ Message string }
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Message == "" || invisible(l.Message) != 0 {
			t.Errorf("%v: %s", err, line)
		}
	}
}

// TestHostileNamesAsJSON: names are exact, and nothing of them shows.
func TestHostileNamesAsJSON(t *testing.T) {
	h := hostile(t)
	h.Subject += "\U000e0041" // a tag character
	var out bytes.Buffer
	if err := draw.JSON(&out, h); err != nil {
		t.Fatal(err)
	}
	if r := invisible(out.String()); r != 0 {
		t.Errorf("it has a %U", r)
	}
	var back review.History
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Subject != h.Subject || back.Lanes[0].ID != h.Lanes[0].ID {
		t.Errorf("%q comes back as %q", h.Subject, back.Subject)
	}
}

// TestHostileNamesInABrowser: nothing of the names runs or is asked for.
func TestHostileNamesInABrowser(t *testing.T) {
	b := openBrowser(t)
	file := pageFile(t, hostile(t))
	b.open(file)
	var is struct {
		Title           string
		Scripts, Images int
		Handlers        int
		Text            string
	}
	b.eval(&is, `(() => { const all = [...document.querySelectorAll("*")]; return {title: document.title, scripts: document.scripts.length, images: document.images.length,
		handlers: all.filter(e => [...e.attributes].some(a => a.name.startsWith("on"))).length, text: document.body.innerText + all.map(e => e.getAttribute("aria-label") || "").join("\n")}; })()`)
	if is.Scripts != 1 || is.Images != 0 || is.Handlers != 0 || is.Title == "owned" {
		t.Errorf("%d scripts, %d images, %d handlers, title %q", is.Scripts, is.Images, is.Handlers, is.Title)
	}
	if r := invisible(strings.ReplaceAll(is.Text, "\t", " ")); r != 0 {
		t.Errorf("the page has a %U", r)
	}
	b.blameless(t, file)
}
