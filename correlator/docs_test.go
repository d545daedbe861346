package correlator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func docsPage(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", "docs"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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
