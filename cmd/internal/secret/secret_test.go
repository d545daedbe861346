package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const text = "hunter2-hunter2-hunter2"

// No way of writing a secret, alone or inside of something, shows it.
func TestNothingShowsASecret(t *testing.T) {
	s := New(text)
	held := struct {
		Token  Secret
		Tokens []Secret
		Named  map[string]Secret
		Hidden *Secret
	}{s, []Secret{s}, map[string]Secret{"a": s}, &s}
	var written bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&written, verb+verb+verb, s, &s, held)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&written, nil), slog.NewJSONHandler(&written, nil)} {
		slog.New(handler).Info("starting", "token", s, "config", held)
	}
	for _, v := range []any{s, held, map[Secret]int{s: 1}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		written.Write(b)
	}
	written.WriteString(errors.Join(fmt.Errorf("connect with %v", s)).Error())
	for _, leak := range []string{text, "hunter", fmt.Sprintf("%x", "hunter"), fmt.Sprintf("%X", "hunter")} {
		if strings.Contains(written.String(), leak) {
			t.Errorf("%q shows in %s", leak, written.String())
		}
	}
	if s.Reveal() != text {
		t.Error("the secret is lost")
	}
}

func TestReferences(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode fs.FileMode) Reference {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return Reference{File: path}
	}
	t.Setenv("OVERSTAY_TEST_TOKEN", text)
	t.Setenv("OVERSTAY_TEST_EMPTY", "")
	for name, tt := range map[string]struct {
		ref  Reference
		want error
	}{
		"a file":                     {write("good", text+"\n", 0o600), nil},
		"a file of a group":          {write("group", text, 0o640), nil},
		"a file with CRLF":           {write("crlf", text+"\r\n", 0o400), nil},
		"a variable":                 {Reference{Env: "OVERSTAY_TEST_TOKEN"}, nil},
		"a file for everybody":       {write("open", text, 0o644), ErrReadable},
		"a file everybody may write": {write("writable", text, 0o602), ErrReadable},
		"an empty file":              {write("empty", "\n", 0o600), ErrEmpty},
		"an empty variable":          {Reference{Env: "OVERSTAY_TEST_EMPTY"}, ErrEmpty},
		"a variable that is not set": {Reference{Env: "OVERSTAY_TEST_UNSET"}, ErrUnset},
		"several lines":              {write("lines", text+"\n"+text, 0o600), ErrText},
		"not text":                   {write("binary", "\x00\xff", 0o600), ErrText},
		"a large file":               {write("large", strings.Repeat("x", MaxBytes+1), 0o600), ErrLarge},
		"a folder":                   {Reference{File: dir}, ErrKind},
		"no file":                    {Reference{File: filepath.Join(dir, "none")}, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tt.ref.Read()
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if err == nil && got.Reveal() != text {
				t.Errorf("read %q", got.Reveal())
			}
			if err != nil && strings.Contains(err.Error(), "hunter") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}
