package events

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxIDLen bounds an id in bytes. LDAP DNs and ARNs are the longest ids met in
// the field, and stay far below it.
const MaxIDLen = 1024

// ID names a subject as its source knows it: "realm:local", for example
// "vault/prod/entity:952c932a" or "ldap/corp/uid:alice". The realm says in which
// system, and by which kind of name, the local part is unique. An id without a
// realm ("alice") is taken as it is and equals only itself.
type ID string

// NewID joins a realm and a local part. Both are kept byte for byte.
func NewID(realm, local string) ID {
	if realm == "" {
		return ID(local)
	}
	return ID(realm + ":" + local)
}

// Realm is the part before the first colon when that part is a realm name
// (lower-case letters, digits, and "._-/"), else "".
func (id ID) Realm() string {
	realm, _ := id.split()
	return realm
}

// Local is what follows the realm, or the whole id where there is none.
func (id ID) Local() string {
	_, local := id.split()
	return local
}

func (id ID) split() (realm, local string) {
	i := strings.IndexByte(string(id), ':')
	if i <= 0 {
		return "", string(id)
	}
	for _, c := range []byte(id[:i]) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '_', c == '-', c == '/':
		default:
			return "", string(id)
		}
	}
	return string(id[:i]), string(id[i+1:])
}

// Validate refuses an id that is empty, too long, not UTF-8, or that contains a
// control character (which would let it forge a line of a report).
func (id ID) Validate() error {
	switch {
	case id == "":
		return fmt.Errorf("id is empty")
	case len(id) > MaxIDLen:
		return fmt.Errorf("id has %d bytes, more than %d", len(id), MaxIDLen)
	case !utf8.ValidString(string(id)):
		return fmt.Errorf("id is not valid UTF-8")
	case strings.ContainsFunc(string(id), isControl):
		return fmt.Errorf("id contains a control character or a Unicode noncharacter")
	case id.Local() == "":
		return fmt.Errorf("id %q has a realm and nothing behind it", string(id))
	}
	return nil
}

// isControl reports whether r may not stand in text: control characters and the
// Unicode noncharacters, as CloudEvents has it for its type String.
func isControl(r rune) bool {
	return r < 0x20 || (0x7f <= r && r < 0xa0) || r&0xfffe == 0xfffe || (0xfdd0 <= r && r <= 0xfdef)
}
