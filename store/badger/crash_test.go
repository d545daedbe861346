package badger

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// commitForEver is the child: it says each commit that was acknowledged.
func commitForEver(dir string) {
	s, err := Open(dir, quiet)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for n := s.Commits() + 1; ; n++ {
		if err := s.Commit(programBatch(n)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// TestKill9 kills a process that commits, thirty times, each time at another
// moment, and each time compares the state with what was acknowledged.
func TestKill9(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	acked := uint64(0)
	for kill := range 30 {
		// Every fourth is killed while it opens.
		after := rng.IntN(16)
		if kill%4 == 0 {
			after = 0
		}
		acked = max(acked, killAfter(t, dir, after))
		s, err := Open(dir, quiet)
		if err != nil {
			t.Fatalf("after kill %d: %v", kill+1, err)
		}
		at, err := checkProgram(s)
		if err := errors.Join(err, s.Close()); err != nil {
			t.Fatalf("after kill %d: %v", kill+1, err)
		}
		if at != acked && at != acked+1 {
			t.Fatalf("after kill %d the state is that of commit %d, and %d was acknowledged", kill+1, at, acked)
		}
		acked = at
	}
	t.Logf("30 kills, %d commits, none lost", acked)
}

// killAfter starts the child, kills it when it has said so many commits, and
// returns the last one that it said before it died.
func killAfter(t *testing.T, dir string, lines int) (acked uint64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), "OVERSTAY_STORE_TEST=commit")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if lines == 0 {
		kill(t, cmd)
	}
	said := 0
	for scan := bufio.NewScanner(out); scan.Scan(); {
		// A line may be cut by the kill only if nothing of it arrived: a pipe
		// takes so short a write whole.
		if acked, err = strconv.ParseUint(scan.Text(), 10, 64); err != nil {
			t.Fatal(err)
		}
		if said++; said == lines {
			kill(t, cmd)
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return acked
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
}
