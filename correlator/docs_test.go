package correlator

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the pages show as sent is what the stories give.

func docsPage(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", "docs"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced are the code blocks of a language.
func fenced(text, language string) []string {
	var out []string
	for _, block := range strings.Split(text, "\n```"+language+"\n")[1:] {
		body, _, _ := strings.Cut(block, "```")
		out = append(out, body)
	}
	return out
}

var storyLink = regexp.MustCompile(`\]\(\.\./\.\./correlator/testdata/([a-z-]+\.story)\)`)

func TestExamplesOfTheRulePagesAreSaid(t *testing.T) {
	for _, r := range Rules() {
		text := docsPage(t, "rules", string(r.ID)+".md")
		var told []string
		for _, link := range storyLink.FindAllStringSubmatch(text, -1) {
			story, err := os.ReadFile(filepath.Join("testdata", link[1]))
			if err != nil {
				t.Errorf("docs/rules/%s.md: %v", r.ID, err)
				continue
			}
			for _, line := range strings.Split(string(story), "\n") {
				if said, ok := strings.CutPrefix(line, "> "); ok {
					told = append(told, said)
				}
			}
		}
		examples := 0
		for _, block := range fenced(text, "text") {
			for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
				examples++
				if !slices.Contains(told, line) {
					t.Errorf("docs/rules/%s.md: no story that it links to says %q", r.ID, line)
				}
				if !strings.Contains(line, string(r.ID)) {
					t.Errorf("docs/rules/%s.md: %q is of another rule", r.ID, line)
				}
			}
		}
		if examples == 0 {
			t.Errorf("docs/rules/%s.md has no example", r.ID)
		}
	}
}

// published plays a story and keeps what it publishes.
func published(t *testing.T, story string) []Publication {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", story))
	if err != nil {
		t.Fatal(err)
	}
	p := newStoryPlayer()
	p.play(t, string(text))
	return p.all
}

// The two examples of docs/alerts.md are the first alert and the seal of a story,
// on the subjects that the page names.
func TestExamplesOfTheAlertsPageAreSent(t *testing.T) {
	text := docsPage(t, "alerts.md")
	pubs := published(t, "lease-outlives-window.story")
	alert, seal := pubs[0], pubs[len(pubs)-1]
	if alert.Alert == nil || seal.Seal == nil {
		t.Fatal("the story has changed: it begins with an alert and ends with a seal")
	}
	examples := fenced(text, "json")
	if len(examples) != 2 {
		t.Fatalf("docs/alerts.md has %d examples in JSON, not 2", len(examples))
	}
	for i, pub := range []Publication{alert, seal} {
		body, _ := encoded(t, pub)
		var want bytes.Buffer
		if err := json.Indent(&want, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(examples[i]) != want.String() {
			t.Errorf("example %d of docs/alerts.md should be\n%s", i+1, want.String())
		}
	}
	for _, subject := range []string{alert.Alert.Subject(), seal.Seal.Subject()} {
		if !strings.Contains(text, "`"+subject+"`") {
			t.Errorf("docs/alerts.md does not name the subject %s", subject)
		}
	}
}

// The page explains each member of both schemas that is ours to explain.
func TestTheAlertsPageNamesEveryMember(t *testing.T) {
	text := docsPage(t, "alerts.md")
	for _, pub := range fullPublications() {
		body, of := encoded(t, pub)
		for _, place := range objectsOf(t, body) {
			for member := range objectAt(t, body, place) {
				if !strings.Contains(text, "`"+member+"`") {
					t.Errorf("docs/alerts.md does not explain %s of a %s", strings.Join(append(place, member), "."), of)
				}
			}
		}
	}
}
