package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
)

// DamagedError means that a backup is not as it was written.
type DamagedError struct {
	File string
	Part string // "" for the file as a whole
	Err  error
}

func (e *DamagedError) Error() string {
	if e.Part == "" {
		return fmt.Sprintf("backup %s is damaged: %v", e.File, e.Err)
	}
	return fmt.Sprintf("backup %s is damaged in %s: %v", e.File, e.Part, e.Err)
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// File is a backup that was read once, wholly, and is as it was written.
type File struct {
	path string
	Manifest
}

// Open verifies a backup: a *DamagedError names the part that is not right.
func Open(ctx context.Context, path string) (*File, error) {
	// It is read several times, and a pipe but once.
	if status, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open a backup: %w", err)
	} else if !status.Mode().IsRegular() {
		return nil, fmt.Errorf("open a backup: %s is no regular file", path)
	}
	f := &File{path: path}
	v := verifier{file: path}
	if err := f.each(ctx, v.entry); err != nil {
		return nil, err
	}
	m, err := v.manifest()
	if err != nil {
		return nil, err
	}
	f.Manifest = m
	return f, nil
}

// Part hands the bytes of a part to read, which need not take all of them.
func (f *File) Part(ctx context.Context, name string, read func(io.Reader) error) error {
	r, w := io.Pipe()
	go func() {
		err := f.each(ctx, func(entry string, body io.Reader) error {
			if part, _, _ := cutLast(entry); part != name {
				return nil
			}
			_, err := io.Copy(w, body)
			return err
		})
		if errors.Is(err, io.ErrClosedPipe) {
			err = nil
		}
		w.CloseWithError(err) // nil is the end
	}()
	err := read(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("read %s out of backup %s: %w", name, f.path, err)
	}
	return nil
}

// each walks the entries until ctx ends. They are small: no part is written as one.
func (f *File) each(ctx context.Context, entry func(name string, body io.Reader) error) error {
	file, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("open a backup: %w", err)
	}
	defer file.Close()
	t := tar.NewReader(file)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return f.explain(err)
		}
		if err := entry(h.Name, t); err != nil {
			return f.explain(err)
		}
	}
}

// explain tells a broken archive from a broken disk.
func (f *File) explain(err error) error {
	if errors.Is(err, tar.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &DamagedError{File: f.path, Err: err}
	}
	return err
}

// cutLast splits part/000001.
func cutLast(entry string) (part, number string, ok bool) {
	i := strings.LastIndexByte(entry, '/')
	if i < 0 {
		return entry, "", false
	}
	return entry[:i], entry[i+1:], true
}

// verifier hashes the parts as they come.
type verifier struct {
	file  string
	parts []Part
	sum   hash.Hash
	text  []byte // of the manifest
	told  string // its hash
}

const maxManifest = 16 << 20

func (v *verifier) entry(name string, body io.Reader) (err error) {
	switch name {
	case manifestName:
		v.finish()
		v.text, err = io.ReadAll(io.LimitReader(body, maxManifest))
		return err
	case sumName:
		text, err := io.ReadAll(io.LimitReader(body, 1024))
		v.told = string(text)
		return err
	}
	part, number, ok := cutLast(name)
	if !ok || v.text != nil {
		return &DamagedError{v.file, name, errors.New("it does not belong there")}
	}
	if number == "000000" {
		v.finish()
		v.parts = append(v.parts, Part{Name: part})
		v.sum = sha256.New()
	}
	if len(v.parts) == 0 || v.parts[len(v.parts)-1].Name != part {
		return &DamagedError{v.file, name, errors.New("its beginning is missing")}
	}
	n, err := io.Copy(v.sum, body)
	v.parts[len(v.parts)-1].Bytes += n
	return err
}

// finish closes the part that was being read.
func (v *verifier) finish() {
	if v.sum != nil {
		v.parts[len(v.parts)-1].SHA256 = hex.EncodeToString(v.sum.Sum(nil))
		v.sum = nil
	}
}

// manifest compares what was read with what the backup says that it holds.
func (v *verifier) manifest() (Manifest, error) {
	var m Manifest
	damaged := func(part, format string, args ...any) (Manifest, error) {
		return m, &DamagedError{v.file, part, fmt.Errorf(format, args...)}
	}
	if v.text == nil || v.told == "" {
		return damaged("", "it was cut off: its list of parts is missing")
	}
	if sum := sha256.Sum256(v.text); hex.EncodeToString(sum[:]) != v.told {
		return damaged(manifestName, "it fails its checksum")
	}
	if err := json.Unmarshal(v.text, &m); err != nil {
		return damaged(manifestName, "it is unreadable: %w", err)
	}
	if m.Format != format {
		return m, fmt.Errorf("backup %s has format %d, and this program reads %d", v.file, m.Format, format)
	}
	for i, want := range m.Parts {
		switch {
		case i >= len(v.parts):
			return damaged(want.Name, "it is missing")
		case v.parts[i].Name != want.Name:
			return damaged(v.parts[i].Name, "%s should be there", want.Name)
		case v.parts[i] != want:
			return damaged(want.Name, "it has %d bytes (%s), and should have %d (%s)", v.parts[i].Bytes, v.parts[i].SHA256, want.Bytes, want.SHA256)
		}
	}
	if len(v.parts) > len(m.Parts) {
		return damaged(v.parts[len(m.Parts)].Name, "it does not belong there")
	}
	return m, nil
}
