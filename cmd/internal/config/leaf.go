package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// path reads the name of a file or folder; a relative one is beside the
// configuration, wherever the program was started.
func (l *loader) path(into *string, checks ...strictyaml.Check) strictyaml.Reader {
	var name string
	return strictyaml.String(&name, checks...).IfSound(func(strictyaml.Value) { *into = l.absolute(name) })
}

func (l *loader) absolute(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(l.dir, name)
}

// secretFile reads the name of a file that is secret as a whole, which others
// will open: a private key, NATS credentials.
func (l *loader) secretFile(into *string) strictyaml.Reader {
	return l.path(into, notPEM).IfSound(func(v strictyaml.Value) {
		reportSecret(v, secret.CheckFile(*into))
	})
}

// notPEM refuses a key that was pasted where its file's name belongs.
func notPEM(s string) (message, hint string) {
	if strings.Contains(s, "-----BEGIN") {
		return "is a key or certificate, not the name of a file", "put it into a file and name that"
	}
	return "", ""
}

var envForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// secret reads a reference, {file: …} or {env: …}, and tries it. What it gives is
// looked at by the check and let go.
func (l *loader) secret(into *secret.Reference, check func(secret.Secret) (message, hint string)) strictyaml.Reader {
	var ref secret.Reference
	object := strictyaml.Object(strictyaml.Fields{
		"file": l.path(&ref.File),
		"env": strictyaml.String(&ref.Env, func(s string) (string, string) {
			if !envForm.MatchString(s) {
				return "is not the name of an environment variable", "the name alone, without $"
			}
			return "", ""
		}),
	}).IfSound(func(v strictyaml.Value) {
		if (ref.File == "") == (ref.Env == "") {
			v.Report("", "names not exactly one of file and env")
			return
		}
		*into = ref
		value, err := ref.Read()
		if err != nil {
			reportSecret(v, err)
			return
		}
		if message, hint := check(value); message != "" {
			v.Report(hint, "%s", message)
		}
	})
	return object.Instead(func(v strictyaml.Value) bool {
		if v.IsMapping() {
			return false
		}
		// The value itself is not shown: it may be the secret.
		v.Report("write {file: …} or {env: …}", "is not a reference to a secret; secrets are never in this file")
		return true
	})
}

func reportSecret(v strictyaml.Value, err error) {
	var refused *secret.Error
	if errors.As(err, &refused) {
		v.Report(refused.Hint, "%s", refused.Error())
	}
}

func anySecret(secret.Secret) (message, hint string) { return "", "" }

// credentials reads a token, or a user with a password.
func (l *loader) credentials(into **Credentials) strictyaml.Reader {
	var c Credentials
	return strictyaml.Object(strictyaml.Fields{
		"token":    l.secret(&c.Token, longEnough),
		"user":     strictyaml.String(&c.User),
		"password": l.secret(&c.Password, anySecret),
	}).IfSound(func(v strictyaml.Value) {
		*into = &c
		token, user := !v.Lacks("token"), !v.Lacks("user")
		switch {
		case user == v.Lacks("password"):
			v.Report("", "user and password go together")
		case token == user:
			v.Report("", "names not exactly one of a token and a user with a password")
		}
	})
}

// minToken is what the gateway asks of a bearer token.
const minToken = 24

func longEnough(s secret.Secret) (message, hint string) {
	if len(s.Reveal()) < minToken {
		return fmt.Sprintf("the token has fewer than %d bytes", minToken), "make one with: openssl rand -hex 32"
	}
	return "", ""
}

// address checks host:port.
func address(s string) (message, hint string) {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Sprintf("is %q, which is not an address and a port", s), `write it as "127.0.0.1:8080"`
	}
	return "", ""
}

// loopback reports whether only this machine reaches an address.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || (ip != nil && ip.IsLoopback()))
}

// urlOf checks a URL with one of the schemes and without a password in it.
func urlOf(what, example string, schemes ...string) strictyaml.Check {
	return func(s string) (message, hint string) {
		u, err := url.Parse(s)
		switch {
		case err != nil || !slices.Contains(schemes, u.Scheme) || (u.Host == "" && u.Path == ""):
			return "is not the URL of " + what, fmt.Sprintf("write it as %q", example)
		case u.User != nil:
			return "holds a user or a password", "secrets are never in this file: use the keys for credentials"
		}
		return "", ""
	}
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

func name(s string) (message, hint string) {
	if !nameForm.MatchString(s) {
		return fmt.Sprintf("is %q, which is not a name", s), "lower-case letters, digits and . _ - only, 63 at most"
	}
	return "", ""
}
