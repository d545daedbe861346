package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"overstay": main})
}

// TestScripts plays testdata/script/*.txt. They read like documentation: what a
// person types, and what comes of it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			now := time.Now().UTC().Truncate(time.Second)
			env.Setenv("TWO_HOURS_AGO", now.Add(-2*time.Hour).Format(time.RFC3339))
			env.Setenv("ONE_HOUR_AGO", now.Add(-time.Hour).Format(time.RFC3339))
			env.Setenv("TEN_MINUTES_AGO", now.Add(-10*time.Minute).Format(time.RFC3339))
			env.Setenv("NO_COLOR", "")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"until":   until,
			"expand":  expand,
			"sigterm": sigterm,
			"hold":    hold,
		},
	})
}

// exits CODE command...: runs a command that must end with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// sigterm SUBCOMMAND: sends SIGTERM, which testscript's own kill does not know, to
// the overstay commands of that name in the background.
func sigterm(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sigterm SUBCOMMAND")
	}
	sent := 0
	for _, cmd := range ts.BackgroundCmds() {
		if len(cmd.Args) > 1 && cmd.Args[1] == args[0] {
			ts.Check(cmd.Process.Signal(syscall.SIGTERM))
			sent++
		}
	}
	if sent == 0 {
		ts.Fatalf("no %s runs in the background", args[0])
	}
}

const untilLimit = 2 * time.Minute

// until PATTERN command...: runs a command again and again until it succeeds and
// its standard output matches. "until FILE" waits for a file to be there, and
// "! until command..." for a command to fail.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: until FILE, until PATTERN command..., or ! until command...")
	}
	holds := func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	}
	switch {
	case neg:
		holds = func() bool { return ts.Exec(args[0], args[1:]...) != nil }
	case len(args) > 1:
		pattern, err := regexp.Compile("(?m)" + args[0])
		ts.Check(err)
		holds = func() bool {
			return ts.Exec(args[1], args[2:]...) == nil && pattern.MatchString(ts.ReadFile("stdout"))
		}
	}
	deadline := time.After(untilLimit)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline:
			ts.Fatalf("after %s still not: %q", untilLimit, args)
		}
	}
}

// hold FOLDER: begins a request to the server on that data folder and never ends
// it, so that the server has something to wait for. The server asks for the body
// before that is left to itself: from then on it has the request.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold FOLDER")
	}
	var at struct{ HTTP string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0]+"/endpoints.json")), &at))
	conn, err := net.Dial("tcp", strings.TrimPrefix(at.HTTP, "http://"))
	ts.Check(err)
	ts.Defer(func() { ts.Check(conn.Close()) })
	_, err = fmt.Fprint(conn, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	ts.Check(err)
	ts.Check(conn.SetReadDeadline(time.Now().Add(untilLimit)))
	answer, err := bufio.NewReader(conn).ReadString('\n')
	ts.Check(err)
	if !strings.Contains(answer, "100 Continue") {
		ts.Fatalf("the server does not wait for the body of a request: %q", answer)
	}
}

// expand FILE...: puts environment variables in the place of ${NAME}, for files
// whose times are relative to now.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand FILE...")
	}
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
