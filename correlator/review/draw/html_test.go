package draw_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/correlator/review/draw"
)

// pageFile writes the page of a history.
func pageFile(t *testing.T, h *review.History) string {
	t.Helper()
	var out bytes.Buffer
	if err := draw.HTML(&out, h); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// blameless fails where the browser has something to complain of, or asked for
// anything but the file itself.
func (b *browser) blameless(t *testing.T, file string) {
	t.Helper()
	for _, method := range []string{"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"} {
		for _, said := range b.told(method) {
			t.Errorf("%s: %s", method, said)
		}
	}
	asked := b.told("Network.requestWillBeSent")
	for _, r := range asked {
		var p struct{ Request struct{ URL string } }
		if err := json.Unmarshal(r, &p); err != nil {
			t.Fatal(err)
		}
		if u := p.Request.URL; u != "file://"+file && !strings.HasPrefix(u, "about:") {
			t.Errorf("it asked for %s", u)
		}
	}
	if len(asked) == 0 {
		t.Error("not even the page was asked for: requests are not seen")
	}
}

// TestPageInABrowser opens the page of Alice's morning, finds what outlived its
// approval with the mouse and with the keyboard, and reads what it says.
func TestPageInABrowser(t *testing.T) {
	b := openBrowser(t)
	file := pageFile(t, morning(t, "alice"))
	b.open(file)
	const lease = `[...document.querySelectorAll(".row")].find(r => r.textContent.includes("database/creds/orders-rw"))`
	var place struct{ X, Y, Width float64 }
	b.eval(&place, `(() => { const g = `+lease+`.querySelector(".item.overrun"); g.scrollIntoView({block: "center"});
		const r = g.querySelector("rect").getBoundingClientRect(); const out = {x: r.x + r.width / 2, y: r.y + r.height / 2, width: r.width};
		return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(out)))); })()`)
	if place.Width < 100 {
		t.Errorf("the overrun of 34 minutes of 94 is %f pixels wide", place.Width)
	}
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": place.X, "y": place.Y}, nil)
	want := []string{"Outlived approval", "by 34m", "10:00:00 to 10:34:00", "#382", "ends (observed)"}
	read := func(how string) {
		t.Helper()
		var tip string
		b.eval(&tip, `document.getElementById("tip").hidden ? "" : document.getElementById("tip").innerText`)
		for _, w := range want {
			if !strings.Contains(tip, w) {
				t.Errorf("by %s the tip is %q and does not say %q", how, tip, w)
			}
		}
	}
	read("mouse")
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": 2, "y": 2}, nil)
	var hidden bool
	if b.eval(&hidden, `document.getElementById("tip").hidden`); !hidden {
		t.Error("the tip stays")
	}
	b.eval(nil, lease+`.previousElementSibling.querySelector("[tabindex='0']").focus()`)
	b.press("ArrowDown", 40)
	read("keyboard")
	b.press("ArrowRight", 39)
	var label string
	b.eval(&label, `document.activeElement.getAttribute("aria-label")`)
	if label == "" || strings.Contains(label, "Outlived") {
		t.Errorf("the arrow goes on to %q", label)
	}
	var shown struct {
		Lanes, Over int
		Found       string
		Rows        int
		Red         string
	}
	b.eval(&shown, `(() => { const count = () => document.querySelectorAll(".row[data-find]:not([hidden])").length;
		const out = {lanes: count(), rows: document.querySelectorAll("tbody tr").length, red: getComputedStyle(document.querySelector(".overrun .body")).fill};
		document.getElementById("only").click(); out.over = count(); out.found = document.getElementById("found").textContent;
		document.getElementById("only").click(); return out; })()`)
	if shown.Lanes != 6 || shown.Over != 2 || shown.Found != "2 of 6 lanes" || shown.Rows < 15 || shown.Red != "rgb(214, 31, 48)" {
		t.Errorf("%+v", shown)
	}
	b.blameless(t, file)
}

// TestPageOfABusyDay: of 500 accesses those are shown that matter, the others one can
// unfold and find.
func TestPageOfABusyDay(t *testing.T) {
	b := openBrowser(t)
	h := busyDay(t)
	if h.Summary.Accesses != 500 || h.Summary.Overran < 3 {
		t.Fatalf("%+v", h.Summary)
	}
	file := pageFile(t, h)
	b.open(file)
	var is struct{ Height, Shown, Over, All, Found int }
	b.eval(&is, `(() => { const shown = s => [...document.querySelectorAll(s)].filter(r => r.getClientRects().length > 0).length;
		const out = {height: Math.round(document.querySelector(".chart").getBoundingClientRect().height), shown: shown(".row"), over: shown(".row[data-over]")};
		document.querySelectorAll("button[aria-controls]").forEach(b => b.click()); out.all = shown(".row[data-find]");
		document.querySelectorAll("button[aria-controls]").forEach(b => b.click());
		const find = document.getElementById("find"); find.value = "creds/deploy/0491"; find.dispatchEvent(new Event("input")); out.found = shown(".row"); return out; })()`)
	if is.Height > 2000 || is.Shown > 40 || is.Over != h.Summary.Overran || is.All != 508 || is.Found != 1 {
		t.Errorf("%+v", is)
	}
	b.blameless(t, file)
}
