package slapdtest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Server is a running slapd.
type Server struct {
	// URL is where it listens, "ldap://127.0.0.1:port". It stays the same over
	// Stop and Restart.
	URL string
	// SecureURL is its ldaps:// address and CAFile the certificate to trust for
	// it, both with WithTLS only.
	SecureURL, CAFile string

	t    testing.TB
	conf string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has gone
	log  *bytes.Buffer
}

type options struct {
	sessionLog int
	noRefint   bool
	ldif       string
	tls        bool
	sizeLimit  string
}

// Option changes how the server starts.
type Option func(*options)

// WithSessionLog lets the server keep its last n changes, so that a consumer that
// resumes is told what was deleted instead of what is present.
func WithSessionLog(n int) Option { return func(o *options) { o.sessionLog = n } }

// WithoutRefint leaves the member values of deleted and renamed entries behind.
func WithoutRefint() Option { return func(o *options) { o.noRefint = true } }

// WithTLS gives the server a certificate for 127.0.0.1, from a CA of its own.
func WithTLS() Option { return func(o *options) { o.tls = true } }

// WithReaderLimit lets the reader have n entries of a search and no more.
func WithReaderLimit(n int) Option { return func(o *options) { o.sizeLimit = strconv.Itoa(n) } }

// WithLDIF adds entries to those that every server starts with.
func WithLDIF(ldif string) Option { return func(o *options) { o.ldif += "\n" + ldif } }

// startAttempts covers a port that somebody else took between our asking for a
// free one and slapd's listening on it.
const startAttempts = 5

// Start runs a server until the test ends. Without slapd it skips the test, or
// fails it when CI is "true".
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	slapd := binary(t, "slapd")
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	dir := t.TempDir()
	s := &Server{t: t, conf: filepath.Join(dir, "slapd.conf")}
	if o.tls {
		s.CAFile = certify(t, dir)
	}
	write(t, s.conf, slapdConf(dir, o))
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o700); err != nil {
		t.Fatalf("make slapd's database folder: %v", err)
	}
	load(t, s.conf, filepath.Join(dir, "base.ldif"), baseLDIF+o.ldif)
	t.Cleanup(s.Stop)
	var err error
	for range startAttempts {
		s.URL = "ldap://" + freeAddress(t)
		if o.tls {
			s.SecureURL = "ldaps://" + freeAddress(t)
		}
		if err = s.run(slapd); err == nil {
			return s
		}
	}
	t.Fatalf("start slapd: %v", err)
	return nil
}

// Stop ends the server as systemd would, and waits until it has gone.
func (s *Server) Stop() { s.end(os.Interrupt) }

// Kill ends the server without letting it say good-bye to its clients.
func (s *Server) Kill() { s.end(os.Kill) }

func (s *Server) end(sig os.Signal) {
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("signal slapd: %v", err)
	}
	<-s.done
	s.cmd = nil
}

// Restart starts a stopped server on its old address and data.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.run(binary(s.t, "slapd")); err != nil {
		s.t.Fatalf("restart slapd: %v", err)
	}
}

// run starts the process and waits until it answers.
func (s *Server) run(slapd string) error {
	s.log = new(bytes.Buffer)
	s.cmd = exec.Command(slapd, "-f", s.conf, "-h", strings.TrimSpace(s.URL+" "+s.SecureURL), "-d", "0") // -d keeps it in the foreground
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return fmt.Errorf("run %s: %w", slapd, err)
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		cmd.Wait() // how it ended is told by its log, below
		close(done)
	}(s.cmd, s.done)
	return s.answers()
}

func (s *Server) answers() error {
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for {
		if c, err := ldap.DialURL(s.URL); err == nil {
			return c.Close()
		}
		select {
		case <-s.done:
			s.cmd = nil
			return fmt.Errorf("slapd ended at once: %s", s.log)
		case <-deadline.C:
			return fmt.Errorf("slapd on %s did not answer within 20 s", s.URL)
		case <-retry.C:
		}
	}
}

// binary finds a server program; distributions keep them out of a user's PATH.
func binary(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath(filepath.Join("/usr/sbin", name))
	}
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed, and CI must not skip: apt-get install slapd", name)
	}
	t.Skipf("%s is not installed: apt-get install slapd to run this test", name)
	return ""
}

func load(t testing.TB, conf, file, ldif string) {
	t.Helper()
	write(t, file, ldif)
	if out, err := exec.Command(binary(t, "slapadd"), "-f", conf, "-l", file).CombinedOutput(); err != nil {
		t.Fatalf("load the directory with slapadd: %v: %s", err, out)
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatalf("write for slapd: %v", err)
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("ask for a free port for slapd: %v", err)
	}
	defer l.Close()
	return l.Addr().String()
}
