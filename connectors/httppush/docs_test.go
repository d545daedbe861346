package httppush

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
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

var (
	curlBlock  = regexp.MustCompile("(?s)```sh\n(curl .*?)```")
	curlHeader = regexp.MustCompile(`-H "([^:]+): ([^"]+)"`)
	curlBody   = regexp.MustCompile(`(?s)-d '(.*?)'`)
)

// The examples of the page do what it says: what curl would send is stored.
func TestExamplesAreStored(t *testing.T) {
	page, err := os.ReadFile("../../docs/connectors/http-push.md")
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, block := range curlBlock.FindAllStringSubmatch(string(page), -1) {
		body := curlBody.FindStringSubmatch(block[1])
		if body == nil {
			continue // the batch, which is a file of the reader's
		}
		r := request{body: body[1], header: map[string]string{}}
		for _, h := range curlHeader.FindAllStringSubmatch(block[1], -1) {
			r.header[http.CanonicalHeaderKey(h[1])] = strings.ReplaceAll(h[2], "$OVERSTAY_TOKEN", tokenAll)
		}
		j := &journal{}
		if rec := r.send(gateway(t, j)); rec.Code != http.StatusAccepted || len(j.stored) != 1 {
			t.Errorf("%d %s for\n%s", rec.Code, rec.Body, block[1])
		}
		sent++
	}
	if sent != 2 {
		t.Errorf("%d examples were sent, want the structured and the binary one", sent)
	}
}
