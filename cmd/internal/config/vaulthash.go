package config

import (
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// VaultHash is the one call that the Vault connector may make: sys/audit-hash,
// which tells how an audit device writes an id that is known in clear.
type VaultHash struct {
	URL   string
	Token secret.Reference
	CA    string
}

func (l *loader) vaultHash(into **VaultHash) strictyaml.Reader {
	var c VaultHash
	return strictyaml.Object(strictyaml.Fields{
		"url":   strictyaml.String(&c.URL, urlOf("a Vault", "https://vault.example.com:8200", "https", "http")),
		"token": l.secret(&c.Token, anySecret),
		"ca":    l.authority(&c.CA),
	}).IfSound(func(v strictyaml.Value) {
		need(v, "url", "token")
		*into = &c
	})
}
