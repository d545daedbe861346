package httppush

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Every problem type is a link to a heading of the page, which says its status.
func TestProblemsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/connectors/http-push.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Problem{
		methodNotAllowed("GET"), unauthenticated(challenge, ""), forbidden("c", nil, 0), tooSlow(), tooLarge(0), tooMany(),
		unsupportedMedia(""), unsupportedCoding(""), malformed(errors.New("x")), unprocessable(nil, 0),
		tooManyRequests("", time.Second), unavailable(ErrFull),
	} {
		_, kind, _ := strings.Cut(p.Type, "#")
		_, section, ok := strings.Cut(string(page), "### "+kind+"\n\n")
		if !ok || !strings.HasPrefix(section, fmt.Sprintf("%d. ", p.Status)) {
			t.Errorf("docs/connectors/http-push.md has no section %q that begins with %d", kind, p.Status)
		}
	}
}
