//go:build unix

package tail

import (
	"io/fs"
	"syscall"
)

// inode returns the file's device and inode number.
func inode(fi fs.FileInfo) (device, number uint64) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	// The width and sign of these fields differ between systems.
	return uint64(st.Dev), uint64(st.Ino) //nolint:unconvert
}
