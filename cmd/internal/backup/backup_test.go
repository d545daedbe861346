package backup

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var taken = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func write(t *testing.T, parts map[string][]byte, order ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, taken)
	for _, name := range order {
		if err := w.Part(name, func(w io.Writer) error {
			for rest := parts[name]; len(rest) > 0; {
				n, err := w.Write(rest[:min(len(rest), 1<<20+7)])
				if err != nil {
					return err
				}
				rest = rest[n:]
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(Manifest{Version: "test"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func place(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPartsComeBack(t *testing.T) {
	parts := map[string][]byte{"state": bytes.Repeat([]byte("0123456789"), 2_000_000), "connectors/vault-prod": []byte("{}"), "empty": nil}
	f, err := Open(t.Context(), place(t, write(t, parts, "connectors/vault-prod", "empty", "state")))
	if err != nil {
		t.Fatal(err)
	}
	if f.Version != "test" || !f.Taken.Equal(taken) || len(f.Parts) != 3 {
		t.Errorf("%+v", f.Manifest)
	}
	for name, want := range parts {
		var got []byte
		if err := f.Part(t.Context(), name, func(r io.Reader) (err error) { got, err = io.ReadAll(r); return err }); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s has %d bytes, not %d", name, len(got), len(want))
		}
	}
	if err := f.Part(t.Context(), "state", func(r io.Reader) error { _, err := io.ReadFull(r, make([]byte, 5)); return err }); err != nil {
		t.Errorf("half of a part: %v", err)
	}
}

// TestDamageIsFound: a byte that is another one changes a part, and it is named, or
// it changes nothing that is read, such as the padding of the archive.
func TestDamageIsFound(t *testing.T) {
	b := write(t, map[string][]byte{"a": []byte("first"), "b": []byte("second")}, "a", "b")
	found, path := 0, place(t, b)
	again := func(b []byte) string {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for i := 0; i < len(b); i += 3 {
		b[i] ^= 1
		_, err := Open(t.Context(), again(b))
		if err != nil {
			found++
		}
		var damaged *DamagedError
		if at := bytes.Index(b, []byte("second")); at < 0 && (!errors.As(err, &damaged) || damaged.Part != "b") {
			t.Fatalf("byte %d is in part b, and the error is %v", i, err)
		}
		b[i] ^= 1
	}
	if found < 500 {
		t.Errorf("only %d of every third of %d bytes matter", found, len(b))
	}
	for n := range bytes.TrimRight(b, "\x00") { // an archive ends with zeros
		if _, err := Open(t.Context(), again(b[:n])); err == nil {
			t.Fatalf("cut off after %d of %d bytes it is taken", n, len(b))
		}
	}
}

func TestAPartThatFailsEndsTheBackup(t *testing.T) {
	broken := errors.New("broken")
	w := NewWriter(io.Discard, taken)
	if err := w.Part("a", func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
