//go:build unix

package badger

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// freeBytes is what an ordinary user may still write on the disk of dir.
func freeBytes(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("asking for the free space of %s: %w", dir, err)
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}

// usedBytes is what a file takes up; Badger's logs are mostly holes.
func usedBytes(path string) (int64, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	return int64(st.Blocks) * 512, nil
}
