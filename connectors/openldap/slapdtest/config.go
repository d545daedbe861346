package slapdtest

import (
	"cmp"
	"fmt"
	"strings"
)

// What every server of this package starts with.
const (
	// Suffix is the directory's root.
	Suffix = "dc=example,dc=com"
	// People, Leavers and Groups are the units below it.
	People  = "ou=people," + Suffix
	Leavers = "ou=leavers," + Suffix
	Groups  = "ou=groups," + Suffix
	// RootDN may do everything; RootPassword is its password.
	RootDN       = "cn=admin," + Suffix
	RootPassword = "root-secret"
	// ReaderDN is the connector's account: it may read all but passwords.
	ReaderDN       = "cn=overstay,ou=services," + Suffix
	ReaderPassword = "reader-secret"
)

// slapdConf is the server's configuration. The access rules are the ones of
// docs/connectors/openldap.md, so that the tests prove them sufficient.
func slapdConf(dir string, o options) string {
	var b strings.Builder
	for _, schema := range []string{"core", "cosine", "nis", "inetorgperson"} {
		fmt.Fprintf(&b, "include /etc/ldap/schema/%s.schema\n", schema)
	}
	fmt.Fprintf(&b, "pidfile %s/slapd.pid\nmodulepath /usr/lib/ldap\n", dir)
	for _, module := range []string{"back_mdb", "syncprov", "memberof", "refint"} {
		fmt.Fprintf(&b, "moduleload %s\n", module)
	}
	if o.tls {
		fmt.Fprintf(&b, "TLSCertificateFile %[1]s/server.pem\nTLSCertificateKeyFile %[1]s/server.key\n", dir)
	}
	fmt.Fprintf(&b, `database mdb
maxsize 67108864
suffix %[2]s
rootdn %[3]s
rootpw %[4]s
directory %[1]s/db
dbnosync
index objectClass,entryCSN,entryUUID,uid eq
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="%[2]s" by dn.exact="%[5]s" read by * none
limits dn.exact="%[5]s" size=%[6]s time=unlimited
overlay syncprov
syncprov-checkpoint 100 10
`, dir, Suffix, RootDN, RootPassword, ReaderDN, cmp.Or(o.sizeLimit, "unlimited"))
	if o.sessionLog > 0 {
		fmt.Fprintf(&b, "syncprov-sessionlog %d\n", o.sessionLog)
	}
	b.WriteString("overlay memberof\n")
	if !o.noRefint {
		b.WriteString("overlay refint\nrefint_attributes member uniqueMember manager\n")
	}
	return b.String()
}

// baseLDIF is the directory before a test changes it: alice, bob and carol; bob
// in cn=admins, cn=admins in cn=ops; carol in the POSIX group cn=dba by her uid.
const baseLDIF = `dn: ` + Suffix + `
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ` + People + `
objectClass: organizationalUnit
ou: people

dn: ` + Leavers + `
objectClass: organizationalUnit
ou: leavers

dn: ` + Groups + `
objectClass: organizationalUnit
ou: groups

dn: ou=services,` + Suffix + `
objectClass: organizationalUnit
ou: services

dn: ` + ReaderDN + `
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: overstay
userPassword: ` + ReaderPassword + `

dn: uid=alice,` + People + `
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
uid: alice
cn: Alice Jones
sn: Jones
mail: alice@example.com
uidNumber: 1001
gidNumber: 500
homeDirectory: /home/alice
userPassword: alice-secret

dn: uid=bob,` + People + `
objectClass: inetOrgPerson
uid: bob
cn: Bob Ray
sn: Ray
mail: bob@example.com
userPassword: bob-secret

dn: uid=carol,` + People + `
objectClass: inetOrgPerson
uid: carol
cn: Carol Poe
sn: Poe
userPassword: carol-secret

dn: cn=admins,` + Groups + `
objectClass: groupOfNames
cn: admins
member: uid=bob,` + People + `

dn: cn=ops,` + Groups + `
objectClass: groupOfNames
cn: ops
member: cn=admins,` + Groups + `

dn: cn=staff,` + Groups + `
objectClass: posixGroup
cn: staff
gidNumber: 500

dn: cn=dba,` + Groups + `
objectClass: posixGroup
cn: dba
gidNumber: 501
memberUid: carol
`
