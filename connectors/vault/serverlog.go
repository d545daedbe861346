package vault

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// What a server log line says about a lease.
type serverWhat int

const (
	serverOther       serverWhat = iota
	serverRevoked                // the lease is gone
	serverFailed                 // a try to revoke it failed, there will be more
	serverIrrevocable            // the server has given up
)

// serverLine is one line of the server log (hclog, as text or as JSON).
type serverLine struct {
	Time    time.Time
	What    serverWhat
	LeaseID string
	Error   string
	// Zone is false where the time had to be taken as UTC.
	Zone bool
	Step time.Duration // precision of the time
}

var (
	// A prefix such as journald's may stand before the time.
	textLine = regexp.MustCompile(`(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) \[[A-Z]+\] +([a-z][^ :]*): (.*)$`)
	leaseArg = regexp.MustCompile(`(?:^| )lease_id=("(?:[^"\\]|\\.)*"|[^ ]+)`)
	errorArg = regexp.MustCompile(`(?:^| )error=("(?:[^"\\]|\\.)*"|[^ ]+)`)
)

// errNoTime marks a line that says something about a lease, but not when.
var errNoTime = errors.New("no time in a line about a lease")

// parseServer reads one line. The banner, stack traces and all lines about other
// things have What serverOther; only they may be without a time.
func parseServer(line []byte) (serverLine, error) {
	if t := bytes.TrimSpace(line); bytes.HasPrefix(t, []byte("{")) && bytes.Contains(t, []byte("@timestamp")) {
		return parseServerJSON(t)
	}
	m := textLine.FindSubmatch(line)
	if m == nil {
		if bytes.Contains(line, []byte("revoked lease: lease_id=")) {
			return serverLine{}, errNoTime
		}
		return serverLine{}, nil
	}
	s := serverLine{}
	if err := s.setTime(string(m[1])); err != nil {
		return serverLine{}, err
	}
	message, args, _ := strings.Cut(string(m[3]), ": ")
	s.What = whatOf(string(m[2]), message)
	if a := leaseArg.FindStringSubmatch(args); a != nil {
		s.LeaseID = unquote(a[1])
	}
	if a := errorArg.FindStringSubmatch(args); a != nil {
		s.Error = cleanText(unquote(a[1]))
	}
	return s.checked()
}

func parseServerJSON(line []byte) (serverLine, error) {
	var l struct {
		Time    string `json:"@timestamp"`
		Message string `json:"@message"`
		Module  string `json:"@module"`
		LeaseID string `json:"lease_id"`
		Error   any    `json:"error"`
	}
	// hclog writes what it is given, a repeated name included.
	if err := json.Unmarshal(line, &l, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return serverLine{}, cleanError(err)
	}
	s := serverLine{What: whatOf(l.Module, l.Message), LeaseID: l.LeaseID}
	if l.Error != nil {
		s.Error = cleanText(fmt.Sprint(l.Error))
	}
	if err := s.setTime(l.Time); err != nil {
		return serverLine{}, err
	}
	return s.checked()
}

func (s serverLine) checked() (serverLine, error) {
	if s.LeaseID == "" {
		s.What = serverOther // a message about no lease in particular
	}
	if len(s.LeaseID) > maxText {
		return serverLine{}, fmt.Errorf("lease_id has %d bytes, more than %d", len(s.LeaseID), maxText)
	}
	// An unquoted argument is taken as it stands; what is no text can be no id.
	if !utf8.ValidString(s.LeaseID) || strings.ContainsFunc(s.LeaseID, unicode.IsControl) {
		return serverLine{}, errors.New("lease_id is not valid UTF-8, or has control characters")
	}
	return s, nil
}

// setTime reads hclog's times: with a zone, and without one where the operator
// configured a layout of his own.
func (s *serverLine) setTime(text string) error {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z0700", time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			s.Time, s.Zone, s.Step = t.UTC(), true, step(text)
			return nil
		}
	}
	t, err := time.Parse("2006-01-02T15:04:05.999999999", text)
	if err != nil {
		return fmt.Errorf("the time %.40q of a server log line is not in hclog's form", text)
	}
	s.Time, s.Step = t.UTC(), step(text)
	return nil
}

// step is the precision of a written time, by its decimals.
func step(text string) time.Duration {
	_, decimals, _ := strings.Cut(text, ".")
	d := time.Second
	for _, c := range decimals {
		if c < '0' || c > '9' {
			break
		}
		d /= 10
	}
	return max(d, 1)
}

// whatOf knows the messages of vault/expiration.go, old and new. The loggers are
// named "expiration", in Vault Enterprise with a suffix.
func whatOf(module, message string) serverWhat {
	if module != "expiration" && !strings.HasPrefix(module, "expiration.") && !strings.HasSuffix(module, ".expiration") {
		return serverOther
	}
	switch {
	case message == "revoked lease":
		return serverRevoked
	case strings.Contains(message, "marking lease as irrevocable"), message == "lease has consumed all retry attempts":
		return serverIrrevocable
	case message == "failed to revoke lease":
		return serverFailed
	}
	return serverOther
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, " ", `\t`, " ").Replace(s[1 : len(s)-1])
}

var (
	userinfo  = regexp.MustCompile(`://[^/@\s]*@`)
	passwords = regexp.MustCompile(`(?i)\b(password|passwd|pwd|secret|token)(\s*[=:]\s*)\S+`)
)

// cleanText makes foreign free text fit for an event: one line, short, and
// without what a database driver likes to quote, its connection string.
func cleanText(s string) string {
	s = userinfo.ReplaceAllString(s, "://")
	s = passwords.ReplaceAllString(s, "$1$2(cut)")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || (0x80 <= r && r < 0xa0) }), " ")
	if len(s) > 240 {
		s = strings.ToValidUTF8(s[:240], "") + "…"
	}
	return strings.ToValidUTF8(s, "")
}
