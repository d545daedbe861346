package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/overstay/overstay/cmd/internal/config"
)

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestReadme runs every command of the README, in order, in a folder that holds
// what the README says is there. Two are not run by it: `go test ./...`, which is
// what runs this, and must be what CI calls; and `nats`, in whose place stands the
// same subscription by a plain NATS client.
func TestReadme(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkplace(t, root)
	for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
		switch block[1] {
		case "sh":
			for _, line := range strings.Split(strings.TrimSpace(block[2]), "\n") {
				command, _, _ := strings.Cut(line, "  #")
				w.run(strings.TrimSpace(command))
			}
		case "yaml":
			w.addPolicy(block[2])
		default:
			t.Errorf("a block in %q is neither sh nor yaml: nothing tests it", block[1])
		}
	}
	if w.ran < 8 {
		t.Errorf("only %d commands were found in the README", w.ran)
	}
	w.judges("OV-001", " still holds dynamic lease database/creds/orders-rw/")
	w.stopServing()
}

// workplace is the reader's folder.
type workplace struct {
	t     *testing.T
	root  string
	here  string // where the reader builds; not the repository, which stays clean
	dir   string // where the logs are
	ran   int
	serve *exec.Cmd
	out   *syncBuffer
	live  *syncBuffer // what `alerts --follow` prints
	// policy is the README's: what stands under policy:, as a file of its own.
	policy string
}

func newWorkplace(t *testing.T, root string) *workplace {
	w := &workplace{t: t, root: root, here: t.TempDir(), dir: t.TempDir()}
	for name, text := range map[string]string{
		"audit.log": "", "server.log": "",
	} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(w.stopServing)
	return w
}

func (w *workplace) run(command string) {
	w.t.Helper()
	w.ran++
	words := strings.Fields(command)
	switch {
	case command == "go test ./...":
		ci, err := os.ReadFile(filepath.Join(w.root, ".ci", "run"))
		if err != nil || !regexp.MustCompile(`(?m) go test -race( -timeout \w+)? \./\.\.\.$`).Match(ci) {
			w.t.Errorf("CI does not run %q: %v", command, err)
		}
	case strings.HasPrefix(command, "go build "):
		w.must(w.root, strings.Replace(command, "-o overstay", "-o "+filepath.Join(w.here, "overstay"), 1))
	case words[0] == "mkdir":
		w.stopServing() // as the README says
		w.must(w.dir, command)
		w.dir = filepath.Join(w.dir, words[1])
	case words[0] == "cp":
		w.must(w.here, command)
	case words[0] == "go":
		w.must(w.root, command)
	case words[0] == "nats":
		w.subscribe(strings.Trim(words[2], "'"))
	case len(words) > 1 && words[1] == "serve":
		w.startServing(words)
	case strings.Contains(command, "--follow"):
		w.follow(words)
	default:
		w.must(w.dir, command)
	}
}

// must runs a command to its end.
func (w *workplace) must(dir, command string) {
	w.t.Helper()
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LOGS="+w.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// startServing runs serve in the background, in place of one that ran before,
// and waits until it says that it is there. It takes free ports: the README's own
// may be in use on this machine.
func (w *workplace) startServing(words []string) {
	w.t.Helper()
	w.stopServing()
	args := append(words[1:], "--http-listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	w.serve = exec.Command(filepath.Join(w.dir, words[0]), args...)
	w.serve.Dir = w.dir
	w.out = &syncBuffer{}
	w.serve.Stdout, w.serve.Stderr = w.out, w.out
	if err := w.serve.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.out.await(w.t, "is running")
}

func (w *workplace) stopServing() {
	if w.serve == nil {
		return
	}
	if w.live != nil {
		w.live.await(w.t, "OV-001")
		w.live = nil
	}
	if err := w.serve.Process.Signal(os.Interrupt); err != nil {
		w.t.Errorf("stop serve: %v", err)
	}
	if err := w.serve.Wait(); err != nil {
		w.t.Errorf("serve: %v\n%s", err, w.out)
	}
	w.serve = nil
}

var natsURL = regexp.MustCompile(`nats://127\.0\.0\.1:\d+`)

// subscribe is `nats sub SUBJECT` by a plain client: it must be let in.
func (w *workplace) subscribe(subject string) {
	w.t.Helper()
	nc, err := nats.Connect(natsURL.FindString(w.out.String()))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(nc.Close)
	if _, err := nc.SubscribeSync(subject); err != nil {
		w.t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		w.t.Fatal(err)
	}
	if err := nc.LastError(); err != nil {
		w.t.Fatalf("subscribe to %s: %v", subject, err)
	}
}

// follow runs a command that goes on until the test ends and must print an alert.
func (w *workplace) follow(words []string) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, filepath.Join(w.dir, words[0]), words[1:]...)
	cmd.Dir = w.dir
	w.live = &syncBuffer{}
	cmd.Stdout, cmd.Stderr = w.live, w.live
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
}

// addPolicy makes the README's policy the configuration, where the next check reads
// it.
func (w *workplace) addPolicy(text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, "overstay.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if _, err := config.Load(path); err != nil {
		w.t.Errorf("the README's policy: %v", err)
	}
	inner, ok := strings.CutPrefix(text, "policy:\n")
	if !ok {
		w.t.Fatalf("the README's policy does not begin with policy:\n%s", text)
	}
	w.policy = strings.ReplaceAll(strings.TrimPrefix(inner, "  "), "\n  ", "\n")
}

// judges has the server that runs replay its events, those of the README, with the
// README's policy: a line of what is added must have all the words. Until the first
// alert is told, the log does not say that time has passed.
func (w *workplace) judges(words ...string) {
	w.t.Helper()
	if w.live == nil {
		w.t.Fatal("the README follows no alerts")
	}
	w.live.await(w.t, "OV-001")
	path := filepath.Join(w.dir, "stricter.yaml")
	if err := os.WriteFile(path, []byte(w.policy), 0o600); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(w.dir, "overstay"), "replay", "--diff", "--policy", path)
	cmd.Dir = w.dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 { // 1 is that it differs
		w.t.Fatalf("replay with the README's policy: %v\n%s", err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.HasPrefix(line, "added ") && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			return
		}
	}
	w.t.Errorf("the README's policy adds no alert with %q to what its events tell:\n%s", words, out)
}

// syncBuffer collects output and lets a test wait for a word in it.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *syncBuffer) await(t *testing.T, word string) {
	t.Helper()
	deadline := time.After(untilLimit)
	for !strings.Contains(b.String(), word) {
		select {
		case <-deadline:
			t.Fatalf("%q was not printed:\n%s", word, b)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
