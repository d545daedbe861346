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

// hasName reports whether the open file is still in some folder, where its writer,
// or a reader that starts again, can have it.
func hasName(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 0
}
