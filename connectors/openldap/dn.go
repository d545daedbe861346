package openldap

import (
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// normalDN writes a DN so that two spellings of one name are equal bytes: types
// and values in lower case, runs of blanks as one, RDN parts in order, no blanks
// around "," and "=". Case is folded in every value, because the naming attributes
// met in directories (cn, uid, ou, dc, o, mail) all match so; a schema of one's
// own with case-sensitive names would be joined too eagerly.
func normalDN(dn string) (string, error) {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return "", fmt.Errorf("read distinguished name %q: %w", clip(dn), err)
	}
	for _, rdn := range parsed.RDNs {
		for _, a := range rdn.Attributes {
			a.Value = strings.Join(strings.Fields(strings.ToLower(a.Value)), " ")
		}
	}
	return parsed.String(), nil
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
