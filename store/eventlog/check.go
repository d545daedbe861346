package eventlog

import (
	"fmt"
	"slices"
	"strings"
)

// MaxBody bounds an entry's body, in bytes. It leaves room for headers below the
// 1 MiB that a NATS server takes by default.
const MaxBody = 1 << 20 * 9 / 10

// maxHeader bounds names and values of an entry's headers together; JetStream
// itself ends at 64 KiB.
const maxHeader = 32 << 10

// CheckEntry says why an entry cannot be appended to a stream with these
// subjects. Both implementations refuse the same.
func CheckEntry(e Entry, subjects []string) error {
	if err := CheckSubject(e.Subject); err != nil {
		return err
	}
	if !slices.ContainsFunc(subjects, func(f string) bool { return Matches(f, e.Subject) }) {
		return fmt.Errorf("eventlog: subject %q is none of %s", e.Subject, strings.Join(subjects, " "))
	}
	if len(e.Body) > MaxBody {
		return fmt.Errorf("eventlog: body for %s has %d bytes, the limit is %d", e.Subject, len(e.Body), MaxBody)
	}
	if strings.ContainsAny(e.MsgID, "\r\n") || len(e.MsgID) > 256 {
		return fmt.Errorf("eventlog: message id for %s has a line break or more than 256 bytes", e.Subject)
	}
	return checkHeader(e)
}

func checkHeader(e Entry) error {
	size := 0
	for name, values := range e.Header {
		if name == "" || strings.ContainsFunc(name, notHeaderName) {
			return fmt.Errorf("eventlog: header %q for %s is not a header name", name, e.Subject)
		}
		if Reserved(name) {
			return fmt.Errorf("eventlog: header %q for %s is reserved for the transport", name, e.Subject)
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n") || strings.TrimSpace(v) != v {
				return fmt.Errorf("eventlog: header %q for %s has a line break or outer spaces", name, e.Subject)
			}
			size += len(name) + len(v)
		}
	}
	if size > maxHeader {
		return fmt.Errorf("eventlog: headers for %s have %d bytes, the limit is %d", e.Subject, size, maxHeader)
	}
	return nil
}

func notHeaderName(r rune) bool { return r <= ' ' || r == ':' || r >= 0x7f }

// Reserved reports whether a header belongs to the transport.
func Reserved(header string) bool {
	return len(header) >= 5 && strings.EqualFold(header[:5], "Nats-")
}

// CheckSubject refuses what is not a literal NATS subject: empty tokens,
// wildcards, spaces, control characters, more than 1,024 bytes.
func CheckSubject(subject string) error {
	if len(subject) > 1024 {
		return fmt.Errorf("eventlog: subject has %d bytes, the limit is 1024", len(subject))
	}
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" || token == "*" || token == ">" ||
			strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return fmt.Errorf("eventlog: %q is not a literal subject", subject)
		}
	}
	return nil
}
