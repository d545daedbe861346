package openldap

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// normalDN writes a DN so that two spellings of one name are equal bytes: types
// and values in lower case, runs of blanks as one, RDN parts in order, no blanks
// around "," and "=", only what must be escaped escaped (people read it, and write
// it into policies). Case is folded in every value, because the naming attributes
// met in directories (cn, uid, ou, dc, o, mail) all match so; a schema of one's
// own with case-sensitive names would be joined too eagerly.
func normalDN(dn string) (string, error) {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return "", fmt.Errorf("read distinguished name %q: %w", clip(dn), err)
	}
	rdns := make([]string, len(parsed.RDNs))
	for i, rdn := range parsed.RDNs {
		parts := make([]string, len(rdn.Attributes))
		for j, a := range rdn.Attributes {
			// A type is a name or an OID (RFC 4514): a ";" in it would read as the
			// separator that LDAPv2 had.
			typ := strings.ToLower(strings.TrimSpace(a.Type))
			if typ == "" || strings.Trim(typ, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
				return "", fmt.Errorf("read distinguished name %q: %q is no attribute type", clip(dn), clip(a.Type))
			}
			parts[j] = typ + "=" + escape(strings.Join(strings.Fields(strings.ToLower(a.Value)), " "))
		}
		slices.Sort(parts)
		rdns[i] = strings.Join(parts, "+")
	}
	return strings.Join(rdns, ","), nil
}

// CheckBaseDN says what is wrong with where a directory is to be read from, nil for
// nothing.
func CheckBaseDN(dn string) error {
	base, err := normalDN(dn)
	if err == nil && base == "" {
		err = errors.New("it names no entry")
	}
	return err
}

// escape is RFC 4514 section 2.4, with control characters and broken UTF-8 in hex.
func escape(value string) string {
	var b strings.Builder
	for i, r := range value {
		_, size := utf8.DecodeRuneInString(value[i:])
		switch {
		case r < 0x20 || 0x7f <= r && r < 0xa0 || r == utf8.RuneError && size == 1:
			for _, octet := range []byte(value[i : i+size]) {
				fmt.Fprintf(&b, "\\%02x", octet)
			}
		case strings.ContainsRune(`,+"\<>;=`, r), i == 0 && r == '#':
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// foldDN is normalDN for a name that the directory sent. One that cannot be taken
// apart is kept as it is, folded: it names nobody else, and must not hide the
// entry that it stands in.
func foldDN(dn string) string {
	if normal, err := normalDN(dn); err == nil {
		return normal
	}
	return strings.ToLower(dn)
}

// under reports whether a normalised DN is below another, or is it.
func under(dn, unit string) bool {
	return dn == unit || strings.HasSuffix(dn, ","+unit)
}

// clip bounds foreign text in an error.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
