package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/policy"
)

// Each file below testdata/problems is a configuration that somebody got wrong,
// with what we tell them at its end. DIR is the folder it lies in.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, tail, ok := strings.Cut(string(text), "# problems:\n")
			if !ok {
				t.Fatal("the story does not say which problems it expects")
			}
			dir := folder(t)
			write(t, dir, "overstay.yaml", string(text), 0o644)
			_, err = Load(filepath.Join(dir, "overstay.yaml"))
			got := problemLines(t, err, dir)
			if want := strings.Split(strings.TrimSpace(strings.ReplaceAll("\n"+tail, "\n# ", "\n")), "\n"); !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func problemLines(t *testing.T, err error, dir string) []string {
	t.Helper()
	var problems *policy.ProblemsError
	if !errors.As(err, &problems) {
		t.Fatalf("the error is %v (%T), not a list of problems", err, err)
	}
	var lines []string
	for line := range strings.SplitSeq(problems.Error(), "\n") {
		line = strings.TrimPrefix(line, filepath.Join(dir, "overstay.yaml")+":")
		line = strings.TrimPrefix(line, dir+string(filepath.Separator))
		lines = append(lines, strings.ReplaceAll(line, dir, "DIR"))
	}
	return lines
}

const token = "0123456789abcdef0123456789abcdef"

// folder holds what the stories refer to.
func folder(t *testing.T) string {
	t.Helper()
	t.Setenv("OVERSTAY_TEST_TOKEN", token)
	dir := t.TempDir()
	write(t, dir, "good-token", token+"\n", 0o600)
	write(t, dir, "open-token", token, 0o644)
	write(t, dir, "short-token", "hunter2", 0o600)
	write(t, dir, "policy-with-problems.yaml", "grace: 5\n", 0o644)
	cert, key := selfSigned(t)
	_, other := selfSigned(t)
	write(t, dir, "cert.pem", cert, 0o644)
	write(t, dir, "key.pem", key, 0o600)
	write(t, dir, "other-key.pem", other, 0o600)
	return dir
}

func write(t *testing.T, dir, name, text string, mode fs.FileMode) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

// No problem ever shows a secret that stood in the wrong place.
func TestAnInlineSecretIsNotShown(t *testing.T) {
	dir := folder(t)
	const inline = "tr0ub4dor-and-3-more-words"
	write(t, dir, "overstay.yaml", `
http: {clients: [{name: a, token: `+inline+`, sources: ["*"]}]}
nats: {operator: {user: admin, password: [`+inline+`]}}
connectors: [{type: openldap, name: corp, url: "ldaps://x:`+inline+`@ldap", bindDN: cn=a, password: "`+inline+`", baseDN: dc=corp}]
telemetry: {otlp: "http://x:`+inline+`@collector"}
`, 0o600)
	_, err := Load(filepath.Join(dir, "overstay.yaml"))
	if lines := problemLines(t, err, dir); len(lines) != 5 {
		t.Errorf("problems: %q", lines)
	}
	if strings.Contains(err.Error(), inline) {
		t.Errorf("a secret shows: %v", err)
	}
}
