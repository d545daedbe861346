package correlator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// hostileText draws what a source may write: very long, in bytes that JSON
// doubles, in runes of several bytes.
func hostileText(t *rapid.T, label string) string {
	unit := rapid.SampledFrom([]string{"x", `"`, `\`, "é", "\U0001F511", "<&>", "\u2028", "a b "}).Draw(t, label)
	return "s" + strings.Repeat(unit, rapid.SampledFrom([]int{0, 1, 20, 60, 300, events.MaxText/len(unit) - 1}).Draw(t, label+" length"))
}

func hostileScope(t *rapid.T) events.Scope {
	text := func() string { return hostileText(t, "scope") }
	return events.Scope{System: text(), Resource: text(), Role: text(), Level: text()}
}

func hostileEvidence(t *rapid.T) []Evidence {
	var out []Evidence
	for range rapid.IntRange(0, MaxShown).Draw(t, "facts") {
		out = append(out, Evidence{What: "lease revocation-failed", ID: hostileText(t, "event"), Seq: 1 << 60, At: At(historyStart)})
	}
	return out
}

func hostileApproval(t *rapid.T) *ApprovalView {
	v := &ApprovalView{
		ID: hostileText(t, "approval"), Source: hostileText(t, "source"), Requester: events.ID(hostileText(t, "requester")),
		DecidedBy: events.ID(hostileText(t, "decider")), Ticket: hostileText(t, "ticket"), Begin: At(historyStart), End: Forever, Evidence: hostileEvidence(t),
	}
	for range rapid.IntRange(0, MaxShown).Draw(t, "scopes") {
		v.Scopes = append(v.Scopes, hostileScope(t))
	}
	return v
}

func hostileAlert(t *rapid.T) *Alert {
	a := fullAlert()
	a.Rule = rapid.SampledFrom(Rules()).Draw(t, "rule")
	a.Source, a.Account, a.Said = hostileText(t, "source"), events.ID(hostileText(t, "account")), hostileText(t, "said")
	a.Cause.ID, a.Approval = hostileText(t, "cause"), hostileApproval(t)
	facet := a.Facets[0]
	a.Facets = nil
	for range rapid.IntRange(0, MaxShown).Draw(t, "facets") {
		f := facet
		f.Source, f.ID, f.Note, f.UntilID = hostileText(t, "source"), hostileText(t, "id"), hostileText(t, "note"), hostileText(t, "until")
		f.Subject, f.Name, f.UntilBy = events.ID(hostileText(t, "subject")), events.ID(hostileText(t, "name")), events.ID(hostileText(t, "by"))
		f.Scope, f.Evidence, f.Unattested = hostileScope(t), hostileEvidence(t), rapid.Bool().Draw(t, "unattested")
		f.Person, f.Behind = nil, nil
		for range rapid.IntRange(2, MaxShown).Draw(t, "ids") {
			f.Person = append(f.Person, events.ID(hostileText(t, "person")))
		}
		for range rapid.IntRange(1, 20).Draw(t, "behind") {
			f.Behind = append(f.Behind, hostileText(t, "who is behind"))
		}
		a.Facets = append(a.Facets, f)
	}
	a.Total = max(len(a.Facets), 1)
	return a
}

func hostileSeal(t *rapid.T) *Seal {
	s := fullSeal()
	s.Approval = *hostileApproval(t)
	s.Facets = nil
	for _, name := range []string{"approval", "session", "credential", "directory"} {
		f := fullSeal().Facets[0]
		f.Facet, f.Seen = name, hostileEvidence(t)[:0]
		f.Seen = append(f.Seen, Evidence{What: "end", ID: hostileText(t, "end"), At: f.End})
		s.Facets = append(s.Facets, f)
	}
	s.Looked, s.Unseen = nil, nil
	for i := range rapid.IntRange(0, 200).Draw(t, "sources") {
		s.Looked = append(s.Looked, SealSource{fmt.Sprint(hostileText(t, "source"), i), At(historyStart)})
	}
	for i := range rapid.IntRange(0, 200).Draw(t, "systems") {
		s.Unseen = append(s.Unseen, fmt.Sprint(hostileText(t, "system"), i))
	}
	slices.Sort(s.Unseen)
	return s
}

// TestEveryBodyFits: whatever sources write, a body has at most 16 KiB, is what
// the schemas say, and tells when something had to go.
func TestEveryBodyFits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pub := Publication{Alert: hostileAlert(rt)}
		if rapid.Bool().Draw(rt, "seal") {
			pub = Publication{Seal: hostileSeal(rt)}
		}
		body, of := encoded(t, pub)
		var whole []byte
		var err error
		if pub.Seal != nil {
			whole, err = pub.Seal.encode()
		} else {
			whole, err = pub.Alert.encode()
		}
		if err != nil {
			rt.Fatal(err)
		}
		if len(body) > MaxBody || !utf8.Valid(body) {
			rt.Fatalf("%d bytes, UTF-8 %v", len(body), utf8.Valid(body))
		}
		if err := againstOwn(t, of, body); err != nil {
			rt.Fatalf("%v\n%s", err, body)
		}
		if cut, told := !bytes.Equal(body, whole), bytes.Contains(body, []byte(`"truncated":true`)); cut != told || cut != (len(whole) > MaxBody) {
			rt.Fatalf("%d bytes in all, cut %v, told %v", len(whole), cut, told)
		}
	})
}

// Facets go before text is cut, and what the alert says as a whole stays.
func TestFewerFacetsBeforeShorterText(t *testing.T) {
	a := fullAlert()
	id := strings.Repeat("database/creds/orders/", 40)
	for len(a.Facets) < MaxShown {
		f := a.Facets[0]
		f.ID = id
		a.Facets = append(a.Facets, f)
	}
	for i := range a.Facets {
		a.Facets[i].Unattested = i == MaxShown-1
	}
	a.Total = 100
	body, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var ce struct {
		Data struct {
			Confidence string `json:"confidence"`
			Evidences  []struct {
				UID  string `json:"uid"`
				Data struct {
					ID string `json:"id"`
				} `json:"data"`
			} `json:"evidences"`
			Unmapped struct {
				Overstay struct {
					Facets    int  `json:"facets"`
					Truncated bool `json:"truncated"`
				} `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &ce); err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, e := range ce.Data.Evidences {
		if strings.HasPrefix(e.UID, "facet-") {
			shown++
			if e.Data.ID != "L1" && e.Data.ID != id {
				t.Errorf("the id of %s is cut to %s", e.UID, e.Data.ID)
			}
		}
	}
	o := ce.Data.Unmapped.Overstay
	if shown < 2 || shown >= MaxShown || !o.Truncated || o.Facets != 100 || ce.Data.Confidence != "Medium" {
		t.Errorf("%d facets shown of %d, truncated %v, confidence %s", shown, o.Facets, o.Truncated, ce.Data.Confidence)
	}
}

func TestClipKeepsRunesWhole(t *testing.T) {
	for in, want := range map[string]string{"short": "short", "exactly ten": "exactly…", "ééééééé": "ééé…", "": ""} {
		if got := clip(in, 10); got != want {
			t.Errorf("clip(%q) = %q, want %q", in, got, want)
		}
	}
}
