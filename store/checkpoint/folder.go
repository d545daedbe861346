package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/sections"
)

// Folder keeps the checkpoints of one state.
type Folder struct{ dir string }

// File is one checkpoint in it, by its name; what it holds is another question.
type File struct {
	Path  string
	Epoch uint64
	Seq   uint64
}

const (
	nameForm = "%06d-%020d.zst" // epoch and position, so that names sort
	partForm = "*.part"
)

// OpenFolder makes the folder if need be, and clears away what an interrupted
// write left in it.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for checkpoints: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of checkpoints: %w", err)
	}
	for _, e := range entries {
		if ok, _ := filepath.Match(partForm, e.Name()); ok { // the pattern is ours and well formed
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return nil, fmt.Errorf("clear away an interrupted checkpoint: %w", err)
			}
		}
	}
	return &Folder{dir}, nil
}

// List gives the checkpoints, the newest first. Files of other names are not
// looked at.
func (f *Folder) List() ([]File, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of checkpoints: %w", err)
	}
	var out []File
	for _, e := range entries {
		c := File{Path: filepath.Join(f.dir, e.Name())}
		if n, err := fmt.Sscanf(e.Name(), nameForm, &c.Epoch, &c.Seq); n == 2 && err == nil && c.name() == e.Name() {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(b.name(), a.name()) })
	return out, nil
}

func (c File) name() string { return fmt.Sprintf(nameForm, c.Epoch, c.Seq) }

// Write takes a checkpoint of a snapshot. It returns once the file was synced,
// read back, and verified; before that the folder does not list it.
func (f *Folder) Write(h Header, snap store.Snapshot) (File, Info, error) {
	at := snap.Position()
	c := File{Epoch: at.Epoch, Seq: at.Seq}
	c.Path = filepath.Join(f.dir, c.name())
	part, err := os.CreateTemp(f.dir, partForm)
	if err != nil {
		return c, Info{}, fmt.Errorf("begin a checkpoint: %w", err)
	}
	info, err := fillFile(part, h, snap)
	if err == nil {
		err = verifyWritten(part.Name(), info)
	}
	if err == nil {
		err = os.Rename(part.Name(), c.Path)
	}
	if err != nil {
		return c, info, errors.Join(fmt.Errorf("write checkpoint %s: %w", c.Path, err), removed(part.Name()))
	}
	return c, info, sections.SyncDir(f.dir)
}

func fillFile(part *os.File, h Header, snap store.Snapshot) (Info, error) {
	w := bufio.NewWriterSize(part, 1<<16)
	info, err := Write(w, h, snap)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = part.Sync()
	}
	return info, errors.Join(err, part.Close())
}

// verifyWritten reads a file back and compares it with what went into it.
func verifyWritten(path string, want Info) error {
	have, err := File{Path: path}.Verify()
	if err != nil {
		return fmt.Errorf("read it back: %w", err)
	}
	if have.Position != want.Position || have.Sum != want.Sum {
		return fmt.Errorf("read back it is %+v, and %+v was written", have, want)
	}
	return nil
}

// Remove deletes a checkpoint.
func (f *Folder) Remove(c File) error {
	if err := removed(c.Path); err != nil {
		return err
	}
	return sections.SyncDir(f.dir)
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete a checkpoint: %w", err)
	}
	return nil
}

// Header reads and verifies the header alone.
func (c File) Header() (Header, error) {
	r, err := os.Open(c.Path)
	if err != nil {
		return Header{}, fmt.Errorf("open a checkpoint: %w", err)
	}
	h, err := ReadHeader(r, c.Path)
	return h, errors.Join(err, r.Close())
}

// Verify reads everything.
func (c File) Verify() (Info, error) {
	return c.Read(func(_, _ []byte) error { return nil })
}

// Read is [Read] of the file.
func (c File) Read(fn func(key, value []byte) error) (Info, error) {
	r, err := os.Open(c.Path)
	if err != nil {
		return Info{}, fmt.Errorf("open a checkpoint: %w", err)
	}
	info, err := Read(bufio.NewReaderSize(r, 1<<16), c.Path, fn)
	return info, errors.Join(err, r.Close())
}
