package draw_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// browser is a headless Chromium that is spoken to over a pipe, by the DevTools
// protocol (chromedevtools.github.io/devtools-protocol): messages of JSON, each ended
// by a zero byte.
type browser struct {
	t       *testing.T
	in      *os.File
	session string
	next    int

	mu      sync.Mutex
	answers map[int]chan answer
	seen    []notification
}

type answer struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// notification is something that the browser tells by itself.
type notification struct {
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// answerWithin bounds how long one answer is waited for: a browser that hangs fails
// the test instead of the whole run.
const answerWithin = time.Minute

// openBrowser starts Chromium. Without one the test is skipped, but not in CI, where
// one is installed.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI has no chromium: ", err)
		}
		t.Skip("there is no chromium here: ", err)
	}
	toBrowser, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "overstay-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	// It runs as root in a container, where its sandbox cannot.
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--user-data-dir="+profile, "--remote-debugging-pipe", "--window-size=1400,1000", "about:blank")
	cmd.ExtraFiles, cmd.Stderr = []*os.File{toBrowser, fromBrowser}, &log // its descriptors 3 and 4
	cmd.WaitDelay = answerWithin
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &browser{t: t, in: in, answers: map[int]chan answer{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.read(out)
	}()
	t.Cleanup(func() {
		b.session = ""
		_ = b.send(0, "Browser.close", nil) // it may be gone already
		in.Close()
		<-done
		if err := cmd.Wait(); err != nil && t.Failed() {
			t.Logf("chromium: %v\n%s", err, log.Bytes())
		}
		out.Close()
		// A process of its own may outlive it by a moment and still write there, which
		// is no fault of the page.
		if err := os.RemoveAll(profile); err != nil {
			t.Logf("take the browser's profile away: %v", err)
		}
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// read hands out answers and keeps what the browser tells, until it ends.
func (b *browser) read(out *os.File) {
	in := bufio.NewReader(out)
	for {
		text, err := in.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			for id, c := range b.answers {
				close(c)
				delete(b.answers, id)
			}
			b.answers = nil
			b.mu.Unlock()
			return
		}
		var m struct {
			ID int `json:"id"`
			answer
			notification
		}
		if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m) != nil {
			continue
		}
		b.mu.Lock()
		if c := b.answers[m.ID]; c != nil {
			c <- m.answer
			delete(b.answers, m.ID)
		} else if m.Method != "" {
			b.seen = append(b.seen, m.notification)
		}
		b.mu.Unlock()
	}
}

func (b *browser) send(id int, method string, params any) error {
	m := map[string]any{"id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = b.in.Write(append(text, 0))
	return err
}

// call asks the browser for something.
func (b *browser) call(method string, params, into any) {
	b.t.Helper()
	b.next++
	c := make(chan answer, 1)
	b.mu.Lock()
	if b.answers == nil {
		b.mu.Unlock()
		b.t.Fatalf("%s: chromium has ended", method)
	}
	b.answers[b.next] = c
	b.mu.Unlock()
	if err := b.send(b.next, method, params); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case a, ok := <-c:
		if !ok {
			b.t.Fatalf("%s: chromium has ended", method)
		}
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if into != nil {
			if err := json.Unmarshal(a.Result, into); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(answerWithin):
		b.t.Fatalf("%s: no answer in %s", method, answerWithin)
	}
}

// eval runs a script in the page, and waits for what it promises.
func (b *browser) eval(into any, script string, args ...any) {
	b.t.Helper()
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": fmt.Sprintf(script, args...), "returnByValue": true, "awaitPromise": true}, &out)
	if out.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", script, out.ExceptionDetails.Exception.Description)
	}
	if into != nil {
		if err := json.Unmarshal(out.Result.Value, into); err != nil {
			b.t.Fatalf("%s gives %s: %v", script, out.Result.Value, err)
		}
	}
}

// open shows a file; it returns when that is loaded.
func (b *browser) open(file string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	b.eval(nil, `new Promise(done => { if (document.readyState === "complete" && location.protocol === "file:") done(); else addEventListener("load", () => done()); })`)
}

// press presses a key.
func (b *browser) press(key string, code int) {
	b.t.Helper()
	for _, typ := range []string{"keyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": typ, "key": key, "code": key, "windowsVirtualKeyCode": code}, nil)
	}
}

// told are the notifications of a method so far.
func (b *browser) told(method string) []json.RawMessage {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []json.RawMessage
	for _, n := range b.seen {
		if n.Method == method {
			out = append(out, n.Params)
		}
	}
	return out
}
