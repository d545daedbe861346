package httppush

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// serve runs a server on loopback until the test ends and returns its address
// and a stop that waits for the drain.
func serve(t *testing.T, o ServerOptions) (addr string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- NewServer(o).Serve(ctx, l) }()
	var result error
	stopped := false
	stop = func() error {
		cancel()
		if !stopped {
			result, stopped = <-done, true
		}
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return l.Addr().String(), stop
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// A client that sends its headers a byte at a time is cut off at the header
// timeout, however diligently it trickles.
func TestSlowHeadersAreCutOff(t *testing.T) {
	addr, _ := serve(t, ServerOptions{Handler: gateway(t, &journal{}), HeaderTimeout: 50 * time.Millisecond})
	conn := dial(t, addr)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nX-Slow: ", Path)
	if _, err := io.ReadAll(conn); err != nil { // until the server closes
		t.Fatalf("the server did not close: %v", err)
	}
}

// One that stops in its body is told so at the read timeout, nothing is stored,
// and the connection ends.
func TestSlowBodyIsCutOff(t *testing.T) {
	j := &journal{}
	addr, _ := serve(t, ServerOptions{Handler: gateway(t, j), ReadTimeout: 50 * time.Millisecond})
	conn := dial(t, addr)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n{",
		Path, tokenVault, mediaEvent)
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("the server did not close: %v", err)
	}
	if !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") || !strings.Contains(string(answer), "#too-slow") {
		t.Errorf("answer %q", answer)
	}
	if len(j.stored) != 0 {
		t.Error("something was stored")
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	addr, _ := serve(t, ServerOptions{Handler: gateway(t, &journal{}), IdleTimeout: 50 * time.Millisecond})
	conn := dial(t, addr)
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", Path)
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 405 ") {
		t.Errorf("%v, %q", err, answer)
	}
}

func TestLargeHeadersAreRefused(t *testing.T) {
	addr, _ := serve(t, ServerOptions{Handler: gateway(t, &journal{})})
	conn := dial(t, addr)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nX-Large: %s\r\n\r\n", Path, strings.Repeat("x", 2*maxHeader))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 431 ") {
		t.Errorf("%v, %q", err, line)
	}
}

// A connection above the limit waits for one to end, and is served then.
func TestConnectionsAreLimited(t *testing.T) {
	addr, _ := serve(t, ServerOptions{Handler: gateway(t, &journal{}), MaxConns: 1})
	first, second := dial(t, addr), dial(t, addr)
	ask := func(c net.Conn) {
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", Path)
	}
	ask(first)
	if _, err := bufio.NewReader(first).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	ask(second)
	if err := second.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Fatal("the second connection was served beside the first")
	}
	first.Close()
	if err := second.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(second).ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 405 ") {
		t.Errorf("%v, %q", err, line)
	}
}

// A stop lets the request at hand end with its answer, and takes no new ones.
func TestDrain(t *testing.T) {
	j := &journal{wait: make(chan struct{}), called: make(chan struct{})}
	addr, stop := serve(t, ServerOptions{Handler: gateway(t, j), Drain: 10 * time.Second})
	answers := make(chan int, 1)
	go func() { answers <- post(t, addr) }()
	<-j.called
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for { // until the listener is closed
		c, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		c.Close()
	}
	close(j.wait)
	if code := <-answers; code != 202 {
		t.Errorf("the request at hand got %d", code)
	}
	if err := <-stopped; err != nil {
		t.Errorf("drain: %v", err)
	}
}

// A request that does not end is cut off at the end of the drain, and said.
func TestDrainEnds(t *testing.T) {
	j := &journal{wait: make(chan struct{}), called: make(chan struct{})}
	addr, stop := serve(t, ServerOptions{Handler: gateway(t, j), Drain: 50 * time.Millisecond})
	answers := make(chan int, 1)
	go func() { answers <- post(t, addr) }()
	<-j.called
	if err := stop(); err == nil || !strings.Contains(err.Error(), "drain HTTP") {
		t.Errorf("stop: %v", err)
	}
	if code := <-answers; code != 0 {
		t.Errorf("the request got %d", code)
	}
}

// post sends a good event and returns the status, 0 when there was no answer.
func post(t *testing.T, addr string) int {
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+Path, strings.NewReader(rotated("a")))
	if err != nil {
		t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+tokenVault)
	req.Header.Set("Content-Type", mediaEvent)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestTLS(t *testing.T) {
	donor := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	defer donor.Close()
	addr, _ := serve(t, ServerOptions{Handler: gateway(t, &journal{}),
		TLS: &tls.Config{Certificates: donor.TLS.Certificates, MinVersion: tls.VersionTLS12}})
	client := donor.Client()
	resp, err := client.Get("https://" + addr + Path)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 405 || resp.TLS == nil {
		t.Errorf("%d, TLS %v", resp.StatusCode, resp.TLS)
	}
}
