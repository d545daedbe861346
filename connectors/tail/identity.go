package tail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// prefixBytes is how much of a file's beginning identifies it. Log lines begin
// with a time, so that the first line alone is already unique.
const prefixBytes = 512

// hashPrefix hashes the first n bytes of f. It returns "" when f is shorter.
func hashPrefix(f *os.File, n int64) (string, error) {
	h := sha256.New()
	got, err := io.Copy(h, io.NewSectionReader(f, 0, n))
	if err != nil {
		return "", fmt.Errorf("reading the beginning of %s: %w", f.Name(), err)
	}
	if got < n {
		return "", nil
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// holds reports whether f is the file that p speaks of, and still reaches to p's
// offset.
func (p Position) holds(f *os.File) (bool, error) {
	fi, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("looking at %s: %w", f.Name(), err)
	}
	if fi.Size() < p.Offset {
		return false, nil
	}
	if p.PrefixLen == 0 {
		device, number := inode(fi)
		return device == p.Device && number == p.Inode, nil
	}
	sum, err := hashPrefix(f, p.PrefixLen)
	return err == nil && sum == p.Prefix, err
}

// sibling is a file that a rotation may have made out of the followed one.
type sibling struct {
	path string
	info fs.FileInfo
}

// packed lists endings of files that cannot be read as lines.
var packed = []string{".gz", ".zst", ".bz2", ".xz", ".zip"}

// siblings lists the regular files beside path whose name begins with its name,
// oldest change first. path itself comes last among equals.
func siblings(path string) ([]sibling, error) {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for rotated files of %s: %w", path, err)
	}
	var found []sibling
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || slices.Contains(packed, filepath.Ext(name)) {
			continue
		}
		fi, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // rotated on while we looked
		}
		if err != nil {
			return nil, fmt.Errorf("looking for rotated files of %s: %w", path, err)
		}
		if fi.Mode().IsRegular() {
			found = append(found, sibling{filepath.Join(dir, name), fi})
		}
	}
	slices.SortStableFunc(found, func(a, b sibling) int {
		if c := a.info.ModTime().Compare(b.info.ModTime()); c != 0 {
			return c
		}
		return strings.Compare(b.path, a.path) // "log.2" before "log.1" before "log"
	})
	return found, nil
}

// locate opens the file that p speaks of, under whatever name it has now. It
// returns nil when it is nowhere.
func (p Position) locate() (*os.File, error) {
	all, err := siblings(p.Path)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all) // the newest is the likeliest
	// The same inode goes first: a copy has the same first bytes.
	sameInode := func(s sibling) int {
		device, number := inode(s.info)
		return boolInt(device == p.Device && number == p.Inode)
	}
	slices.SortStableFunc(all, func(a, b sibling) int { return sameInode(b) - sameInode(a) })
	for _, s := range all {
		f, err := openIfThere(s.path)
		if err != nil {
			return nil, err
		}
		if f == nil {
			continue
		}
		same, err := p.holds(f)
		if err != nil || same {
			return f, err
		}
		closeRead(f)
	}
	return nil, nil
}

// successor opens the file that came after the last of done: the oldest of those
// that changed after it, in the end the file at path itself. One that begins as a
// file that was read before is that file or a copy of it. Files are told apart by
// content and not by inode number, which the next log file may get again. It
// returns nil when there is none yet.
func successor(path string, last fs.FileInfo, done []Position) (*os.File, error) {
	all, err := siblings(path)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.info.ModTime().Before(last.ModTime()) || s.info.Size() == 0 || os.SameFile(s.info, last) {
			continue
		}
		f, err := openIfThere(s.path)
		if err != nil {
			return nil, err
		}
		if f == nil {
			continue
		}
		known, err := beginsAsOneOf(f, done)
		if err == nil && !known {
			return f, nil
		}
		closeRead(f)
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func beginsAsOneOf(f *os.File, done []Position) (bool, error) {
	for _, p := range done {
		if p.PrefixLen == 0 {
			continue
		}
		sum, err := hashPrefix(f, p.PrefixLen)
		if err != nil || sum == p.Prefix {
			return err == nil, err
		}
	}
	return false, nil
}

func openIfThere(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening a log file: %w", err)
	}
	return f, nil
}

// closeRead closes a file that was only read: there is nothing that could get
// lost, so that its error says nothing.
func closeRead(f *os.File) { _ = f.Close() }

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
