package jetstream_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// certificate makes one for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	leaf, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}, pool
}

func TestTLS(t *testing.T) {
	t.Parallel()
	config, pool := certificate(t)
	operator := &jetstream.Credentials{Token: "t"}
	server := embed(t, jetstream.Options{Listen: "127.0.0.1:0", TLS: config, Operator: operator})
	own := open(t, conn(t, server), jetstream.StreamOptions{}) // in process, without TLS
	nc, err := jetstream.Connect(within(t), server.ClientURL(), jetstream.ConnectOptions{
		Credentials: operator, TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13},
	})
	must(t, err)
	t.Cleanup(nc.Close)
	must(t, open(t, nc, jetstream.StreamOptions{}).Events().Append(within(t), []eventlog.Entry{event("1", "a")}))
	wantPositions(t, own, 1)
	plain := strings.Replace(server.ClientURL(), "tls://", "nats://", 1)
	if nc, err := jetstream.Connect(within(t), plain, jetstream.ConnectOptions{Credentials: operator}); err == nil {
		nc.Close()
		t.Error("connected without trusting the certificate")
	}
}
