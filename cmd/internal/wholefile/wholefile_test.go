package wholefile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/overstay/overstay/cmd/internal/wholefile"
)

// TestWrite: the text is replaced, the mode and a link stay, and nothing is left
// beside it; what cannot be replaced stays as it is.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "story.yaml"), filepath.Join(dir, "link.yaml")
	if err := os.WriteFile(file, []byte("former"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("story.yaml", link); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{link: 0o640, filepath.Join(dir, "new.yaml"): 0o600} {
		if err := wholefile.Write(path, []byte("present")); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || string(text) != "present" {
			t.Errorf("%s holds %q, %v", path, text, err)
		}
		if status, err := os.Stat(path); err != nil || status.Mode() != mode {
			t.Errorf("%s: %v, %v", path, status.Mode(), err)
		}
	}
	if to, err := os.Readlink(link); err != nil || to != "story.yaml" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if err := wholefile.Write(dir, []byte("no file")); err == nil {
		t.Error("a folder was replaced")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
