package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"
)

// MaxBytes bounds a secret; a larger file is not one.
const MaxBytes = 64 << 10

// Reference says where a secret is: in a file or in an environment variable.
// It is no secret itself, and may be logged.
type Reference struct {
	File string `json:"file,omitempty"`
	Env  string `json:"env,omitempty"`
}

// IsZero reports whether the reference refers to nothing.
func (r Reference) IsZero() bool { return r == Reference{} }

// String names the place.
func (r Reference) String() string {
	if r.Env != "" {
		return "environment variable " + r.Env
	}
	return "file " + r.File
}

// Error says why a secret cannot be had, and what to do about it. It never holds
// any of the secret.
type Error struct {
	Reference Reference
	Hint      string
	Err       error
}

func (e *Error) Error() string {
	return fmt.Sprintf("read secret from %s: %v", e.Reference, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// The reasons for which a secret is refused.
var (
	ErrReadable = errors.New("every user of the machine may read or change it")
	ErrEmpty    = errors.New("it is empty")
	ErrUnset    = errors.New("it is not set")
	ErrLarge    = errors.New("it is larger than a secret can be")
	ErrText     = errors.New("it is not one line of text")
	ErrKind     = errors.New("it is not a regular file")
)

// Read fetches the secret now, so that a rotated one is picked up by who reads
// again. The line break at its end is not part of it. The error is an *Error.
func (r Reference) Read() (Secret, error) {
	text, hint, err := r.read()
	if err == nil {
		text, err = clean(text)
	}
	if err != nil {
		return Secret{}, &Error{r, hint, err}
	}
	return Secret{text}, nil
}

func (r Reference) read() (text, hint string, err error) {
	if r.Env != "" {
		text, ok := os.LookupEnv(r.Env)
		if !ok {
			return "", "set it in the environment of the process", ErrUnset
		}
		return text, "", nil
	}
	return readFile(r.File)
}

func clean(text string) (string, error) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	switch {
	case text == "":
		return "", ErrEmpty
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return "", ErrText
	}
	return text, nil
}

func readFile(name string) (text, hint string, err error) {
	f, err := open(name)
	if err != nil {
		return "", openHint(err), err
	}
	hint, err = checkFile(f)
	if err == nil {
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(f, MaxBytes+1)); len(b) > MaxBytes {
			err = ErrLarge
		}
		text = string(b)
	}
	return text, hint, errors.Join(err, f.Close())
}

// CheckFile reports whether a file that others will read is fit to hold a secret:
// a private key, a credentials file. The error is an *Error.
func CheckFile(name string) error {
	f, err := open(name)
	if err != nil {
		return &Error{Reference{File: name}, openHint(err), err}
	}
	hint, err := checkFile(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return &Error{Reference{File: name}, hint, err}
	}
	return nil
}

// open looks at the name first, because opening a pipe waits for its writer.
func open(name string) (*os.File, error) {
	status, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, pathless(err)
	case !status.Mode().IsRegular():
		return nil, ErrKind
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, pathless(err)
	}
	return f, nil
}

// openHint says what to do about an error of open.
func openHint(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "make it, with mode 0600"
	}
	return ""
}

// checkFile looks at the open file, not at its name: what is checked is what is
// read, links included.
func checkFile(f *os.File) (hint string, err error) {
	status, err := f.Stat()
	switch {
	case err != nil:
		return "", pathless(err)
	case !status.Mode().IsRegular():
		return "", ErrKind
	case openToOthers(status.Mode()):
		return fmt.Sprintf("its mode is %04o: chmod o-rwx %s", status.Mode().Perm(), f.Name()), ErrReadable
	case status.Size() > MaxBytes:
		return "", ErrLarge
	}
	return "", nil
}

// openToOthers says no on Windows, whose access lists the mode does not show.
func openToOthers(mode fs.FileMode) bool {
	return runtime.GOOS != "windows" && mode.Perm()&0o007 != 0
}

// pathless drops the path that the message already has.
func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
