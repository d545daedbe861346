package endtoend

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// image is what a data folder holds, by path within it. The zeros at the end of a
// file are left out: Badger's logs are mostly holes.
type image map[string]content

type content struct {
	data []byte
	size int64
}

// used is how many bytes of it may matter; of a file of zeros these are its first.
func (c content) used() int {
	if len(c.data) == 0 {
		return int(min(c.size, 4096))
	}
	return len(c.data)
}

func readImage(t *testing.T, dir string) image {
	t.Helper()
	img := image{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		img[name] = content{bytes.Clone(bytes.TrimRight(b, "\x00")), int64(len(b))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func (img image) write(dir string) error {
	for name, c := range img {
		if err := c.write(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("write the image: %w", err)
		}
	}
	return nil
}

func (c content) write(path string) error {
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, c.data, 0o600), os.Truncate(path, c.size))
}

// kindOf says what a file is for: the part that owns it and the kind of file.
func kindOf(name string) string {
	base := filepath.Base(name)
	if ext := filepath.Ext(base); len(ext) > 1 && strings.Trim(strings.TrimSuffix(base, ext), "0123456789") == "" {
		base = "*" + ext
	}
	parts := strings.Split(filepath.ToSlash(name), "/")
	if parts[0] != "nats" {
		return parts[0] + " " + base
	}
	for i, p := range parts {
		if p == "streams" {
			owner := strings.ToLower(strings.TrimPrefix(parts[i+1], "OVERSTAY_"))
			if len(parts) > i+3 && parts[i+2] == "obs" {
				owner += " consumer"
			}
			return owner + " " + base
		}
	}
	return "nats " + base
}
