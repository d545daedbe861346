package correlator_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
)

// What the pages show as sent is what the stories give.

// fenced are the code blocks of a language.
func fenced(text, language string) []string {
	var out []string
	for _, block := range strings.Split(text, "\n```"+language+"\n")[1:] {
		body, _, _ := strings.Cut(block, "```")
		out = append(out, body)
	}
	return out
}

var storyLink = regexp.MustCompile(`\]\(\.\./\.\./correlator/testdata/([a-z0-9-]+\.yaml)\)`)

func TestExamplesOfTheRulePagesAreSaid(t *testing.T) {
	for _, r := range correlator.Rules() {
		text := correlator.DocsPage(t, "rules", string(r.ID)+".md")
		var told []string
		for _, link := range storyLink.FindAllStringSubmatch(text, -1) {
			for _, pub := range published(playStory(t, filepath.Join("testdata", link[1]))) {
				told = append(told, pub.String())
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

// The two examples of docs/alerts.md are the first alert and the seal of a story,
// on the subjects that the page names.
func TestExamplesOfTheAlertsPageAreSent(t *testing.T) {
	text := correlator.DocsPage(t, "alerts.md")
	pubs := published(playStory(t, filepath.Join("testdata", "lease-outlives-window.yaml")))
	alert, seal := pubs[0], pubs[len(pubs)-1]
	if alert.Alert == nil || seal.Seal == nil {
		t.Fatal("the story has changed: it begins with an alert and ends with a seal")
	}
	examples := fenced(text, "json")
	if len(examples) != 2 {
		t.Fatalf("docs/alerts.md has %d examples in JSON, not 2", len(examples))
	}
	for i, pub := range []correlator.Publication{alert, seal} {
		body, _ := correlator.Encoded(t, pub)
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
