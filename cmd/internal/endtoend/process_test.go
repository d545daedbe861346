package endtoend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
)

// patience bounds a wait for something that should come soon.
const patience = 10 * time.Minute

// program is `overstay serve` on one folder and one address, in as many
// processes as it takes.
type program struct {
	dir, address string
	siem         bool            // see envSIEM
	given        map[string]bool // subjects that its SIEM has acknowledged
	checkpoints  bool            // see envCheckpoints
	client       *http.Client

	mu  sync.Mutex
	log bytes.Buffer // of all its processes
}

func newProgram(t *testing.T) *program {
	t.Helper()
	return &program{dir: t.TempDir(), address: freeAddress(t), client: &http.Client{Timeout: 10 * time.Second}}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// process is one life of a program.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error
}

// start begins a life; fail may be a failpoint, and env more of the environment.
func (p *program) start(t *testing.T, fail string, env ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	life := &process{cmd: exec.Command(self), done: make(chan struct{})}
	life.cmd.Env = append(os.Environ(), envData+"="+p.dir, envHTTP+"="+p.address, envFail+"="+fail)
	life.cmd.Env = append(life.cmd.Env, env...)
	if p.checkpoints {
		life.cmd.Env = append(life.cmd.Env, envCheckpoints+"=1")
	}
	if p.siem {
		life.cmd.Env = append(life.cmd.Env, envSIEM+"="+siemToken)
	}
	life.cmd.Stdout, life.cmd.Stderr = p, p
	if err := life.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		life.err = life.cmd.Wait()
		close(life.done)
	}()
	t.Cleanup(life.kill)
	return life
}

// kill is kill -9.
func (l *process) kill() {
	// An error says that it has ended already.
	_ = l.cmd.Process.Kill()
	<-l.done
}

// killed reports whether it ended by SIGKILL.
func (l *process) killed() bool {
	status, ok := l.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// terminate asks it to drain and waits for that.
func (l *process) terminate() error {
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-l.done:
		return l.err
	case <-time.After(patience):
		l.kill()
		return errors.New("it did not drain")
	}
}

// status asks the program about itself.
func (p *program) status(ctx context.Context) (app.Status, error) {
	var s app.Status
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+app.StatusPath, nil)
	if err != nil {
		return s, err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return s, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return s, fmt.Errorf("status: %s", res.Status)
	}
	return s, json.NewDecoder(res.Body).Decode(&s)
}

// until asks for the status until it is as wanted.
func (p *program) until(t *testing.T, what string, wanted func(app.Status) bool) {
	t.Helper()
	limit, again := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer limit.Stop()
	defer again.Stop()
	for {
		s, err := p.status(t.Context())
		if err == nil && wanted(s) {
			return
		}
		select {
		case <-limit.C:
			t.Fatalf("not %s after %s: %+v, %v\n%s", what, patience, s, err, p.said())
		case <-again.C:
		}
	}
}
