package openldap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// CSN is OpenLDAP's change sequence number as it writes it, for example
// "20261121192447.216107Z#000000#000#000000": time, counter, server id, change
// within one operation. CSNs of one server order as strings.
type CSN string

const (
	csnTime = "20060102150405.000000Z"
	csnLen  = len(csnTime) + len("#000000#000#000000")
)

// parseCSN checks the form.
func parseCSN(text string) (CSN, error) {
	ok := len(text) == csnLen && text[22] == '#' && isHex(text[23:29]) &&
		text[29] == '#' && isHex(text[30:33]) && text[33] == '#' && isHex(text[34:40])
	if ok {
		_, err := time.Parse(csnTime, text[:22])
		ok = err == nil
	}
	if !ok {
		return "", fmt.Errorf("%q is not a change sequence number", clip(text))
	}
	return CSN(text), nil
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// Time is when the change was made, by the directory's clock, in microseconds.
// It is zero for a CSN that was not made by parseCSN.
func (c CSN) Time() time.Time {
	if len(c) != csnLen {
		return time.Time{}
	}
	t, err := time.Parse(csnTime, string(c[:len(csnTime)]))
	if err != nil {
		return time.Time{}
	}
	return t
}

// server is the id of the server that made the change.
func (c CSN) server() string { return string(c[30:33]) }

// position is how far a directory, or our reading of it, has come: the newest
// CSN of each server in a multi-provider set.
type position map[string]CSN

// parsePosition reads contextCSN values.
func parsePosition(values []string) (position, error) {
	p := position{}
	for _, v := range values {
		csn, err := parseCSN(v)
		if err != nil {
			return nil, err
		}
		p.advance(csn)
	}
	return p, nil
}

// advance takes in a CSN and reports whether it is new.
func (p position) advance(c CSN) bool {
	if c <= p[c.server()] {
		return false
	}
	p[c.server()] = c
	return true
}

// reaches reports whether p is at q or past it, on every server.
func (p position) reaches(q position) bool {
	for server, csn := range q {
		if p[server] < csn {
			return false
		}
	}
	return true
}

// cookie is the position as syncrepl wants it back, empty for none. It leaves out
// the server id ("sid="): that would say that we are that server, and it would
// keep its changes to itself.
func (p position) cookie(replica int) []byte {
	if len(p) == 0 {
		return nil
	}
	var csns []string
	for _, server := range slices.Sorted(maps.Keys(p)) {
		csns = append(csns, string(p[server]))
	}
	return fmt.Appendf(nil, "rid=%03d,csn=%s", replica, strings.Join(csns, ";"))
}

// cookieCSNs reads the CSNs of a cookie, "rid=000,sid=001,csn=…;…".
func cookieCSNs(cookie []byte) ([]CSN, error) {
	var csns []CSN
	for field := range strings.SplitSeq(string(cookie), ",") {
		list, ok := strings.CutPrefix(field, "csn=")
		if !ok || list == "" {
			continue
		}
		for text := range strings.SplitSeq(list, ";") {
			csn, err := parseCSN(text)
			if err != nil {
				return nil, fmt.Errorf("read sync cookie: %w", err)
			}
			csns = append(csns, csn)
		}
	}
	return csns, nil
}
