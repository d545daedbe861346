package badger

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/overstay/overstay/store"
)

// trials is how often each kind of file is damaged; a long run takes thousands.
var trials = flag.Int("damage", 8, "how often to damage each file")

// openAll is the child: it opens folder after folder and says what it found.
func openAll(dirs []string) {
	for _, dir := range dirs {
		fmt.Println(verdict(dir))
	}
}

// verdict is "detected", "intact N" or "silent", with what is to be said of it.
func verdict(dir string) string {
	s, err := Open(dir, quiet)
	if err != nil {
		return "detected: " + oneLine(err)
	}
	at, err := checkProgram(s)
	closing := s.Close()
	switch {
	case errors.Is(err, store.ErrCorrupt):
		return "detected: " + oneLine(err)
	case err != nil:
		return "silent: " + oneLine(err)
	case closing != nil:
		return "detected: " + oneLine(closing)
	}
	return fmt.Sprint("intact ", at)
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", " ") }

// image is the files of a store, without the zeros at their ends: Badger's logs
// are mostly holes.
type image map[string]content

type content struct {
	data []byte
	size int64
}

func readImage(t *testing.T, dir string) image {
	t.Helper()
	names, err := files(dir)
	if err != nil {
		t.Fatal(err)
	}
	img := image{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) != "LOCK" {
			img[filepath.Base(name)] = content{bytes.TrimRight(b, "\x00"), int64(len(b))}
		}
	}
	return img
}

func (img image) write(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range img {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, c.data, 0o600), os.Truncate(path, c.size)); err != nil {
			t.Fatal(err)
		}
	}
}

// crashed makes the image of a store that was killed: tables from an orderly
// close, and commits after it that are only in a log.
func crashed(t *testing.T) image {
	t.Helper()
	dir := t.TempDir()
	const first, last = 60, 120
	n := uint64(0)
	s := open(t, dir)
	for ; n < first; n++ {
		mustCommit(t, s, n+1)
	}
	closeStore(t, s)
	s = open(t, dir)
	for ; n < last; n++ {
		mustCommit(t, s, n+1)
	}
	img := readImage(t, dir)
	closeStore(t, s)
	return img
}

func mustCommit(t *testing.T, s *Store, n uint64) {
	t.Helper()
	if err := s.Commit(programBatch(n)); err != nil {
		t.Fatal(err)
	}
}

// TestDamageIsNeverSilent flips single bits and cuts files, of every kind that a
// killed store leaves. Each time the store must refuse to open or to read, or be
// exactly what it was at the position that it names.
func TestDamageIsNeverSilent(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	img := crashed(t)
	root := t.TempDir()
	counts := map[string]int{}
	for name := range img {
		var dirs []string
		for i := range *trials {
			dirs = append(dirs, img.damaged(t, rng, root, name, i))
		}
		for i, v := range openInChildren(t, dirs) {
			word, _, _ := strings.Cut(v, " ")
			counts[filepath.Ext("."+name)+" "+strings.TrimSuffix(word, ":")]++
			if word != "intact" && word != "detected:" {
				t.Errorf("%s: %s", filepath.Base(dirs[i]), v)
			}
			if err := os.RemoveAll(dirs[i]); err != nil {
				t.Error(err)
			}
		}
	}
	t.Log(counts)
}

// damaged writes the image with one file damaged, and returns the folder, named
// after what was done.
func (img image) damaged(t *testing.T, rng *rand.Rand, root, name string, i int) string {
	t.Helper()
	c, what := damage(rng, img[name], i)
	dir := filepath.Join(root, fmt.Sprintf("%s-%d-%s", name, i, what))
	other := maps.Clone(img)
	other[name] = c
	other.write(t, dir)
	return dir
}

// TestLossInTheMiddleIsFound: two logs wait to be flushed, and the older one is
// damaged. Badger drops its end without a word and keeps the newer one.
func TestLossInTheMiddleIsFound(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for n := range uint64(100) {
		mustCommit(t, s, n+1)
	}
	older := readImage(t, dir)
	closeStore(t, s)

	// The same store goes on after its log was flushed, with a second log. With
	// the list of tables of before, it is as if there had been no time to flush.
	dir = t.TempDir()
	older.write(t, dir)
	s = open(t, dir)
	for n := range uint64(100) {
		mustCommit(t, s, 100+n+1)
	}
	newer := readImage(t, dir)
	closeStore(t, s)
	img := maps.Clone(older)
	img["00002.mem"] = newer["00002.mem"]

	root := t.TempDir()
	whole := filepath.Join(root, "whole")
	img.write(t, whole)
	if v := verdict(whole); v != "intact 200" {
		t.Fatalf("undamaged, the store is %s", v)
	}
	const header = 20 // bytes of the log that only encryption uses
	rng := rand.New(rand.NewPCG(1, 2))
	log := img["00001.mem"]
	for i := range *trials {
		data := bytes.Clone(log.data)
		at := header + rng.IntN(len(data)-header)
		data[at] ^= 1 << rng.IntN(8)
		img["00001.mem"] = content{data, log.size}
		dir := filepath.Join(root, fmt.Sprint("bit-in-", at))
		img.write(t, dir)
		if v := openInChildren(t, []string{dir})[0]; !strings.HasPrefix(v, "detected: ") {
			t.Errorf("bit flip %d in byte %d of %d: %s", i, at, len(data), v)
		}
	}
}

// damage flips a bit of what is used, or cuts the file in it.
func damage(rng *rand.Rand, c content, i int) (content, string) {
	used := max(len(c.data), 1)
	data := make([]byte, used)
	copy(data, c.data)
	at := rng.IntN(used)
	if i%3 == 2 && at < len(c.data) {
		return content{data[:at], int64(at)}, fmt.Sprint("cut-at-", at)
	}
	data[at] ^= 1 << rng.IntN(8)
	return content{data, max(c.size, int64(used))}, fmt.Sprint("bit-in-", at)
}

// openInChildren gives each folder's verdict; "died" where the process did.
func openInChildren(t *testing.T, dirs []string) []string {
	t.Helper()
	var verdicts []string
	for len(verdicts) < len(dirs) {
		cmd := exec.CommandContext(t.Context(), os.Args[0], dirs[len(verdicts):]...)
		cmd.Env = append(os.Environ(), "OVERSTAY_STORE_TEST=open")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		scan := bufio.NewScanner(bytes.NewReader(out))
		for scan.Scan() {
			verdicts = append(verdicts, scan.Text())
		}
		if err != nil {
			verdicts = append(verdicts, fmt.Sprintf("died: %v: %.300s", err, stderr.String()))
		}
	}
	return verdicts
}
