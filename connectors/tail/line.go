package tail

import (
	"errors"
	"fmt"
)

// Line is one line of a file, without its line break.
type Line struct {
	Path   string // as configured, also when the line comes from a rotated file
	Number int64  // counted from 1 in each file
	Text   []byte // the receiver's own
	After  Position
}

// Place is where a person finds the line.
func (l Line) Place() string { return fmt.Sprintf("%s:%d", l.Path, l.Number) }

// Position says where reading goes on: behind a line, in one certain file.
type Position struct {
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	Line   int64  `json:"line"`
	// Prefix is the hex SHA-256 of the file's first PrefixLen bytes.
	Prefix    string `json:"prefix,omitempty"`
	PrefixLen int64  `json:"prefixLen,omitempty"`
	Device    uint64 `json:"device,omitempty"`
	Inode     uint64 `json:"inode,omitempty"`
}

// Cursor is a position for each file.
type Cursor []Position

// Of returns the position in path, or one at its beginning.
func (c Cursor) Of(path string) Position {
	for _, p := range c {
		if p.Path == path {
			return p
		}
	}
	return Position{Path: path}
}

// Skip is something that could not be handed over as a line.
type Skip struct {
	Place string
	Err   error // wraps one of the errors below
}

// The reasons of a skip.
var (
	// ErrTooLong: a line longer than the limit.
	ErrTooLong = errors.New("line is too long")
	// ErrLost: lines that were written are not there any more. What follows is
	// not a complete record.
	ErrLost = errors.New("lines were lost")
)
