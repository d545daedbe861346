package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The unit confines the program: each line is one thing that it cannot do.
func TestUnitIsHardened(t *testing.T) {
	unit := text(t, "overstay.service")
	for _, line := range []string{
		"DynamicUser=yes", "StateDirectory=overstay", "StateDirectoryMode=0700", "NoNewPrivileges=yes",
		"CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
		"MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes", "SystemCallFilter=@system-service",
		"LimitCORE=0", "MemoryMax=4G", "TasksMax=512",
	} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
}

// systemd itself understands every line of the unit.
func TestUnitIsUnderstood(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI has no systemd-analyze: %v", err)
		}
		t.Skip("systemd-analyze is not installed")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "overstay.service")
	write(t, unit, []byte(strings.ReplaceAll(text(t, "overstay.service"), "/usr/local/bin/overstay", program)))
	out, err := exec.CommandContext(t.Context(), analyze, "verify", unit).CombinedOutput()
	if err != nil || strings.Contains(string(out), filepath.Base(unit)+":") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// The image holds the program and nothing to run besides, as nobody.
func TestImageIsMinimal(t *testing.T) {
	file := text(t, "Dockerfile")
	stages := regexp.MustCompile(`(?m)^FROM `).Split(file, -1)
	build, final := stages[1], stages[len(stages)-1]
	if !strings.Contains(build, "CGO_ENABLED=0 go build -trimpath") {
		t.Error("the program is not built static and without paths")
	}
	if !strings.HasPrefix(final, "scratch\n") {
		t.Errorf("the image is based on %.20q", final)
	}
	if !strings.Contains(final, "\nUSER 65532:65532\n") {
		t.Error("the image does not run as 65532")
	}
	if regexp.MustCompile(`(?m)^(RUN|ADD|ENV|ARG|SHELL) `).MatchString(final) {
		t.Error("the last stage does more than copy")
	}
	if regexp.MustCompile(`(?m)^(ENTRYPOINT|CMD) [^\[]`).MatchString(final) {
		t.Error("a command needs a shell, and there is none")
	}
}
